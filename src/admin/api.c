/* api: the verbs of the admin listener. roamhubctl is their client, docs/operations.md their
 * manual. */
#include "inside.h"

/* clang-format off */
const struct verb admin_verbs[] = {
	{ "GET",    "/healthz",                          health_alive,      VERB_OPEN | VERB_ANY_HOST,
	  "200 as long as the hub runs" },
	{ "GET",    "/readyz",                           health_ready,      VERB_OPEN | VERB_ANY_HOST,
	  "200 when the hub can do its work, else 503, with the reasons" },
	{ "GET",    "/metrics",                          metrics_show,      VERB_NEAR,
	  "counters as Prometheus text; without a token to this machine alone" },
	{ "GET",    "/admin/v1",                         api_index,         0,
	  "this table" },
	{ "GET",    "/admin/v1/platforms",               platforms_list,    0,
	  "platforms with roles, status, version and last contact" },
	{ "POST",   "/admin/v1/platforms",               platforms_invite,  VERB_BODY,
	  "{\"name\", \"parties\": [\"CC*PID:ROLE\"], \"expires_days\"}: invite a platform; the answer has its token A",
	  "party invite", platform_view },
	{ "POST",   "/admin/v1/platforms/connect",       platforms_connect, VERB_BODY,
	  "{\"name\", \"versions_url\", \"token\"} or {\"platform\"}: the hub begins the handshake",
	  "party connect", platform_view },
	{ "GET",    "/admin/v1/platforms/{id}",          platforms_show,    0,
	  "one platform with endpoints, settings, what it is owed and what it refused" },
	{ "DELETE", "/admin/v1/platforms/{id}",          platforms_remove,  0,
	  "forget its tokens and tell it so; its parties are SUSPENDED for the others",
	  "party remove", platform_view },
	{ "POST",   "/admin/v1/platforms/{id}/suspend",  platforms_suspend, 0,
	  "refuse its requests and send nothing to it",
	  "party suspend", platform_view },
	{ "POST",   "/admin/v1/platforms/{id}/resume",   platforms_resume,  0,
	  "end a suspension",
	  "party resume", platform_view },
	{ "POST",   "/admin/v1/platforms/{id}/invite",   platforms_reinvite, VERB_BODY,
	  "{\"expires_days\"}: a fresh token A for a platform that did not register yet; the old one is dead",
	  "party invite --replace", platform_view },
	{ "POST",   "/admin/v1/platforms/{id}/rotate",   platforms_rotate,  0,
	  "exchange the tokens with it now, by PUT of the hub's credentials",
	  "party rotate", platform_view },
	{ "PATCH",  "/admin/v1/platforms/{id}/settings", platforms_set,     VERB_BODY,
	  "{\"KEY\": \"VALUE\"}: change settings of a platform",
	  "party set", platform_view },
	{ "POST",   "/admin/v1/platforms/{id}/redrive",  push_again,        VERB_BODY,
	  "{\"since\", \"dry_run\"}: send again what it refused for good or could not take",
	  "push redrive" },
	{ "POST",   "/admin/v1/platforms/{id}/sync",     push_all,          VERB_BODY,
	  "{\"module\"}: send it the newest of all that it may see",
	  "push sync" },
	{ "POST",   "/admin/v1/platforms/{id}/pull/accept", pulls_accept,   0,
	  "what its lists do not have any more is withdrawn, however much it is",
	  "party pull accept" },
	{ "POST",   "/admin/v1/parties/release",         parties_release,   VERB_BODY,
	  "{\"party\": \"CC*PID\"}: any platform may register what its platform dropped",
	  "party release", party_view },
	{ "POST",   "/admin/v1/parties/move",            parties_move,      VERB_BODY,
	  "{\"party\", \"from\", \"to\"}: what was addressed to it while one platform had it is the other's",
	  "party move", party_view },
	{ "GET",    "/admin/v1/push",                    push_status,       0,
	  "what is owed to each platform, since when, and what keeps it" },
	{ "GET",    "/admin/v1/agreements",              agreements_list,   0,
	  "who may roam with whom" },
	{ "POST",   "/admin/v1/agreements",              agreements_add,    VERB_BODY,
	  "{\"cpo\", \"emsp\", \"modules\", \"from\", \"until\"}: these two may roam",
	  "agreement add", agreement_view },
	{ "DELETE", "/admin/v1/agreements/{id}",         agreements_remove, 0,
	  "they may no longer by this one",
	  "agreement remove", agreement_view },
	{ "GET",    "/admin/v1/series",                  series_show,       0,
	  "?metric=requests|errors|latency platform= window= step=: the last hour, by ten seconds" },
	{ "GET",    "/admin/v1/status",                  status_show,       0,
	  "the hub on one page" },
	{ "GET",    "/admin/v1/check",                   health_check,      0,
	  "the health ladder: level 0 good, 1 warning, 2 critical" },
	{ "GET",    "/admin/v1/log",                     traces_find,          0,
	  "?correlation_id= party= object= platform= module= outcome= since= until= limit= sample=: traces of "
	  "messages, newest last" },
	{ "GET",    "/admin/v1/objects/{module}/{cc}/{pid}/{object}", objects_show, 0,
	  "?type=: one object as it is kept, byte for byte, with digest and sender" },
	{ "GET",    "/admin/v1/objects/{module}/{cc}/{pid}/{object}/delivery", deliveries_show, 0,
	  "?type=: who has it, who waits, who refused it, who does not get it by which rule" },
	{ "GET",    "/admin/v1/route",                   route_ask,         0,
	  "?from= to= module=: what the hub would do, and by which rule" },
	{ "GET",    "/admin/v1/events",                  events_show,       0,
	  "?types= what= who= platform= since= until= before= after= limit=: what happened, newest last" },
	{ "GET",    "/admin/v1/audit",                   audit_list,        0,
	  "?verb= who= platform= since= until= before= after= limit=: who did what, newest last" },
	{ "POST",   "/admin/v1/tokens",                  tokens_make,       VERB_BODY | VERB_ANYWAY,
	  "{\"name\", \"role\"}: make a token, and the line of admin.tokens_file that lets it in",
	  "admin token" },
	{ "GET",    "/admin/v1/config",                  config_show,       0,
	  "every setting with its value and where it came from" },
	{ "POST",   "/admin/v1/reload",                  config_reload,     VERB_ANYWAY,
	  "read the configuration again; 422 with the faults when it is refused",
	  "reload" },
	{ "POST",   "/admin/v1/expiry/resume",           expiry_go_on,      VERB_ANYWAY,
	  "the wall clock is right: what is old expires again",
	  "expiry resume" },
	{ "POST",   "/admin/v1/resume",                  hub_go_on,         0,
	  "a hub that was started with --passive calls and pushes from now on",
	  "resume-hub" },
	{ "POST",   "/admin/v1/backup",                  backup_start,      VERB_BODY | VERB_ANYWAY,
	  "{\"path\"}: copy the database to a new file while the hub goes on",
	  "backup" },
	{ 0 },
};
/* clang-format on */

void
api_index(struct inquiry *inquiry)
{
	json_t *list = tree_list();

	for (const struct verb *verb = admin_verbs; verb->method != NULL; verb++) {
		json_t *object = tree_object();

		tree_set_text(object, "method", verb->method);
		tree_set_text(object, "path", verb->path);
		tree_set_bool(object, "token", (verb->flags & (VERB_OPEN | VERB_NEAR)) == 0);
		tree_set_text(object, "help", verb->help);
		tree_add(list, object);
	}
	inquiry_json(inquiry, 200, list);
}
