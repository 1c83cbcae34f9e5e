/* tokens: a token is made for somebody who is named. The hub keeps nothing of it: its digest is a
 * line for the operator to put into admin.tokens_file. */
#include <string.h>

#include "inside.h"

enum { TOKEN_CHARS = 48 };

static bool
read_named(struct inquiry *inquiry, struct admin_named *named)
{
	struct str name = asked_member(inquiry, "name"), role = asked_member(inquiry, "role");

	if (!named_name_good(name) || str_is(name, "local"))
		return inquiry_bad(inquiry, "name",
		        "expected 1 to 32 letters, digits and -._@, other than local");
	if (!named_role(role, &named->viewer))
		return inquiry_bad(inquiry, "role", "expected admin or viewer");
	memcpy(named->name, name.p, name.len);
	return true;
}

void
tokens_make(struct inquiry *inquiry)
{
	struct admin_named named = { 0 };
	char token[TOKEN_CHARS + 1];
	const char *role;
	struct str digest;
	json_t *object;

	if (!read_named(inquiry, &named))
		return;
	rh_random_text(token, TOKEN_CHARS);
	named_digest(inquiry->admin->hub, &named, str_of(token), named.digest);
	digest = named_digest_text(named.digest, inquiry->arena);
	role = named.viewer ? "viewer" : "admin";
	object = tree_object();
	tree_set_text(object, "name", named.name);
	tree_set_text(object, "role", role);
	tree_set_text(object, "token", token);
	tree_set_str(object, "line",
	        arena_printf(inquiry->arena, "%s:%s:%.*s", named.name, role, STR_ARG(digest)));
	rh_wipe(token, sizeof token);
	inquiry_json(inquiry, 201, object);
}
