/* validate_read: files, folders and standard input become documents.
 *
 * A file is one JSON text or one a line. Its name says so (*.jsonl, *.ndjson), or its content: it
 * is no JSON text as a whole, but its first line is one and more lines follow. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "validate.h"

enum { MOST_NODES = 50000000, BLOCK_BYTES = 65536 };

static void
close_file(FILE **file)
{
	if (*file != NULL && *file != stdin)
		(void)fclose(*file);
}

static bool
cannot_read(struct reading *reading, const char *name)
{
	ctl_complain("%s cannot be read: %s", name, strerror(errno));
	reading->failed = true;
	return false;
}

static bool
read_text(struct reading *reading, const char *name, struct buf *text)
{
	CLEANUP(close_file)
	FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	size_t n = 0;

	if (file == NULL)
		return cannot_read(reading, name);
	do {
		buf_reserve(text, BLOCK_BYTES);
		n = fread(text->p + text->len, 1, BLOCK_BYTES, file);
		text->len += n;
	} while (n > 0 && text->len <= INT32_MAX);
	return !ferror(file) || cannot_read(reading, name);
}

/* ---- texts ---- */

/* People count lines, the reader says "offset 12: expected ...". */
static size_t
line_of(struct str text, const char *why)
{
	struct str rest = str_of(why), digits = str_cut(&rest, ':');
	uint64_t offset = 0;
	size_t line = 1;

	if (!str_starts(digits, "offset ") ||
	        !str_to_u64(str_from(digits, strlen("offset ")), text.len, &offset))
		return line;
	for (size_t i = 0; i < offset; i++)
		line += text.p[i] == '\n';
	return line;
}

static struct document *
scan(const struct reading *reading, const char *file, struct str text)
{
	struct document *document = arena_alloc(reading->arena, sizeof *document);
	struct fault fault = { 0 };

	document->file = file;
	if (json_scan(text, MOST_NODES, reading->arena, &document->doc, &fault) == RH_OK)
		return document;
	document->why = arena_cstr(reading->arena, str_of(fault.why));
	document->why_line = line_of(text, fault.why);
	return document;
}

static void
add(struct reading *reading, struct document *document)
{
	*reading->end = document;
	reading->end = &document->next;
	reading->count++;
}

static bool
is_blank(struct str line)
{
	return str_trim(line).len == 0 || str_is(str_trim(line), "\r");
}

static void
add_lines(struct reading *reading, const char *file, struct str text)
{
	for (size_t number = 1; text.p != NULL; number++) {
		struct str line = str_cut(&text, '\n');
		struct document *document;

		if (is_blank(line))
			continue;
		document = scan(reading, file, line);
		document->line = document->why_line = number;
		add(reading, document);
	}
}

static bool
has_lines(const struct reading *reading, const char *file, struct str text)
{
	struct str first = str_cut(&text, '\n');

	return !is_blank(first) && text.p != NULL && scan(reading, file, first)->why == NULL;
}

static bool
named_lines(const char *file)
{
	return fnmatch("*.jsonl", file, 0) == 0 || fnmatch("*.ndjson", file, 0) == 0;
}

static void
read_file(struct reading *reading, const char *file)
{
	struct buf text = { .arena = reading->arena };
	struct document *whole;

	if (!read_text(reading, file, &text))
		return;
	if (named_lines(file)) {
		add_lines(reading, file, buf_str(&text));
		return;
	}
	whole = scan(reading, file, buf_str(&text));
	if (whole->why != NULL && has_lines(reading, file, buf_str(&text)))
		add_lines(reading, file, buf_str(&text));
	else
		add(reading, whole);
}

/* ---- folders ---- */

static int
wanted(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/** Folders, and what is named like JSON; links to folders are not followed, they may lead in
 * circles. */
static void
read_entry(
        struct reading *reading, const char *path, void (*folder)(struct reading *, const char *))
{
	struct stat is;

	if (lstat(path, &is) == 0 && S_ISDIR(is.st_mode))
		folder(reading, path);
	else if (fnmatch("*.json", path, 0) == 0 || named_lines(path))
		read_file(reading, path);
}

static void
read_folder(struct reading *reading, const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, wanted, alphasort);
	size_t len = strlen(folder);
	const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";

	if (count < 0)
		(void)cannot_read(reading, folder);
	for (int i = 0; i < count; i++) {
		struct str path =
		        arena_printf(reading->arena, "%s%s%s", folder, slash, entries[i]->d_name);

		read_entry(reading, path.p, read_folder);
		free(entries[i]);
	}
	free(entries);
}

void
validate_read(struct reading *reading, const char *name)
{
	struct stat is;

	if (strcmp(name, "-") != 0 && stat(name, &is) == 0 && S_ISDIR(is.st_mode))
		read_folder(reading, name);
	else
		read_file(reading, name);
}
