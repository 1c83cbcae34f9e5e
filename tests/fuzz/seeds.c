/* seeds: the inputs that the corpora of json, schema and patch begin with, out of the class tables.
 * usage: seeds json|schema|patch DIRECTORY */
#include "fuzz.h"
#include "roamhub/module.h"
#include "roamhub/patch.h"

static void
write_seed(const char *directory, const char *name, struct str text)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", directory, name);
	file = fopen(path, "we");
	must(file != NULL && fwrite(text.p, 1, text.len, file) == text.len && fclose(file) == 0,
	        "the seed is written");
}

static void
seed_class(const char *directory, size_t number, bool choice)
{
	const struct ocpi_class *class = ocpi_classes[number];
	struct ocpi_broken broken;

	for (unsigned seed = 0; seed < 3; seed++) {
		struct buf text = { 0 };
		char name[128];

		if (choice) {
			buf_addc(&text, (char)number);
			buf_addc(&text, (char)(seed == 1    ? CHECK_ANY_ENUM
			                        : seed == 2 ? CHECK_PARTIAL
			                                    : 0));
		}
		if (seed == 2)
			ocpi_generate_broken(class, number, &text, &broken);
		else
			ocpi_generate_with(class, number, seed == 0 ? GENERATE_LEAST : 0, &text);
		(void)snprintf(name, sizeof name, "%s-%u", class->name, seed);
		write_seed(directory, name, buf_str(&text));
		buf_free(&text);
	}
}

static void
seed_module(const char *directory, size_t number)
{
	const struct ocpi_module *module = ocpi_modules[number];

	for (unsigned seed = 0; module->object != NULL && seed < 4; seed++) {
		struct buf text = { 0 };
		char name[128];

		buf_addc(&text, (char)number);
		ocpi_generate_with(module->object, seed, seed == 0 ? GENERATE_LEAST : 0, &text);
		buf_addc(&text, 0x1e);
		ocpi_generate_with(module->object, seed + 7, seed == 1 ? GENERATE_LEAST : 0, &text);
		(void)snprintf(name, sizeof name, "%s-%u", module->id, seed);
		write_seed(directory, name, buf_str(&text));
		buf_free(&text);
	}
}

int
main(int argc, char **argv)
{
	must(argc == 3, "usage: seeds json|schema|patch DIRECTORY");
	for (size_t i = 0; strcmp(argv[1], "patch") != 0 && ocpi_classes[i] != NULL; i++)
		seed_class(argv[2], i, strcmp(argv[1], "schema") == 0);
	for (size_t i = 0; strcmp(argv[1], "patch") == 0 && ocpi_modules[i] != NULL; i++)
		seed_module(argv[2], i);
	return 0;
}
