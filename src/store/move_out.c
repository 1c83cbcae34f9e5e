/* move_out: all rows of a store into a file, which is whole when its last line stands there. */
#include "move.h"
#include "writer.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct out {
	const char *path;
	FILE *file;
	struct buf line;
	struct move_sum sum, all; /* of the table in hand; of the lines that are no rows */
	struct store_moved *moved;
	bool skip;
	const struct move_table *needed; /* one of its rows is damaged, and may not be left out */
};

static enum rh_err
cannot_write(const struct out *out, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "", "%s: %s", out->path, strerror(errno));
}

static enum rh_err
put_line(struct out *out, struct fault *fault)
{
	buf_addc(&out->line, '\n');
	if (fwrite(out->line.p, 1, out->line.len, out->file) == out->line.len)
		return RH_OK;
	return cannot_write(out, fault);
}

/* One that is no row. */
static enum rh_err
say(struct out *out, struct fault *fault)
{
	move_sum_add(&out->all, buf_str(&out->line));
	return put_line(out, fault);
}

/* ---- what the disk has changed ---- */

enum { NAMED_MOST = 1000, NAMED_BYTES = 200 };

/* Its next PUT brings an object back, and the hub lives without the others. Not without a platform,
 * whose tokens and parties would be nobody's, nor an agreement, without which more is allowed. */
static bool
is_spared(const struct move_table *table)
{
	static const char *const names[] = { "object", "version", "parked", "push_failure",
		"pulled", "relink", "hint" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(table->name, names[i]) == 0)
			return true;
	return false;
}

static void
name_damaged(const struct out *out, const struct move_table *table)
{
	struct str row = str_from(buf_str(&out->line), 1);

	for (size_t i = 0; i < out->line.len; i++)
		if (out->line.p[i] == '\t')
			out->line.p[i] = ' ';
	if (row.len > NAMED_BYTES)
		row.len = NAMED_BYTES;
	if (out->moved->damaged <= NAMED_MOST)
		LOG(LOG_ERROR, "row_damaged", KV("table", table->name), KVS("row", row));
}

static void
leave_out(struct out *out, const struct move_table *table)
{
	out->moved->damaged++;
	name_damaged(out, table);
	if (!is_spared(table))
		out->needed = table;
}

static enum rh_err
check_left_out(const struct out *out, struct fault *fault)
{
	unsigned long long count = out->moved->damaged;

	if (count == 0)
		return RH_OK;
	if (out->needed != NULL)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "%llu rows: each is not what was written, the disk has changed it, and "
		        "those "
		        "of table %s cannot be left out",
		        count, out->needed->name);
	if (!out->skip)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "%llu rows: each is not what was written, the disk has changed it; "
		        "--skip-damaged leaves them out",
		        count);
	return RH_OK;
}

/* ---- rows ---- */

static enum rh_err
put_row(void *ctx, const struct move_table *table, const struct move_value *values, bool damaged,
        struct fault *fault)
{
	struct out *out = ctx;

	out->line.len = 0;
	move_print(table, values, &out->line);
	if (damaged) {
		leave_out(out, table);
		return RH_OK;
	}
	move_sum_add(&out->sum, buf_str(&out->line));
	if (table->made && str_is(values[0].s, "change"))
		out->moved->change = values[1].n;
	return put_line(out, fault);
}

static enum rh_err
put_table(struct out *out, struct store *store, const struct move_table *table, struct fault *fault)
{
	out->sum = (struct move_sum){ 0 };
	out->line.len = 0;
	move_print_table(table, &out->line);
	if (say(out, fault) != RH_OK ||
	        store->ops->move->read(store->backend, table, put_row, out, fault) != RH_OK)
		return fault->err;
	out->moved->rows += table->made ? 0 : out->sum.rows;
	out->line.len = 0;
	move_print_rows(&out->sum, &out->line);
	return say(out, fault);
}

static enum rh_err
put_end(struct out *out, struct fault *fault)
{
	move_sum_text(&out->all, out->moved->digest);
	out->line.len = 0;
	buf_printf(&out->line, "end\t%" PRIu64 "\t%s", out->moved->rows, out->moved->digest);
	if (put_line(out, fault) != RH_OK)
		return fault->err;
	if (fflush(out->file) != 0 || fsync(fileno(out->file)) != 0)
		return cannot_write(out, fault);
	return RH_OK;
}

static enum rh_err
put_all(struct out *out, struct store *store, const struct store_found *found, struct fault *fault)
{
	enum rh_err err = store->ops->move->out(store->backend, fault);

	buf_printf(&out->line, "roamhub-move\t%d\t%.*s", MOVE_VERSION, STR_ARG(found->key_mark));
	if (err == RH_OK)
		err = say(out, fault);
	for (size_t i = 0; err == RH_OK && i < MOVE_TABLES; i++)
		err = put_table(out, store, &move_tables[i], fault);
	if (err == RH_OK)
		err = check_left_out(out, fault);
	return err == RH_OK ? put_end(out, fault) : err;
}

static enum rh_err
may_leave(const struct store *store, const struct store_found *found, struct fault *fault)
{
	if (store->ops->move == NULL)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "what is in memory is gone when the hub is stopped");
	if (found->empty)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "the database is empty: there is nothing to export");
	if (found->pending > 0)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "the database is of an older version (%zu migrations are due): bring it to "
		        "this one first, by roamhubd --migrate-only",
		        found->pending);
	return RH_OK;
}

/* It has the sealed tokens of all partners, and what they wrote. */
static enum rh_err
make_file(struct out *out, struct fault *fault)
{
	int fd = open(out->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return cannot_write(out, fault);
	out->file = fdopen(fd, "w");
	if (out->file == NULL) {
		close(fd);
		return cannot_write(out, fault);
	}
	return RH_OK;
}

enum rh_err
store_move_out(struct store *store, const char *path, bool skip_damaged, struct store_moved *moved,
        struct fault *fault)
{
	struct out out = { .path = path, .moved = moved, .skip = skip_damaged };
	struct store_found found;
	enum rh_err err;

	*moved = (struct store_moved){ 0 };
	store->ops->found(store->backend, &found);
	if (may_leave(store, &found, fault) != RH_OK || make_file(&out, fault) != RH_OK)
		return fault->err;
	err = put_all(&out, store, &found, fault);
	if (fclose(out.file) != 0 && err == RH_OK)
		err = cannot_write(&out, fault);
	if (err != RH_OK)
		unlink(path);
	buf_free(&out.line);
	return err;
}
