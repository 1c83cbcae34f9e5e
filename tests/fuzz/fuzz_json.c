/* fuzz_json: json_scan() held against jansson, value by value.
 *
 * Both refuse \u0000 and, with JSON_REJECT_DUPLICATES, a key twice. They differ in three things: we
 * stop at JSON_MAX_DEPTH and jansson at 2048; jansson refuses numbers that its C types cannot hold,
 * which we pass on; jansson 2.14 overlooks a NUL byte behind a number, which we refuse as any
 * other. */
#include "fuzz.h"
#include "jansson_flat.h"
#include "roamhub/ocpi.h"

static void
check_number(
        const struct json_doc *doc, uint32_t node, const struct flat *flat, struct arena *arena)
{
	const char *text = arena_cstr(arena, json_raw(doc, node));
	int64_t integer;
	char *end;

	must(doc->nodes[node].type == JSON_NUMBER, "jansson reads a number here too");
	if (flat->type == FLAT_REAL) {
		double real = strtod(text, &end);

		must(*end == '\0' && memcmp(&real, &flat->real, sizeof real) == 0,
		        "the number is jansson's");
		return;
	}
	must(strtoll(text, &end, 10) == flat->integer && *end == '\0', "the integer is jansson's");
	must(json_int(doc, node, &integer) && integer == flat->integer, "json_int() agrees");
}

/* What the scanner noted of a string, found out once more from what it means. */
static void
check_noted(const struct json_node *node, struct str text)
{
	bool ascii = true, printable = true;

	for (size_t i = 0; i < text.len; i++) {
		const unsigned char *c = (const unsigned char *)text.p + i;
		bool control = c[0] < 0x20 || c[0] == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
		bool line_break = c[0] == 0xe2 && c[1] == 0x80 && (c[2] | 1) == 0xa9;

		printable &= !control && !line_break;
		ascii &= c[0] >= 0x20 && c[0] < 0x7f;
	}
	must(node->count == ocpi_characters(text), "the characters are counted");
	must(node->printable == printable, "controls and line breaks are noted");
	must(node->ascii == ascii, "what is not ASCII is noted");
}

/* Quoted again it means the same. */
static void
check_string(const struct json_doc *doc, uint32_t node, struct str expected, struct arena *arena)
{
	struct str text = json_string(doc, node, arena);
	struct buf quoted = { .arena = arena };
	struct json_doc again;
	struct fault fault;

	must(str_eq(text, expected), "the string is jansson's");
	check_noted(&doc->nodes[node], text);
	json_quote(&quoted, text);
	must(json_scan(buf_str(&quoted), 1, arena, &again, &fault) == RH_OK,
	        "json_quote() writes JSON");
	must(str_eq(json_string(&again, 0, arena), text), "json_quote() changes nothing");
}

static void
check_value(const struct json_doc *doc, uint32_t node, const struct flat *flat, struct arena *arena)
{
	static const enum json_type types[] = { [FLAT_NULL] = JSON_NULL,
		[FLAT_FALSE] = JSON_FALSE,
		[FLAT_TRUE] = JSON_TRUE,
		[FLAT_ARRAY] = JSON_ARRAY,
		[FLAT_OBJECT] = JSON_OBJECT };
	const struct json_node *at = &doc->nodes[node];
	char pointer[64];

	must(at->at < at->end && at->end <= doc->text.len, "a value lies in the text");
	must(at->next > node && at->next <= doc->count, "its subtree ends behind it");
	json_pointer(doc, node, pointer, sizeof pointer);
	if (flat->type == FLAT_INTEGER || flat->type == FLAT_REAL)
		check_number(doc, node, flat, arena);
	else if (at->type == JSON_STRING)
		check_string(doc, node, flat->text, arena);
	else
		must(at->type == types[flat->type] && at->count == flat->count,
		        "type and count are jansson's");
}

/* Why we may refuse what jansson takes. */
static bool
stricter(struct str text, const struct fault *fault)
{
	return strstr(fault->why, "nested too deep") != NULL ||
	       memchr(text.p, '\0', text.len) != NULL;
}

static void
compare(struct str text, struct arena *arena)
{
	const struct flat *flats = NULL;
	size_t count = 0;
	enum flat_verdict verdict = flat_read(text, arena, &flats, &count);
	struct fault fault = { 0 };
	struct json_doc doc;

	if (json_scan(text, (uint32_t)text.len + 1, arena, &doc, &fault) != RH_OK) {
		must(verdict != FLAT_READ || stricter(text, &fault),
		        "what we refuse jansson refuses");
		return;
	}
	must(memchr(text.p, '\0', text.len) == NULL, "no NUL byte is taken");
	if (verdict == FLAT_TOO_BIG_A_NUMBER)
		return;
	must(verdict == FLAT_READ, "what we take jansson takes");
	must(count == doc.count, "as many values as jansson finds");
	for (uint32_t i = 0; i < doc.count; i++)
		check_value(&doc, i, &flats[i], arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(4096);

	if (size > 0)
		compare(input_of(bytes, size), arena);
	arena_free(arena);
	return 0;
}
