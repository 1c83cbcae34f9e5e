/* settings: the configuration table, shared by roamhubd and roamhubctl.
 *
 * The table is the one place that knows a key: the reader, the sample file (config/roamhub.conf),
 * the reload and `roamhubctl config show` all walk it. Bounds are there to catch slips of the pen,
 * not to forbid what is unusual. */
#include "roamhub/config.h"

#include "roamhub/net.h"

#include <ctype.h>
#include <string.h>

#define AT(field) offsetof(struct settings, field)

enum {
	SECOND = 1000,
	MINUTE = 60 * SECOND,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	KB = 1 << 10,
	MB = 1 << 20,
};
#define TB ((int64_t)1 << 40)

static const char *const routing_words[] = { "open", "closed", NULL };
static const char *const unchanged_words[] = {
	[UNCHANGED_SKIP] = "skip",
	[UNCHANGED_SEND] = "send",
	NULL,
};
static const char *const proxy_words[] = {
	[PROXY_X_FORWARDED_FOR] = "x-forwarded-for",
	[PROXY_FORWARDED] = "forwarded",
	NULL,
};
static const char *const bodies_words[] = {
	[TRACE_BODIES_NONE] = "none",
	[TRACE_BODIES_FAILURES] = "failures",
	[TRACE_BODIES_ALL] = "all",
	NULL,
};
static const char *const validation_words[] = {
	[VALIDATION_STRICT] = "strict",
	[VALIDATION_LENIENT] = "lenient",
	[VALIDATION_OFF] = "off",
	NULL,
};
static const char *const level_words[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
	NULL,
};
static const char *const format_words[] = { [LOG_TEXT] = "text", [LOG_JSON] = "json", NULL };

static bool
refuse(char *why, size_t why_size, const char *expected)
{
	snprintf(why, why_size, "%s", expected);
	return false;
}

static bool
all_are(int (*kind)(int c), const char *value, size_t len)
{
	for (size_t i = 0; value[i] != '\0'; i++)
		if (kind((unsigned char)value[i]) == 0)
			return false;
	return strlen(value) == len;
}

static bool
check_country(const char *value, char *why, size_t why_size)
{
	return all_are(isalpha, value, 2) ||
	       refuse(why, why_size, "two letters (ISO 3166-1 alpha-2)");
}

static bool
check_party(const char *value, char *why, size_t why_size)
{
	return all_are(isalnum, value, 3) ||
	       refuse(why, why_size, "three letters or digits (ISO 15118)");
}

static bool
check_name(const char *value, char *why, size_t why_size)
{
	if (value[0] != '\0')
		return true;
	return refuse(why, why_size, "a name of at least one character");
}

/* What is set is shown by `config show` and stands in command lines. */
static bool
has_password(const char *url)
{
	const char *authority = url + strlen("postgresql://");
	const char *end = authority + strcspn(authority, "/?");
	const char *at = memchr(authority, '@', (size_t)(end - authority));

	return (at != NULL && memchr(authority, ':', (size_t)(at - authority)) != NULL) ||
	       strstr(end, "password=") != NULL;
}

static bool
check_store_url(const char *value, char *why, size_t why_size)
{
	if (strcmp(value, "memory:") == 0)
		return true;
	if (strncmp(value, "sqlite:", 7) == 0 && value[7] != '\0')
		return true;
	if (strncmp(value, "postgresql://", 13) != 0)
		return refuse(why, why_size, "sqlite:PATH or postgresql://...");
	return !has_password(value) ||
	       refuse(why, why_size,
	               "postgresql://... without the password: that belongs into a file "
	               "(passfile=PATH, or PGPASSFILE)");
}

static bool
check_allow(const char *value, char *why, size_t why_size)
{
	struct fault fault = { 0 };
	struct net_egress *egress = net_egress_new(false, value, &fault);

	if (egress == NULL) {
		snprintf(why, why_size, "a list of ADDRESS/BITS: %s", fault.why);
		return false;
	}
	net_egress_free(egress);
	return true;
}

