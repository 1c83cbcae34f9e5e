/* replay: runs a fuzz target over every file of the directories that are given, without libFuzzer.
 *
 * So every build, whatever its compiler and sanitizers, holds what fuzzing has found. */
#include <dirent.h>

#include "fuzz.h"

enum { MAX_INPUT_BYTES = 1 << 20 };

/** The input in a block of its own, so that the address sanitizer sees a read beyond its end. */
static void
run_file(const char *path)
{
	FILE *file = fopen(path, "re");
	uint8_t *room = rh_alloc(MAX_INPUT_BYTES), *input;
	size_t size;

	must(file != NULL, "the file can be read");
	size = fread(room, 1, MAX_INPUT_BYTES, file);
	(void)fclose(file);
	input = rh_alloc(size + (size == 0));
	memcpy(input, room, size);
	free(room);
	(void)LLVMFuzzerTestOneInput(input, size);
	free(input);
}

static size_t
run_directory(const char *path)
{
	DIR *directory = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	must(directory != NULL, "the directory can be read");
	while ((entry = readdir(directory)) != NULL) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		run_file(name);
		count++;
	}
	(void)closedir(directory);
	return count;
}

int
main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++)
		count += run_directory(argv[i]);
	printf("%zu inputs\n", count);
	return count > 0 ? 0 : 1;
}
