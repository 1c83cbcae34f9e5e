/* files: whole files as text, for scenarios, bodies and tokens. */
#include "files.h"

#include <stdio.h>
#include <string.h>

enum { MOST_FILE_BYTES = 64 << 20 };

static bool
read_all(FILE *file, struct arena *arena, struct str *text)
{
	struct buf all = { .arena = arena };
	char part[16384];
	size_t got;

	while ((got = fread(part, 1, sizeof(part), file)) > 0) {
		if (all.len + got > MOST_FILE_BYTES)
			return false;
		buf_add(&all, (struct str){ part, got });
	}
	*text = buf_str(&all);
	return ferror(file) == 0;
}

bool
file_read(const char *folder, struct str name, struct arena *arena, struct str *text)
{
	struct str path = name;
	FILE *file;
	bool good;

	if (str_is(name, "-"))
		return read_all(stdin, arena, text);
	if (!str_starts(name, "/"))
		path = arena_printf(arena, "%s/%.*s", folder, STR_ARG(name));
	file = fopen(arena_cstr(arena, path), "re");
	if (file == NULL)
		return false;
	good = read_all(file, arena, text);
	fclose(file);
	return good;
}

const char *
folder_of(const char *path, struct arena *arena)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ".";
	return arena_cstr(arena, (struct str){ path, slash == path ? 1 : (size_t)(slash - path) });
}
