/* sim_generate: valid objects out of the class tables, and almost valid ones, for a partner's
 * tests. */
#include "sim_generate.h"

#include <stdio.h>
#include <string.h>

#include "roamhub/schema.h"

struct wish {
	const struct ocpi_class *class;
	uint64_t seed, count;
	bool broken;
};

static int
usage(const char *what)
{
	(void)fprintf(stderr,
	        "roamhub-sim: generate: %s\n"
	        "usage: roamhub-sim generate CLASS [--seed N] [--count N] [--broken]\n"
	        "classes:",
	        what);
	for (size_t i = 0; ocpi_classes[i] != NULL; i++)
		(void)fprintf(stderr, " %s", ocpi_classes[i]->name);
	(void)fputc('\n', stderr);
	return 2;
}

static bool
read_wish(struct wish *wish, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		bool has_value = i + 1 < argc;

		if (strcmp(argv[i], "--broken") == 0)
			wish->broken = true;
		else if (strcmp(argv[i], "--seed") == 0 && has_value) {
			if (!str_to_u64(str_of(argv[++i]), UINT32_MAX, &wish->seed))
				return false;
		} else if (strcmp(argv[i], "--count") == 0 && has_value) {
			if (!str_to_u64(str_of(argv[++i]), 1000000, &wish->count))
				return false;
		} else if (wish->class == NULL) {
			wish->class = ocpi_class_find(ocpi_classes, str_of(argv[i]));
			if (wish->class == NULL)
				return false;
		} else {
			return false;
		}
	}
	return wish->class != NULL;
}

int
sim_generate(int argc, char **argv)
{
	struct wish wish = { .seed = 1, .count = 1 };

	if (!read_wish(&wish, argc, argv))
		return usage("expected a class, and numbers for --seed and --count");
	for (uint64_t i = 0; i < wish.count; i++) {
		struct ocpi_broken broken;
		struct buf out = { 0 };

		if (wish.broken) {
			ocpi_generate_broken(wish.class, wish.seed + i, &out, &broken);
			(void)fprintf(stderr, "%s: %s\n", broken.pointer, broken.how);
		} else {
			ocpi_generate(wish.class, wish.seed + i, &out);
		}
		(void)printf("%.*s\n", STR_ARG(buf_str(&out)));
		buf_free(&out);
	}
	return 0;
}
