/* sim_generate: valid objects out of the class tables, and almost valid ones, for a partner's
 * tests. */
#include "sim_generate.h"
#include "sim_visit.h"

#include <stdio.h>
#include <string.h>

#include "roamhub/schema.h"

struct wish {
	const struct ocpi_class *class;
	uint64_t seed, count;
	bool broken, sense;
};

static int
usage(const char *what)
{
	(void)fprintf(stderr,
	        "roamhub-sim: generate: %s\n"
	        "usage: roamhub-sim generate CLASS [--seed N] [--count N] [--broken]\n"
	        "       roamhub-sim generate --sense [CLASS] [--seed N] [--count N]\n"
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
		else if (strcmp(argv[i], "--sense") == 0)
			wish->sense = true;
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
	return wish->sense ? !wish->broken : wish->class != NULL;
}

/** The objects of one visit, or that of the class that was named; false when it has none such. */
static bool
print_visit(const struct wish *wish, uint64_t seed)
{
	bool told = false;

	for (enum visit_object i = 0; i < VISIT_OBJECTS; i++) {
		struct buf out = { 0 };

		if (wish->class != NULL && strcmp(wish->class->name, sim_visit_classes[i]) != 0)
			continue;
		sim_visit(seed, NULL, i, &out);
		(void)printf("%.*s\n", STR_ARG(buf_str(&out)));
		buf_free(&out);
		told = true;
	}
	return told;
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

		if (wish.sense) {
			if (!print_visit(&wish, wish.seed + i))
				return usage(
				        "--sense knows Location, Tariff, Token, Session and CDR");
			continue;
		}
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
