/* move_file: a file of move_out.c, read line by line. */
#include "move_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MARK_BYTES = 160, END_BYTES = 128 };

struct move_file {
	char *path;
	FILE *file;
	char *line;
	size_t room, len;
	uint64_t at; /* number of the line */
	struct move_sum all;
	char mark[MARK_BYTES];
};

enum rh_err
move_file_fault(const struct move_file *file, struct fault *fault, const char *why)
{
	return fault_set(
	        fault, RH_STORE_FAILED, "", "%s: line %" PRIu64 ": %s", file->path, file->at, why);
}

static enum rh_err
cannot_read(const struct move_file *file, struct fault *fault)
{
	return fault_set(fault, RH_STORE_FAILED, "", "%s: %s", file->path, strerror(errno));
}

enum rh_err
move_file_next(struct move_file *file, struct fault *fault)
{
	ssize_t len = getline(&file->line, &file->room, file->file);

	file->at++;
	if (len < 0 && ferror(file->file))
		return cannot_read(file, fault);
	if (len <= 0 || file->line[len - 1] != '\n')
		return move_file_fault(file, fault, "the file ends here: it was cut");
	file->line[--len] = '\0';
	file->len = (size_t)len;
	return RH_OK;
}

bool
move_file_is_row(const struct move_file *file)
{
	return file->len > 0 && file->line[0] == '+';
}

struct str
move_file_line(const struct move_file *file)
{
	return (struct str){ file->line, file->len };
}

bool
move_file_row(struct move_file *file, const struct move_table *table, struct move_value *values)
{
	return move_parse(table, file->line, file->len, values);
}

void
move_file_said(struct move_file *file)
{
	move_sum_add(&file->all, move_file_line(file));
}

const struct move_sum *
move_file_sum(const struct move_file *file)
{
	return &file->all;
}

/* ---- opening ---- */

static enum rh_err
read_head(struct move_file *file, struct fault *fault)
{
	struct str rest, field;
	uint64_t version;

	if (move_file_next(file, fault) != RH_OK)
		return fault->err;
	rest = move_file_line(file);
	field = str_cut(&rest, '\t');
	if (!str_is(field, "roamhub-move"))
		return move_file_fault(file, fault, "this is no file of roamhubd --export");
	field = str_cut(&rest, '\t');
	if (!str_to_u64(field, UINT32_MAX, &version) || version != MOVE_VERSION)
		return fault_set(fault, RH_STORE_FAILED, "",
		        "%s is of format %.*s, this roamhubd reads format %d: export with the same "
		        "version of "
		        "roamhubd",
		        file->path, STR_ARG(field), MOVE_VERSION);
	if (rest.len >= sizeof(file->mark))
		return move_file_fault(file, fault, "found a long mark of the key");
	(void)snprintf(file->mark, sizeof(file->mark), "%.*s", STR_ARG(rest));
	move_file_said(file);
	return RH_OK;
}

/* Known before anything is begun. What is no regular file is found to be cut when it ends. */
static enum rh_err
look_at_end(struct move_file *file, struct fault *fault)
{
	char end[END_BYTES + 1] = "";
	struct stat st;
	const char *last;
	size_t len;

	if (fstat(fileno(file->file), &st) != 0)
		return cannot_read(file, fault);
	if (!S_ISREG(st.st_mode))
		return RH_OK;
	if (fseeko(file->file, st.st_size > END_BYTES ? -(off_t)END_BYTES : 0,
	            st.st_size > END_BYTES ? SEEK_END : SEEK_SET) != 0)
		return cannot_read(file, fault);
	len = fread(end, 1, END_BYTES, file->file);
	rewind(file->file);
	last = len == 0 || end[len - 1] != '\n' ? NULL : memrchr(end, '\n', len - 1);
	if (last != NULL && strncmp(last + 1, "end\t", 4) == 0)
		return RH_OK;
	return fault_set(fault, RH_STORE_FAILED, "",
	        "%s has no end: it was cut, or is no file of roamhubd --export", file->path);
}

struct move_file *
move_file_open(const char *path, struct fault *fault)
{
	struct move_file *file = rh_alloc(sizeof(*file));

	file->path = rh_strdup(path);
	file->file = fopen(path, "re");
	if (file->file == NULL)
		(void)cannot_read(file, fault);
	else if (look_at_end(file, fault) == RH_OK && read_head(file, fault) == RH_OK)
		return file;
	move_file_close(file);
	return NULL;
}

struct str
move_file_key_mark(const struct move_file *file)
{
	return file->mark[0] == '\0' ? (struct str){ 0 } : str_of(file->mark);
}

void
move_file_close(struct move_file *file)
{
	if (file == NULL)
		return;
	if (file->file != NULL)
		(void)fclose(file->file);
	free(file->line);
	free(file->path);
	free(file);
}
