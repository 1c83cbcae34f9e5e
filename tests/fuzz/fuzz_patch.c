/* fuzz_patch: a write on stored bytes. The first byte chooses module and method; then come, with
 * 0x1e between them (which no JSON holds), the old object, the update, the EVSE's uid and the
 * Connector's id, both of which may be empty.
 *
 * Neither object is checked against its class here, so the merge meets more than the hub ever hands
 * to it. */
#include "fuzz.h"
#include "roamhub/module.h"
#include "roamhub/patch.h"

enum { MAX_NODES = 20000, PUT_FLAG = 0x40 };

static const struct ocpi_class *
choose(uint8_t byte)
{
	size_t count = 0;

	while (ocpi_modules[count] != NULL)
		count++;
	return ocpi_modules[(byte & 0x3f) % count]->object;
}

/** Whether the write may change the root's member @name. */
static bool
touched(const struct ocpi_update *update, const struct json_doc *body, struct str name,
        struct arena *arena)
{
	if (update->evse.p != NULL)
		return str_is(name, "evses") || str_is(name, "last_updated");
	return json_member(body, 0, arena_cstr(arena, name)) != 0;
}

/* Members keep their order, so the old ones are the first of the fresh ones. */
static void
check_fresh(const struct ocpi_update *update, struct str old_text, struct str fresh_text,
        struct arena *arena)
{
	struct json_doc old, fresh, body;
	struct fault fault;
	uint32_t at = 1;

	must(json_scan(fresh_text, 3 * MAX_NODES, arena, &fresh, &fault) == RH_OK,
	        "the result is JSON");
	must(json_scan(old_text, MAX_NODES, arena, &old, &fault) == RH_OK,
	        "the old object was JSON");
	must(json_scan(update->body, MAX_NODES, arena, &body, &fault) == RH_OK,
	        "the update was JSON");
	must(fresh.nodes[0].type == JSON_OBJECT, "the result is an object");
	must(fresh.nodes[0].count >= old.nodes[0].count, "no member goes");
	for (uint32_t key = 1; key < old.count;
	        key = old.nodes[key + 1].next, at = fresh.nodes[at + 1].next) {
		must(str_eq(json_raw(&old, key), json_raw(&fresh, at)), "keys keep their place");
		if (!touched(update, &body, json_string(&old, key, arena), arena))
			must(str_eq(json_raw(&old, key + 1), json_raw(&fresh, at + 1)),
			        "what is not named stays");
	}
}

/* The next part; absent when it is empty. */
static struct str
next_part(struct str *input)
{
	struct str part = str_cut(input, 0x1e);

	return part.len > 0 ? part : (struct str){ 0 };
}

static void
apply(uint8_t choice, struct str input, struct arena *arena)
{
	struct str old = next_part(&input);
	struct ocpi_update update = { .class = choose(choice), .patch = !(choice & PUT_FLAG) };
	struct fault fault = { 0 };
	struct str fresh = { 0 };

	update.body = next_part(&input);
	update.evse = next_part(&input);
	update.connector = update.evse.p != NULL ? next_part(&input) : update.evse;
	if (update.class == NULL || update.body.p == NULL || old.len + update.body.len > MAX_NODES)
		return;
	if (ocpi_update_apply(&update, old, arena, &fresh, &fault) != RH_OK)
		return;
	if (update.patch || update.evse.p != NULL)
		check_fresh(&update, old, fresh, arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(4096);

	if (size > 1)
		apply(bytes[0], input_of(bytes + 1, size - 1), arena);
	arena_free(arena);
	return 0;
}
