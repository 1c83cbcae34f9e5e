/* fuzz_schema: any JSON against any class. The first byte chooses the class, the second the flags,
 * JSON follows. */
#include "fuzz.h"
#include "roamhub/schema.h"

enum { MAX_NODES = 20000, ALL_FLAGS = CHECK_PARTIAL | CHECK_ANY_ENUM | CHECK_LIST };

static const struct ocpi_class *
choose(uint8_t byte)
{
	size_t count = 0;

	while (ocpi_classes[count] != NULL)
		count++;
	return ocpi_classes[byte % count];
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Every fault has a place and something to say; together they are JSON. */
static void
check_texts(const struct json_doc *doc, const struct ocpi_flaws *flaws, struct arena *arena)
{
	size_t count = least(flaws->count, OCPI_MAX_FLAWS);
	struct buf json = { .arena = arena };
	struct fault fault = { 0 };
	struct ocpi_flaw_text text;
	struct json_doc again;

	for (size_t i = 0; i < count; i++) {
		must(flaws->list[i].node < doc->count, "a fault is at a value");
		ocpi_flaw_text(doc, &flaws->list[i], &text);
		must(text.found[0] != '\0' && text.expected[0] != '\0',
		        "a fault says what was found and expected");
	}
	for (size_t i = 0; i < least(flaws->warnings, OCPI_MAX_WARNINGS); i++)
		ocpi_flaw_text(doc, &flaws->warning[i], &text);
	ocpi_flaws_json(doc, flaws, &json);
	must(json_scan(buf_str(&json), MAX_NODES, arena, &again, &fault) == RH_OK,
	        "the list of faults is JSON");
	must(again.nodes[0].type == JSON_ARRAY && again.nodes[0].count == count,
	        "it names each fault");
	if (count > 0)
		must(ocpi_flaws_fault(doc, flaws, &fault) == RH_BAD_FIELD && fault.why[0] != '\0',
		        "one stands for all");
}

static void
check_object(const struct json_doc *doc, const struct ocpi_class *class, unsigned flags,
        struct arena *arena)
{
	struct ocpi_flaws flaws, more;
	bool good = ocpi_check(doc, 0, class, flags, &flaws);

	must(good == (flaws.count == 0), "good means without a fault");
	check_texts(doc, &flaws, arena);
	if (good)
		must(ocpi_check(doc, 0, class, flags | CHECK_ANY_ENUM, &more),
		        "what is strictly good is good leniently");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(4096);
	struct json_doc doc;
	struct fault fault;

	if (size > 2 &&
	        json_scan(input_of(bytes + 2, size - 2), MAX_NODES, arena, &doc, &fault) == RH_OK)
		check_object(&doc, choose(bytes[0]), bytes[1] & ALL_FLAGS, arena);
	arena_free(arena);
	return 0;
}