static bool
is_of_host(char c)
{
	return isalnum((unsigned char)c) != 0 || c == '-' || c == '.' || c == '_';
}

static bool
is_host(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!is_of_host(name.p[i]))
			return false;
	return name.len > 0;
}

static bool
check_hosts(const char *value, char *why, size_t why_size)
{
	struct str left = str_of(value);

	while (str_trim(left).len > 0)
		if (!is_host(str_trim(str_cut(&left, ','))))
			return refuse(why, why_size, "a list of names without scheme and port");
	return true;
}

static bool
check_origin(const char *value, char *why, size_t why_size)
{
	const char *host = strstr(value, "//");

	return (host != NULL && strchr(host + 2, '/') == NULL) ||
	       refuse(why, why_size, "scheme, host and port without a path");
}

static bool
check_proxies(const char *value, char *why, size_t why_size)
{
	struct fault fault = { 0 };
	struct net_ranges *ranges = net_ranges_new(value, "http.trusted_proxies", &fault);

	if (ranges == NULL) {
		snprintf(why, why_size, "a list of ADDRESS/BITS: %s", fault.why);
		return false;
	}
	net_ranges_free(ranges);
	return true;
}

static bool
is_pulled(struct str name)
{
	static const char *const modules[] = { "locations", "tariffs", "tokens", "sessions",
		"cdrs" };

	for (size_t i = 0; i < COUNT(modules); i++)
		if (str_is(name, modules[i]))
			return true;
	return false;
}

static bool
check_pulled(const char *value, char *why, size_t why_size)
{
	struct str left = str_of(value);

	while (left.p != NULL)
		if (!is_pulled(str_trim(str_cut(&left, ','))))
			return refuse(why, why_size,
			        "a list of locations, tariffs, tokens, sessions, cdrs");
	return true;
}

