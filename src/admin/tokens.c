/* tokens: a token is made for somebody who is named. The hub keeps nothing of it: its digest is a
 * line for the operator to put into admin.tokens_file. */
#include <stdio.h>
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
	char token[TOKEN_CHARS + 1], digest[2 * RH_DIGEST_BYTES + 1];
	const char *role;
	json_t *object;

	if (!read_named(inquiry, &named))
		return;
	rh_random_text(token, TOKEN_CHARS);
	named_digest(inquiry->admin->hub, &named, str_of(token), named.digest);
	for (size_t i = 0; i < sizeof named.digest; i++)
		(void)snprintf(digest + 2 * i, 3, "%02x", named.digest[i]);
	role = named.viewer ? "viewer" : "admin";
	object = tree_object();
	tree_set_text(object, "name", named.name);
	tree_set_text(object, "role", role);
	tree_set_text(object, "token", token);
	tree_set_str(
	        object, "line", arena_printf(inquiry->arena, "%s:%s:%s", named.name, role, digest));
	rh_wipe(token, sizeof token);
	inquiry_json(inquiry, 201, object);
}
