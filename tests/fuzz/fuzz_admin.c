/* fuzz_admin: what is sent to the admin API, by somebody who has its token.
 *
 * The first byte chooses the verb, the body follows. Those that call others or write files where
 * they are told are left out. A hub lives for HUB_LIFE inputs, so that what they leave behind does
 * not slow it down. */
#include "roamhub/tree.h"

#include "../unit/admin/rig.h"
#include "fuzz.h"

enum { HUB_LIFE = 500 };

static const struct {
	const char *method, *target;
} verbs[] = {
	{ "POST", "/admin/v1/platforms" },
	{ "PATCH", "/admin/v1/platforms/1/settings" },
	{ "POST", "/admin/v1/platforms/1/redrive" },
	{ "POST", "/admin/v1/platforms/1/sync" },
	{ "POST", "/admin/v1/parties/release" },
	{ "POST", "/admin/v1/parties/move" },
	{ "POST", "/admin/v1/agreements" },
};

static struct rig *rig;
static unsigned lived;

static void
end_rig(void)
{
	if (rig != NULL)
		rig_end(rig);
	rig = NULL;
}

static void
begin_rig(void)
{
	static bool registered;

	end_rig();
	if (!registered)
		(void)atexit(end_rig);
	registered = true;
	rig = rig_new();
	lived = 0;
	must(rig_ask(rig, "POST", "/admin/v1/platforms",
	             "{\"name\":\"A\",\"parties\":[\"DE*CPO:CPO\"]}")
	                        .status < 300,
	        "a platform is invited");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct answer answer;
	json_t *tree;
	char *body;

	if (size == 0 || size > 60000)
		return 0;
	if (rig == NULL || lived++ == HUB_LIFE)
		begin_rig();
	body = arena_cstr(rig->arena, input_of(bytes + 1, size - 1));
	answer = rig_ask(rig, verbs[bytes[0] % COUNT(verbs)].method,
	        verbs[bytes[0] % COUNT(verbs)].target, body);
	must(answer.status >= 200 && answer.status < 500, "who sends it is to blame for a refusal");
	tree = tree_read(answer.body, NULL);
	must(tree != NULL, "the answer is JSON");
	tree_drop(&tree);
	arena_reset(rig->arena);
	return 0;
}