/* clang-format off */
const struct conf_key settings_keys[] = {
	/* section, key, type, field, default, min, max */
	{ "hub", "country_code", CONF_TEXT, AT(country_code), "DE", 0, 2, .check = check_country,
	  .help = "Country of the hub's own OCPI identity (role HUB)." },
	{ "hub", "party_id", CONF_TEXT, AT(party_id), "HUB", 0, 3, .check = check_party,
	  .help = "Party id of the hub's own OCPI identity." },
	{ "hub", "name", CONF_TEXT, AT(name), "Roaming Hub", 0, 100, .check = check_name,
	  .help = "Name of the hub as parties see it in its business details." },
	{ "hub", "public_url", CONF_URL, AT(public_url), NULL, 0, 200,
	  .help = "Every URL the hub hands out begins with it; may carry a path prefix. Unset: the address listened on." },

	{ "http", "listen", CONF_ADDRESS, AT(http_listen), "127.0.0.1:8080", 0, 0,
	  .help = "OCPI listener; port 0 takes any free port." },
	{ "http", "tls_certificate", CONF_PATH, AT(tls_certificate), NULL, 0, 0, NULL, CONF_RELOADABLE,
	  .help = "Certificate chain (PEM); with http.tls_key the OCPI listener speaks HTTPS." },
	{ "http", "tls_key", CONF_PATH, AT(tls_key), NULL, 0, 0, NULL, CONF_RELOADABLE,
	  .help = "Private key of the certificate (PEM)." },
	{ "http", "workers", CONF_INT, AT(workers), "0", 0, 256,
	  .help = "Worker threads; 0 starts as many as there are processors." },
	{ "http", "max_body", CONF_BYTES, AT(max_body_bytes), "1M", KB, 256 * MB,
	  .help = "Largest request body accepted; more gets 413." },
	{ "http", "max_connections", CONF_INT, AT(max_connections), "10000", 1, 1000000,
	  .help = "Connections a worker holds at a time." },
	{ "http", "head_timeout", CONF_SECONDS, AT(head_ms), "10", 10, HOUR,
	  .help = "Time in which the head of a request has to be complete." },
	{ "http", "body_timeout", CONF_SECONDS, AT(body_ms), "30", 10, HOUR,
	  .help = "Time in which the body of a request has to be complete." },
	{ "http", "idle_timeout", CONF_SECONDS, AT(idle_ms), "120", 10, DAY,
	  .help = "Time for which a kept-alive connection may wait for its next request." },
	{ "http", "trusted_proxies", CONF_TEXT, AT(trusted_proxies), "", 0, 4000, .check = check_proxies,
	  .help = "Networks of reverse proxies of which http.proxy_header tells the address of who asks, for example 10.1.0.0/16." },
	{ "http", "proxy_header", CONF_ENUM, AT(proxy_header), "x-forwarded-for", 0, 0, proxy_words,
	  .help = "The one of the two headers that they write; whatever stands in the other is a client's." },
	{ "http", "stop_timeout", CONF_SECONDS, AT(stop_ms), "15", 100, HOUR,
	  .help = "Time in which a stop ends; what is still under way after three quarters of it is cut off." },

	{ "admin", "listen", CONF_ADDRESS, AT(admin_listen), "127.0.0.1:8081", 0, 0,
	  .help = "Listener of the admin API, the metrics and the console." },
	{ "admin", "token_file", CONF_PATH, AT(admin_token_file), NULL, 0, 0,
	  .help = "File with the bearer token of the admin API, made on first start when absent. Unset: beside the database." },
	{ "admin", "tokens_file", CONF_PATH, AT(admin_tokens_file), NULL, 0, 0, NULL, CONF_RELOADABLE,
	  .help = "Named tokens of the admin API, a line each as roamhubctl admin token prints it; read again by a reload." },
	{ "admin", "hosts", CONF_TEXT, AT(admin_hosts), "", 0, 4000, NULL, CONF_RELOADABLE, .check = check_hosts,
	  .help = "Names that the admin listener answers to beside its addresses, for example hub.example, hub.lan." },

	{ "portal", "listen", CONF_ADDRESS, AT(portal_listen), NULL, 0, 0,
	  .help = "Listener of the partners' pages, for who has a link of roamhubctl party portal. Unset: there are none." },
	{ "portal", "public_url", CONF_URL, AT(portal_url), NULL, 0, 200, .check = check_origin,
	  .help = "What partners reach them under, for example https://portal.hub.example; links begin with it. Unset: the address listened on." },

	{ "store", "url", CONF_TEXT, AT(store_url), "sqlite:roamhub.db", 0, 4000, .check = check_store_url,
	  .help = "Where the hub keeps its state: sqlite:PATH, or postgresql://USER@HOST/DATABASE (see docs/operations.md)." },
	{ "store", "standby", CONF_BOOL, AT(standby), "false", 0, 0,
	  .help = "Stand by while another hub has the PostgreSQL, and take its place when it is gone (see docs/operations.md)." },
	{ "store", "together", CONF_BOOL, AT(together), "false", 0, 0,
	  .help = "Share the PostgreSQL, and the work, with other hubs of which each is set so (see docs/operations.md)." },
	{ "store", "key_file", CONF_PATH, AT(key_file), NULL, 0, 0,
	  .help = "File with the secret that seals parties' tokens, made on first start when absent. Unset: beside the database." },
	{ "store", "keep_addressed", CONF_BOOL, AT(keep_addressed), "true", 0, 0,
	  .help = "Keep copies of objects that were addressed to one party, shown to that pair alone." },
	{ "store", "retention_days", CONF_INT, AT(retention_days), "400", 1, 36500,
	  .help = "Days for which sessions and CDRs stay." },
	{ "store", "event_days", CONF_INT, AT(event_days), "400", 1, 36500,
	  .help = "Days for which it stays written what operators did and what happened to the hub." },
	{ "store", "event_rows", CONF_INT, AT(event_rows), "100000", 100, 10000000,
	  .help = "Rows of each kind of such events above which the oldest go." },
	{ "store", "stale_after", CONF_SECONDS, AT(stale_ms), "2", 0, DAY,
	  .help = "Silence of a PostgreSQL after which what is only passed on gets 503, as what the hub knows may be out of date; 0: never." },

	{ "egress", "allow_private", CONF_BOOL, AT(allow_private), "false", 0, 0, NULL, CONF_RELOADABLE,
	  .help = "May the hub call parties on loopback, link-local and private addresses." },
	{ "egress", "allow", CONF_TEXT, AT(egress_allow), "", 0, 4000, NULL, CONF_RELOADABLE, .check = check_allow,
	  .help = "Networks that may be called although private, for example 10.1.0.0/16, fd00:1::/64." },
	{ "egress", "allow_http", CONF_BOOL, AT(allow_http), "true", 0, 0, NULL, CONF_RELOADABLE,
	  .help = "May parties be called over plain http: OCPI demands https, and false enforces it." },
	{ "egress", "ca_file", CONF_PATH, AT(ca_file), NULL, 0, 0, NULL, CONF_RELOADABLE,
	  .help = "CA bundle (PEM) for parties' certificates, beside the system's." },
	{ "egress", "connect_timeout", CONF_SECONDS, AT(connect_ms), "3", 10, 10 * MINUTE, NULL, CONF_RELOADABLE,
	  .help = "Time in which a connection to a party has to stand, TLS included." },
	{ "egress", "timeout", CONF_SECONDS, AT(call_ms), "10", 10, HOUR, NULL, CONF_RELOADABLE,
	  .help = "Time in which a call to a party has to be answered completely." },
	{ "egress", "authorize_timeout", CONF_SECONDS, AT(authorize_ms), "5", 10, HOUR, NULL, CONF_RELOADABLE,
	  .help = "The same for real-time authorization, where a driver waits in front of the charger." },
	{ "egress", "max_answer", CONF_BYTES, AT(max_answer_bytes), "8M", KB, 256 * MB, NULL, CONF_RELOADABLE,
	  .help = "Largest body of a party's answer that is taken." },
	{ "egress", "connections", CONF_INT, AT(connections_per_party), "256", 1, 4096, NULL, CONF_RELOADABLE,
	  .help = "Connections to one origin (scheme, host and port), for each worker." },
	{ "egress", "waiting", CONF_INT, AT(waiting_per_party), "1024", 0, 1000000, NULL, CONF_RELOADABLE,
	  .help = "Calls to one origin that may wait for a connection, for each worker." },

	{ "push", "still_alive_interval", CONF_SECONDS, AT(still_alive_ms), "300", 10, 7 * DAY, NULL, CONF_RELOADABLE,
	  .help = "Silence after which a party's versions endpoint is probed; up to an eighth later, differently for each, and at most 32 at once." },
	{ "push", "offline_after", CONF_INT, AT(offline_after), "3", 1, 1000, NULL, CONF_RELOADABLE,
	  .help = "Deliveries in a row that failed by connection or timeout after which a party counts as OFFLINE; two failed probes do the same." },
	{ "push", "retry_interval", CONF_SECONDS, AT(retry_ms), "30", 10, 7 * DAY, NULL, CONF_RELOADABLE,
	  .help = "Time between attempts on an OFFLINE party." },
	{ "push", "unchanged", CONF_ENUM, AT(push_unchanged), "skip", 0, 0, unchanged_words, CONF_RELOADABLE,
	  .help = "What is shared again with the same bytes: skip answers and counts it, send pushes it once more." },

	{ "pull", "interval", CONF_SECONDS, AT(pull_ms), "0", 0, 7 * DAY, NULL, CONF_RELOADABLE,
	  .help = "Time between pulls from parties' Sender interfaces; 0 turns pulling off." },
	{ "pull", "modules", CONF_TEXT, AT(pull_modules), "locations,tariffs,tokens", 0, 200, NULL, CONF_RELOADABLE, .check = check_pulled,
	  .help = "What is pulled: some of locations, tariffs, tokens, sessions, cdrs; the last two reach the owner of their cdr_token." },

	{ "credentials", "rotate_days", CONF_INT, AT(rotate_days), "0", 0, 3650, NULL, CONF_RELOADABLE,
	  .help = "Days after which the token that a platform sends to the hub is replaced, by PUT of new credentials; 0: never." },
	{ "credentials", "invite_days", CONF_INT, AT(invite_days), "14", 0, 3650, NULL, CONF_RELOADABLE,
	  .help = "Days for which the token A of an invite is good; 0: for ever." },
	{ "credentials", "check", CONF_BOOL, AT(check_platforms), "true", 0, 0, NULL, CONF_RELOADABLE,
	  .help = "Is a platform asked by reading, three seconds after each handshake, what its interfaces do (roamhubctl party check)." },

	{ "routing", "default", CONF_ENUM, AT(routing), "open", 0, 0, routing_words, CONF_RELOADABLE,
	  .help = "May parties without an agreement roam (open) or not (closed)." },
	{ "routing", "accept_hubs", CONF_BOOL, AT(accept_hubs), "false", 0, 0, NULL, CONF_RELOADABLE,
	  .help = "May platforms with the role HUB register." },

	{ "list", "limit", CONF_INT, AT(list_limit), "100", 1, 1000,
	  .help = "Largest page of a list (X-Limit)." },
	{ "list", "max_bytes", CONF_BYTES, AT(list_max_bytes), "4M", KB, 256 * MB,
	  .help = "Bytes of objects after which a page ends, with a Link to the next one; a single object may be larger." },

	{ "limits", "flights", CONF_INT, AT(flights), "10000", 1, 1000000, NULL, CONF_RELOADABLE,
	  .help = "Messages in the hub at a time, over all workers; more get 503." },
	{ "limits", "flights_per_platform", CONF_INT, AT(flights_per_platform), "2000", 1, 1000000, NULL, CONF_RELOADABLE,
	  .help = "The same for messages that come from one platform." },
	{ "limits", "unread", CONF_BYTES, AT(unread_bytes), "256M", KB, TB, NULL, CONF_RELOADABLE,
	  .help = "Memory of answers that wait to be read, over all platforms; above it GETs get 503." },
	{ "limits", "unread_per_platform", CONF_BYTES, AT(unread_bytes_per_platform), "32M", KB, TB, NULL, CONF_RELOADABLE,
	  .help = "The same for answers to one platform, whose GETs get 429." },

	{ "limits", "requests_per_second", CONF_INT, AT(requests_per_second), "0", 0, 1000000, NULL, CONF_RELOADABLE,
	  .help = "Requests that one platform may make in the long run; more get 429. 0: no limit. `party set` chooses for one." },
	{ "limits", "burst", CONF_INT, AT(burst_s), "2", 1, 3600, NULL, CONF_RELOADABLE,
	  .help = "Seconds' worth of limits.requests_per_second that may come at once." },
	{ "limits", "objects", CONF_INT, AT(objects), "1000000", 0, 1000000000, NULL, CONF_RELOADABLE,
	  .help = "Objects that the hub keeps of one platform, shared and addressed ones together; more are refused with 2001." },
	{ "limits", "relinks", CONF_INT, AT(relinks), "1000000", 0, 1000000000, NULL, CONF_RELOADABLE,
	  .help = "URLs handed out for one platform (response_url, Link, Location) that are good at a time; more are refused with 2001." },

	{ "limits", "disk", CONF_BYTES, AT(disk_bytes), "0", 0, 1024 * TB, NULL, CONF_RELOADABLE,
	  .help = "Size of the database above which nothing more is shared, kept or handed out (3000); deletions are taken. 0: the disk's." },

	{ "trace", "max_age_days", CONF_INT, AT(trace_max_age_days), "7", 1, 3650, NULL, CONF_RELOADABLE,
	  .help = "Days for which the trace of a message stays." },
	{ "trace", "max_size", CONF_BYTES, AT(trace_max_bytes), "1G", MB, TB, NULL, CONF_RELOADABLE,
	  .help = "Size of the trace database above which its oldest rows go." },
	{ "trace", "max_rate", CONF_INT, AT(trace_max_rate), "1000", 0, 1000000, NULL, CONF_RELOADABLE,
	  .help = "Trace rows written a second; the rest is dropped and counted." },
	{ "trace", "bodies", CONF_ENUM, AT(trace_bodies), "failures", 0, 0, bodies_words, CONF_RELOADABLE,
	  .help = "Whose bodies stay with the trace, tokens hidden, 4 KiB a leg: of nobody, of what was refused or failed, of all." },

	{ "validation", "mode", CONF_ENUM, AT(validation), "strict", 0, 0, validation_words, CONF_RELOADABLE,
	  .help = "Faulty objects: strict refuses them with 2001 and names the faults, lenient passes them on and logs." },

	{ "sandbox", "most", CONF_INT, AT(sandbox_most), "16", 0, NET_EXEMPT_MOST, NULL, CONF_RELOADABLE,
	  .help = "Simulated counterparts that may be there at a time, each in a process of its own; 0: none." },
	{ "sandbox", "memory", CONF_BYTES, AT(sandbox_memory), "128M", 64 * MB, TB, NULL, CONF_RELOADABLE,
	  .help = "Address space of such a process; one that needs more ends, and is begun again." },
	{ "sandbox", "charge", CONF_SECONDS, AT(sandbox_charge_ms), "60", 100, DAY, NULL, CONF_RELOADABLE,
	  .help = "For how long a simulated driver charges: a session ends, and its CDR comes, after this time or STOP_SESSION." },
	{ "sandbox", "program", CONF_PATH, AT(sandbox_program), NULL, 0, 0, NULL, CONF_RELOADABLE,
	  .help = "The program of these processes. Unset: roamhub-sim beside roamhubd." },

	{ "log", "level", CONF_ENUM, AT(log_level), "info", 0, 0, level_words, CONF_RELOADABLE,
	  .help = "The least important kind of line that is written." },
	{ "log", "format", CONF_ENUM, AT(log_format), "text", 0, 0, format_words, CONF_RELOADABLE,
	  .help = "key=value text, or one JSON object a line." },
	{ 0 },
};
/* clang-format on */

