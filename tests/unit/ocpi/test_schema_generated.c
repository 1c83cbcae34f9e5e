/* schema, generated: the generator and the interpreter held against each other, for every class.
 *
 * What the generator makes passes; each mutation of it is refused with one fault, at the place
 * where the mutation is. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include <roamhub/schema.h>

#include "../suite.h"

enum { SEEDS = 400 };

static struct arena *arena;

static void
set_up(void)
{
	arena = arena_new(1 << 20);
}

static void
tear_down(void)
{
	arena_free(arena);
}

static struct json_doc
scan(struct str text)
{
	struct json_doc doc;
	struct fault fault;

	ck_assert_msg(json_scan(text, UINT32_MAX, arena, &doc, &fault) == RH_OK, "%s: %.*s",
	        fault.why, STR_ARG(text));
	return doc;
}

static void
must_pass(const struct ocpi_class *class, struct str text)
{
	struct json_doc doc = scan(text);
	struct ocpi_flaws flaws;
	struct ocpi_flaw_text words;

	if (ocpi_check(&doc, 0, class, 0, &flaws))
		return;
	ocpi_flaw_text(&doc, &flaws.list[0], &words);
	ck_abort_msg("%s %s: found %s, expected %s in %.*s", class->name, words.pointer,
	        words.found, words.expected, STR_ARG(text));
}

START_TEST(test_what_is_generated_is_valid)
{
	const struct ocpi_class *class = ocpi_classes[_i];
	static const unsigned flags[] = { 0, GENERATE_ALL, GENERATE_LEAST };

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct buf text = { .arena = arena };

		ocpi_generate_with(class, seed, flags[seed % COUNT(flags)], &text);
		must_pass(class, buf_str(&text));
		arena_reset(arena);
	}
}
END_TEST

START_TEST(test_the_same_seed_gives_the_same_bytes_and_another_seed_others)
{
	struct buf one = { .arena = arena }, again = { .arena = arena }, other = { .arena = arena };
	const struct ocpi_class *location = ocpi_class_find(ocpi_classes, STR("Location"));

	ocpi_generate(location, 7, &one);
	ocpi_generate(location, 7, &again);
	ocpi_generate(location, 8, &other);
	ck_assert(str_eq(buf_str(&one), buf_str(&again)));
	ck_assert(!str_eq(buf_str(&one), buf_str(&other)));
}
END_TEST

/* What was seen of a class over the seeds: optional fields there and not there, enum values. */
struct seen {
	bool there[OCPI_MAX_FIELDS], absent[OCPI_MAX_FIELDS];
	bool values[OCPI_MAX_FIELDS][48];
};

static void
see_values(const struct json_doc *doc, uint32_t node, const struct ocpi_field *field, bool *values)
{
	const struct json_node *n = &doc->nodes[node];
	uint32_t first = n->type == JSON_ARRAY ? node + 1 : node;
	uint32_t end = n->type == JSON_ARRAY ? n->next : node + 1;

	for (uint32_t child = first; child < end; child = doc->nodes[child].next)
		for (size_t i = 0; field->values->values[i][0] != '\0'; i++)
			if (str_is(json_string(doc, child, arena), field->values->values[i]))
				values[i] = true;
}

static void
see_object(const struct json_doc *doc, const struct ocpi_class *class, struct seen *seen)
{
	for (size_t i = 0; class->fields[i].name[0] != '\0'; i++) {
		uint32_t node = json_member(doc, 0, class->fields[i].name);

		*(node == 0 ? &seen->absent[i] : &seen->there[i]) = true;
		if (node != 0 && class->fields[i].kind == KIND_ENUM)
			see_values(doc, node, &class->fields[i], seen->values[i]);
	}
}

START_TEST(test_every_optional_field_and_every_enum_value_is_used)
{
	const struct ocpi_class *class = ocpi_classes[_i];
	struct seen seen = { 0 };

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct buf text = { .arena = arena };
		struct json_doc doc;

		ocpi_generate(class, seed, &text);
		doc = scan(buf_str(&text));
		see_object(&doc, class, &seen);
		arena_reset(arena);
	}
	for (size_t i = 0; class->fields[i].name[0] != '\0'; i++) {
		const struct ocpi_field *field = &class->fields[i];
		bool optional = field->card == OPT || field->card == MANY;

		ck_assert_msg(seen.there[i], "%s.%s never came", class->name, field->name);
		ck_assert_msg(seen.absent[i] == optional, "%s.%s: absent or not", class->name,
		        field->name);
		for (size_t v = 0; field->kind == KIND_ENUM && field->values->values[v][0] != '\0';
		        v++)
			ck_assert_msg(seen.values[i][v], "%s.%s was never %s", class->name,
			        field->name, field->values->values[v]);
	}
}
END_TEST

