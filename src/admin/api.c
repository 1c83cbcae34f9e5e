/* api: the verbs of the admin listener. roamhubctl is their client, docs/operations.md their manual. */
#include "inside.h"

/* clang-format off */
const struct verb admin_verbs[] = {
	{ "GET",    "/admin/v1",                         api_index,         0,
	  "this table" },
	{ "GET",    "/admin/v1/platforms",               platforms_list,    0,
	  "platforms with roles, status, version and last contact" },
	{ "POST",   "/admin/v1/platforms",               platforms_invite,  VERB_BODY,
	  "{\"name\", \"parties\": [\"CC*PID:ROLE\"]}: invite a platform; the answer has its token A" },
	{ "POST",   "/admin/v1/platforms/connect",       platforms_connect, VERB_BODY,
	  "{\"name\", \"versions_url\", \"token\"} or {\"platform\"}: the hub begins the handshake" },
	{ "GET",    "/admin/v1/platforms/{id}",          platforms_show,    0,
	  "one platform with endpoints, settings and the last failure" },
	{ "DELETE", "/admin/v1/platforms/{id}",          platforms_remove,  0,
	  "forget its tokens; its parties are SUSPENDED for the others" },
	{ "POST",   "/admin/v1/platforms/{id}/suspend",  platforms_suspend, 0,
	  "refuse its requests and send nothing to it" },
	{ "POST",   "/admin/v1/platforms/{id}/resume",   platforms_resume,  0,
	  "end a suspension" },
	{ "PATCH",  "/admin/v1/platforms/{id}/settings", platforms_set,     VERB_BODY,
	  "{\"KEY\": \"VALUE\"}: change settings of a platform" },
	{ 0 },
};
/* clang-format on */

void
api_index(struct inquiry *inquiry)
{
	struct buf *json = &inquiry->text;

	put_open(json, NULL, '[');
	for (const struct verb *verb = admin_verbs; verb->method != NULL; verb++) {
		put_open(json, NULL, '{');
		put_word(json, "method", verb->method);
		put_word(json, "path", verb->path);
		put_bool(json, "token", (verb->flags & VERB_OPEN) == 0);
		put_word(json, "help", verb->help);
		buf_addc(json, '}');
	}
	buf_addc(json, ']');
	inquiry_json(inquiry, 200);
}