/* ---- rules between keys ---- */

struct pairing {
	const char *path;
	const struct conf_origin *origins;
	conf_fault_fn report;
	void *ctx;
};

static const struct conf_origin *
origin_of(const struct conf_origin *origins, size_t offset)
{
	for (size_t i = 0; settings_keys[i].section != NULL; i++)
		if (settings_keys[i].offset == offset)
			return &origins[i];
	return NULL;
}

/** One fault about the key at @offset, placed where its value came from. */
static size_t
report_pair(const struct pairing *pairing, size_t offset, const char *text)
{
	const struct conf_origin *origin = origin_of(pairing->origins, offset);
	char message[512];

	if (origin != NULL && origin->from == CONF_FROM_FILE && pairing->path != NULL)
		snprintf(message, sizeof(message), "%s:%d: %s", pairing->path, origin->line, text);
	else
		snprintf(message, sizeof(message), "%s", text);
	pairing->report(pairing->ctx, message);
	return 1;
}

static size_t
check_pairs(const struct settings *settings, const struct pairing *pairing)
{
	size_t faults = 0;

	if (settings->tls_certificate != NULL && settings->tls_key == NULL)
		faults += report_pair(pairing, AT(tls_certificate),
		        "[http] tls_certificate: set without tls_key, expected both or neither");
	if (settings->tls_key != NULL && settings->tls_certificate == NULL)
		faults += report_pair(pairing, AT(tls_key),
		        "[http] tls_key: set without tls_certificate, expected both or neither");
	return faults;
}

size_t
settings_load(const char *path, const char *const *sets, size_t set_count,
        struct settings *settings, struct conf_origin *origins, conf_fault_fn report, void *ctx)
{
	struct conf_origin own[COUNT(settings_keys)];
	struct pairing pairing = { .path = path, .report = report, .ctx = ctx };
	size_t faults;

	if (origins == NULL)
		origins = own;
	pairing.origins = origins;
	faults = conf_load(settings_keys, path, sets, set_count, settings, origins, report, ctx);
	if (faults > 0)
		return faults; /* a value that is missing because it was refused would be reported
		                  twice */
	return check_pairs(settings, &pairing);
}