/** @text must be refused with one fault, at the pointer of @broken. */
static void
must_fail(const struct ocpi_class *class, struct str text, const struct ocpi_broken *broken)
{
	struct json_doc doc = scan(text);
	struct ocpi_flaw_text words = { 0 };
	struct ocpi_flaws flaws;

	ocpi_check(&doc, 0, class, 0, &flaws);
	if (flaws.count > 0)
		ocpi_flaw_text(&doc, &flaws.list[0], &words);
	ck_assert_msg(flaws.count == 1, "%s %s (%s): %zu faults, the first at %s in %.*s",
	        class->name, broken->pointer, broken->how, flaws.count, words.pointer,
	        STR_ARG(text));
	ck_assert_msg(strcmp(words.pointer, broken->pointer) == 0, "%s %s (%s): fault at %s",
	        class->name, broken->pointer, broken->how, words.pointer);
	ck_assert(words.found[0] != '\0' && words.expected[0] != '\0');
}

/* Every kind of mutation, so that one which never comes is noticed. */
static const char *const hows[] = { "missing", "null", "number for text", "text for something else",
	"true for something else", "object for something else", "list for something else",
	"in a list", "object for a list", "number for a list", "element for a list", "empty list",
	"null in a list", "empty text", "control character", "not ASCII", "too long by one", "form",
	"empty enum", "unknown enum value", "enum value in lower case", "fraction for integer",
	"integer out of range", "too many fractional digits", "below its range", "above its range",
	"number for the whole", "null for the whole", "the whole in a list",
	"what another field needs is missing", "what a value calls for is missing",
	"there although a value forbids it", "too long for what the object is",
	"not behind the other one", "not among what a field allows",
	"an id that another element has", "nothing of what one is due of" };
static size_t counts[COUNT(hows)];

static void
count_how(const char *how)
{
	size_t i = 0;

	while (i < COUNT(hows) && strcmp(hows[i], how) != 0)
		i++;
	ck_assert_msg(i < COUNT(hows), "%s is not in the list", how);
	counts[i]++;
}

static size_t
mutate_all(const struct ocpi_class *class, uint64_t seed, unsigned flags, struct arena *own)
{
	struct buf valid = { .arena = own };
	struct json_doc doc;
	struct fault fault;
	size_t n = 0;

	ocpi_generate_with(class, seed, flags, &valid);
	ck_assert_int_eq(json_scan(buf_str(&valid), UINT32_MAX, own, &doc, &fault), RH_OK);
	for (;; n++) {
		struct buf text = { .arena = arena };
		struct ocpi_broken broken;

		if (!ocpi_mutate(&doc, class, n, &text, &broken))
			return n;
		must_fail(class, buf_str(&text), &broken);
		count_how(broken.how);
		arena_reset(arena);
	}
}

START_TEST(test_every_mutation_is_refused_at_its_pointer)
{
	size_t fields = 0, mutations = 0, objects = 0;

	for (const struct ocpi_class *const *class = ocpi_classes; *class != NULL; class ++) {
		for (uint64_t seed = 0; seed < 4; seed++, objects++) {
			struct arena *own = arena_new(1 << 16);

			mutations += mutate_all(*class, seed, seed == 0 ? GENERATE_ALL : 0, own);
			arena_free(own);
		}
		for (const struct ocpi_field *field = (*class)->fields; field->name[0] != '\0';
		        field++)
			fields++;
	}
	printf("schema: %zu mutations of %zu objects of %zu fields refused, each with its "
	       "pointer\n",
	        mutations, objects, fields);
	for (size_t i = 0; i < COUNT(hows); i++)
		ck_assert_msg(counts[i] > 0, "no mutation: %s", hows[i]);
	ck_assert_uint_gt(mutations, 5000);
}
END_TEST

START_TEST(test_a_broken_object_has_the_one_fault_that_it_says)
{
	const struct ocpi_class *class = ocpi_classes[_i];
	const char *first = NULL;
	bool varied = false;

	for (uint64_t seed = 0; seed < 60; seed++) {
		struct buf text = { .arena = arena };
		struct ocpi_broken broken;

		ocpi_generate_broken(class, seed, &text, &broken);
		must_fail(class, buf_str(&text), &broken);
		first = first == NULL ? broken.how : first;
		varied |= first != broken.how;
		arena_reset(arena);
	}
	ck_assert_msg(varied, "%s is broken in one way only", class->name);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("schema generated");
	TCase *tcase = tcase_create("generated");
	int classes = 0;

	while (ocpi_classes[classes] != NULL)
		classes++;
	tcase_set_timeout(tcase, 300);
	tcase_add_checked_fixture(tcase, set_up, tear_down);
	tcase_add_loop_test(tcase, test_what_is_generated_is_valid, 0, classes);
	tcase_add_test(tcase, test_the_same_seed_gives_the_same_bytes_and_another_seed_others);
	tcase_add_loop_test(
	        tcase, test_every_optional_field_and_every_enum_value_is_used, 0, classes);
	tcase_add_test(tcase, test_every_mutation_is_refused_at_its_pointer);
	tcase_add_loop_test(tcase, test_a_broken_object_has_the_one_fault_that_it_says, 0, classes);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
