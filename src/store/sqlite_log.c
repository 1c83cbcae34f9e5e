/* sqlite_log: a log that is damaged is not taken for one that ends there.
 *
 * After a crash SQLite reads the log up to the first frame whose checksum is wrong, as the last
 * transaction may have been written in part, and forgets what is behind it. A flipped bit in the
 * midst of a log would so undo what was acknowledged, without a word. What a crash leaves can be
 * told from that: before a transaction is written the one before it was synced, so behind a frame
 * that a crash spoiled there is no commit but its own. A checksum goes on from that of the frame
 * before it, so each frame can be judged by itself.
 *
 * That holds within one generation of the log (its salt): db_open() begins a new one, so that what
 * an earlier crash left behind is not of this one. The last transaction is beyond this: its damage
 * looks like a crash before its sync. */
#include "sqlite_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAD_BYTES = 32,
	FRAME_HEAD_BYTES = 24,
	SECTOR_BYTES = 512, /* what a disk writes as a whole */
	PAGE_LEAST = 512,
	PAGE_MOST = 65536,
	MAGIC = 0x377f0682, /* the last bit: checksums are of big-endian words */
};
struct sums {
	uint32_t a, b;
};
struct log_file {
	FILE *file;
	uint8_t head[HEAD_BYTES];
	size_t page_bytes;
	bool big_endian, head_is_right;
	struct sums before; /* stored in the frame before, or in the head */
	uint8_t *frame;     /* head and page */
	size_t number;      /* of it, from 1 on */
};

/* ---- the format ---- */

static uint32_t
big(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t
little(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static struct sums
sum_on(struct sums sums, bool big_endian, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8) {
		sums.a += (big_endian ? big(bytes + i) : little(bytes + i)) + sums.b;
		sums.b += (big_endian ? big(bytes + i + 4) : little(bytes + i + 4)) + sums.a;
	}
	return sums;
}

static struct sums
stored(const uint8_t *p)
{
	return (struct sums){ big(p), big(p + 4) };
}

static bool
same(struct sums left, struct sums right)
{
	return left.a == right.a && left.b == right.b;
}

/* False: there is no log to judge. */
static bool
read_head(struct log_file *log)
{
	if (fread(log->head, 1, HEAD_BYTES, log->file) != HEAD_BYTES)
		return false;
	log->page_bytes = big(log->head + 8) == 1 ? PAGE_MOST : big(log->head + 8);
	if (log->page_bytes < PAGE_LEAST || log->page_bytes > PAGE_MOST ||
	        (log->page_bytes & (log->page_bytes - 1)) != 0)
		log->page_bytes = 4096; /* of every database that this program made */
	log->big_endian = (log->head[3] & 1) != 0;
	log->before = stored(log->head + 24);
	log->head_is_right =
	        (big(log->head) & ~1U) == MAGIC &&
	        same(sum_on((struct sums){ 0, 0 }, log->big_endian, log->head, 24), log->before);
	return true;
}

static bool
next_frame(struct log_file *log)
{
	size_t bytes = FRAME_HEAD_BYTES + log->page_bytes;

	if (fread(log->frame, 1, bytes, log->file) != bytes)
		return false;
	log->number++;
	return true;
}

/* Of this generation, with the checksum that follows from the frame before it. */
static bool
is_right(struct log_file *log)
{
	struct sums sums = sum_on(log->before, log->big_endian, log->frame, 8);

	sums = sum_on(sums, log->big_endian, log->frame + FRAME_HEAD_BYTES, log->page_bytes);
	log->before = stored(log->frame + 16);
	return same(sums, log->before) &&
	       (!log->head_is_right || memcmp(log->frame + 8, log->head + 16, 8) == 0);
}

static bool
is_commit(const struct log_file *log)
{
	return big(log->frame + 4) != 0;
}

/* Its head says that it is a commit of this generation, and was not written in part. */
static bool
is_surely_commit(const struct log_file *log)
{
	size_t at = HEAD_BYTES + (log->number - 1) * (FRAME_HEAD_BYTES + log->page_bytes);

	return is_commit(log) && memcmp(log->frame + 8, log->head + 16, 8) == 0 &&
	       at % SECTOR_BYTES + FRAME_HEAD_BYTES <= SECTOR_BYTES;
}

/* ---- judging ---- */

/* The number of the frame that is damaged, and the commits behind it that are right. */
static size_t
find_damage(struct log_file *log, size_t *commits)
{
	size_t damaged = 0, least = 1;

	*commits = 0;
	while (next_frame(log)) {
		bool right = is_right(log);

		if (damaged != 0)
			*commits += right && is_commit(log);
		else if (!log->head_is_right)
			*commits += right && is_commit(log);
		else if (!right) {
			damaged = log->number;
			least = is_surely_commit(log) ? 1 : 2;
		}
	}
	if (*commits >= least)
		return damaged;
	*commits = 0;
	return 0;
}

static enum rh_err
judge(struct log_file *log, const char *path, struct fault *fault)
{
	size_t commits = 0, frame;

	if (!read_head(log))
		return RH_OK;
	log->frame = rh_alloc(FRAME_HEAD_BYTES + log->page_bytes);
	frame = find_damage(log, &commits);
	free(log->frame);
	if (commits == 0)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "%s is damaged at frame %zu, and %zu transactions behind that would be lost: see "
	        "docs/operations.md, \"A damaged database\"",
	        path, frame, commits);
}

enum rh_err
db_log_judge(const char *path, struct fault *fault)
{
	struct log_file log = { .file = fopen(path, "rbe") };
	enum rh_err err;

	if (log.file == NULL)
		return errno == ENOENT ? RH_OK
		                       : fault_set(fault, RH_STORE_FAILED, "store.url", "%s: %s",
		                                 path, strerror(errno));
	err = judge(&log, path, fault);
	(void)fclose(log.file);
	return err;
}
