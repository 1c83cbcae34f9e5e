/* survey_rows: answers, and what the rules of `party check` find in them. */
#pragma once

#include "../../../src/hub/survey/survey.h"

#define NOW        "2026-11-30T12:00:00Z"
#define OK_HEAD    "\"status_code\":1000,\"timestamp\":\"" NOW "\""
#define DATA(data) "{\"data\":" data "," OK_HEAD "}"
#define EMPTY      "{" OK_HEAD "}"
#define REFUSED(code) \
	"{\"status_code\":" code ",\"status_message\":\"no\",\"timestamp\":\"" NOW "\"}"
#define TARIFF                                                                          \
	"\"currency\":\"EUR\",\"elements\":[{\"price_components\":[{\"type\":\"FLAT\"," \
	"\"price\":1,\"step_size\":1}]}],"
#define OWNED(owner, id, stamp)                                                         \
	"{\"country_code\":\"DE\",\"party_id\":\"" owner "\",\"id\":\"" id "\"," TARIFF \
	"\"last_updated\":\"" stamp "\"}"
#define T1 OWNED("CPO", "T1", NOW)
#define T2 OWNED("CPO", "T2", NOW)
#define ENDPOINT(module, role, url) \
	"{\"identifier\":\"" module "\",\"role\":\"" role "\",\"url\":\"" url "\"}"
#define CREDENTIALS(party)                                                                    \
	DATA("{\"token\":\"t\",\"url\":\"https://p.example/v\",\"roles\":[{\"role\":\"CPO\"," \
	     "\"business_details\":{\"name\":\"P\"},\"party_id\":\"" party                    \
	     "\",\"country_code\":\"DE\"}]}")

#define PAGE0 DATA("[]")
#define PAGE1 DATA("[" T1 "]")
#define PAGE2 DATA("[" T1 "," T2 "]")
#define TS    "tariffs"

enum { FOUND = SURVEY_FOUND, HOLDS = SURVEY_HOLDS, SILENT = SURVEY_SILENT };
/* What was asked before. */
enum before { NONE, LISTED, REFUSED_LIST, REFUSED_TOKEN };

struct row {
	const char *rule;
	enum survey_ask ask;
	const char *module;
	int http;            /* 0: no answer */
	const char *headers; /* "NAME: VALUE\n..." */
	const char *body;
	int verdict;       /* enum survey_verdict */
	const char *found; /* stands in what is told, or is the cure */
	enum before before;
	bool plain;
	const char *redirected;
	bool anew;
	enum net_result net;
};

static const struct row rows[] = {
	{ "reached", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "reached", ASK_LIST, TS, 0, "", "", FOUND, "no answer", .net = NET_LATE },
	{ "reached", ASK_LIST, TS, 0, "", "", FOUND, "no answer", .net = NET_ANSWER_TOO_LARGE },
	{ "reached", ASK_LARGE, TS, 0, "", "", SILENT, .net = NET_ANSWER_TOO_LARGE },
	{ "https", ASK_VERSIONS, NULL, 200, "", PAGE0, HOLDS },
	{ "status", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "status", ASK_LIST, TS, 500, "", "oops", FOUND, "HTTP 500: oops" },
	{ "status", ASK_LIST, TS, 200, "", REFUSED("3000"), FOUND, "OCPI 3000: no" },
	{ "status", ASK_LIST, TS, 200, "", "{}", SILENT },
	{ "status", ASK_LIST, TS, 429, "", "", SILENT },
	{ "pace", ASK_LIST, TS, 429, "Retry-After: 7", "", FOUND, "Retry-After 7" },
	{ "pace", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "listed-url", ASK_LIST_SLASH, TS, 200, "", PAGE0, FOUND,
	        "endpoint.tariffs.sender=https://p.example/x/", REFUSED_LIST },
	{ "listed-url", ASK_LIST_SLASH, TS, 404, "", "", SILENT, NULL, REFUSED_LIST },
	{ "listed-url", ASK_LIST_SLASH, TS, 200, "", PAGE0, HOLDS, NULL, LISTED },
	{ "redirect", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "redirect", ASK_LIST, TS, 200, "", PAGE0, FOUND,
	        "endpoint.tariffs.sender=https://p.example/x/", .redirected = "/x" },
	{ "redirect", ASK_VERSIONS, NULL, 200, "", PAGE0, FOUND, "/v is", .redirected = "/v" },
	{ "redirect", ASK_NEXT, TS, 200, "", PAGE0, FOUND, "/v is", .redirected = "/v" },
	{ "slash", ASK_LIST_SLASH, TS, 404, "", "", FOUND, "HTTP 404" },
	{ "slash", ASK_LIST_SLASH, TS, 200, "", PAGE0, HOLDS },
	{ "slash", ASK_LIST_SLASH, TS, 200, "", PAGE0, FOUND, "/x is", .redirected = "/x" },
	{ "kept", ASK_VERSIONS_AGAIN, NULL, 200, "", PAGE0, HOLDS },
	{ "kept", ASK_VERSIONS_AGAIN, NULL, 200, "Connection: close", PAGE0, FOUND,
	        "and that was said", .anew = true },
	{ "kept", ASK_VERSIONS_AGAIN, NULL, 200, "", PAGE0, FOUND, "nothing", .anew = true },
	{ "kept", ASK_VERSIONS_AGAIN, NULL, 0, "", "", FOUND, "none", .net = NET_LATE },
	{ "kept", ASK_VERSIONS_AGAIN, NULL, 0, "", "", SILENT, .anew = true, .net = NET_LATE },
	{ "head", ASK_HEAD, NULL, 405, "", "", HOLDS },
	{ "head", ASK_HEAD, NULL, 500, "", "", FOUND, "HTTP 500" },
	{ "head", ASK_HEAD, NULL, 0, "", "", FOUND, "no answer", .net = NET_BROKEN },
	{ "token-form", ASK_OTHER_FORM, NULL, 200, "", PAGE0, FOUND, "token_encoding=plain",
	        REFUSED_TOKEN, true },
	{ "token-form", ASK_OTHER_FORM, NULL, 401, "", "", HOLDS, NULL, NONE, true },
	{ "token-base64", ASK_OTHER_FORM, NULL, 401, "", "", FOUND, "HTTP 401" },
	{ "token-base64", ASK_OTHER_FORM, NULL, 200, "", PAGE0, HOLDS },
	{ "unknown-token", ASK_WRONG_TOKEN, NULL, 200, "", PAGE0, FOUND, "let in" },
	{ "unknown-token", ASK_WRONG_TOKEN, NULL, 401, "", "", HOLDS },
	{ "unknown-token-401", ASK_WRONG_TOKEN, NULL, 403, "", "", FOUND, "HTTP 403" },
	{ "unknown-token-401", ASK_WRONG_TOKEN, NULL, 401, "", "", HOLDS },

	{ "content-type", ASK_LIST, TS, 200, "Content-Type: application/json; charset=utf-8", PAGE0,
	        HOLDS },
	{ "content-type", ASK_LIST, TS, 200, "Content-Type: text/plain", PAGE0, FOUND,
	        "text/plain" },
	{ "content-type", ASK_LIST, TS, 200, "", PAGE0, FOUND, "no Content-Type" },
	{ "charset", ASK_LIST, TS, 200, "Content-Type: application/json;Charset=\"UTF-8\"", PAGE0,
	        HOLDS },
	{ "charset", ASK_LIST, TS, 200, "Content-Type: application/json; charset=iso-8859-1", PAGE0,
	        FOUND, "iso-8859-1" },
	{ "compressed", ASK_LIST, TS, 200, "Content-Encoding: gzip", "\x1f\x8b", FOUND, "gzip" },
	{ "compressed", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "envelope", ASK_LIST, TS, 200, "", "[]", FOUND, "usable envelope" },
	{ "envelope", ASK_LIST, TS, 204, "", "", FOUND, "HTTP 204" },
	{ "envelope", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "envelope", ASK_LIST, TS, 200, "Content-Encoding: br", "x", SILENT },
	{ "refusal", ASK_UNKNOWN, TS, 422, "", "{\"detail\":\"no\"}", FOUND, "detail" },
	{ "refusal", ASK_UNKNOWN, TS, 404, "", REFUSED("2003"), HOLDS },
	{ "refusal", ASK_LIST_SLASH, TS, 404, "", "", SILENT }, /* listed nowhere */
	{ "refusal", ASK_VERSIONS_SLASH, NULL, 404, "", "", SILENT },
	{ "envelope-fields", ASK_LIST, TS, 200, "", "{\"status_code\":1000,\"data\":[]}", FOUND,
	        "nothing" },
	{ "envelope-fields", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "request-id", ASK_LIST, TS, 200, "X-Request-ID: r-1", PAGE0, HOLDS },
	{ "request-id", ASK_LIST, TS, 200, "X-Request-ID: r-2", PAGE0, FOUND,
	        "r-1 came back as r-2" },
	{ "request-id", ASK_LIST, TS, 200, "", PAGE0, FOUND, "not in the answer" },
	{ "correlation-id", ASK_LIST, TS, 200, "X-Correlation-ID: c-1", PAGE0, HOLDS },
	{ "correlation-id", ASK_LIST, TS, 200, "", PAGE0, FOUND, "not in the answer" },
	{ "request-id", ASK_LIST_SLASH, TS, 404, "", "", SILENT },
	{ "correlation-id", ASK_LIST_SLASH, TS, 404, "", "", SILENT },
	{ "correlation-id", ASK_LIST_SLASH, TS, 200, "", PAGE0, FOUND, "not in the answer" },
	{ "routing-headers", ASK_LIST, TS, 200,
	        "OCPI-from-country-code: de\nOCPI-from-party-id: CPO", PAGE0, HOLDS },
	{ "routing-headers", ASK_LIST, TS, 200,
	        "OCPI-from-country-code: DE\nOCPI-from-party-id: YYY", PAGE0, FOUND, "DE*YYY" },
	{ "routing-headers", ASK_LIST, TS, 200, "", PAGE0, FOUND, "not in the answer" },
	{ "routing-case", ASK_LIST, TS, 200, "OCPI-from-country-code: de\nOCPI-from-party-id: cpo",
	        PAGE0, FOUND, "de*cpo" },
	{ "routing-case", ASK_LIST, TS, 200, "OCPI-from-country-code: DE\nOCPI-from-party-id: CPO",
	        PAGE0, HOLDS },
	{ "clock", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "clock", ASK_LIST, TS, 200, "",
	        "{\"status_code\":1000,\"timestamp\":\"2026-11-30T11:58:00Z\"}", FOUND,
	        "120 s behind" },

	{ "versions", ASK_VERSIONS, NULL, 200, "", DATA("[{\"version\":\"2.2.1\"}]"), FOUND,
	        "/data/0" },
	{ "versions", ASK_VERSIONS, NULL, 200, "",
	        DATA("[{\"version\":\"2.2.1\",\"url\":\"https://p.example/2.2.1\"}]"), HOLDS },
	{ "version", ASK_VERSIONS, NULL, 200, "", DATA("[{\"version\":\"2.2.1\"}]"), HOLDS },
	{ "version", ASK_VERSIONS, NULL, 200, "",
	        DATA("[{\"version\":\"2.1.1\"},{\"version\":\"3.0\"}]"), FOUND, "2.1.1, 3.0" },
	{ "details", ASK_DETAILS, NULL, 200, "",
	        DATA("{\"version\":\"2.2.1\",\"endpoints\":[" ENDPOINT(
	                TS, "SENDER", "https://p.example/x") "]}"),
	        HOLDS },
	{ "details", ASK_DETAILS, NULL, 200, "", DATA("{\"version\":\"2.2.1\"}"), FOUND,
	        "endpoints" },
	{ "endpoints", ASK_DETAILS, NULL, 200, "",
	        DATA("{\"endpoints\":[" ENDPOINT(TS, "SENDER", "https://p.example/x") "]}"),
	        HOLDS },
	{ "endpoints", ASK_DETAILS, NULL, 200, "",
	        DATA("{\"endpoints\":[" ENDPOINT(TS, "SENDER", "https://p.example/y") "]}"), FOUND,
	        "registered at https://p.example/x" },
	{ "endpoints", ASK_DETAILS, NULL, 200, "",
	        DATA("{\"endpoints\":[" ENDPOINT("cdrs", "SENDER", "https://p.example/y") "]}"),
	        FOUND, "not at all" },
	{ "modules", ASK_DETAILS, NULL, 200, "", DATA("{}"), FOUND, "locations SENDER" },
	{ "credentials", ASK_CREDENTIALS, NULL, 405, "", "", FOUND, "HTTP 405" },
	{ "credentials", ASK_CREDENTIALS, NULL, 200, "", CREDENTIALS("CPO"), HOLDS },
	{ "roles", ASK_CREDENTIALS, NULL, 200, "", CREDENTIALS("cpo"), HOLDS },
	{ "roles", ASK_CREDENTIALS, NULL, 200, "", CREDENTIALS("NEW"), FOUND, "DE*NEW" },

	{ "from-hub", ASK_LIST_OTHER, TS, 200, "", PAGE0, FOUND, "FROM = the hub", REFUSED_LIST },
	{ "from-hub", ASK_LIST_OTHER, TS, 403, "", "", HOLDS, NULL, REFUSED_LIST },
	{ "to-and-from", ASK_LIST_BARE, TS, 200, "", PAGE0, FOUND, "refuses with them",
	        REFUSED_LIST },
	{ "to-and-from", ASK_LIST_BARE, TS, 403, "", "", HOLDS, NULL, REFUSED_LIST },
	{ "page", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "page", ASK_LIST, TS, 200, "", DATA("{}"), FOUND, "an object" },
	{ "page", ASK_LIST, TS, 200, "", EMPTY, FOUND, "missing" },
	{ "total-count", ASK_LIST, TS, 200, "X-Total-Count: 3", PAGE0, HOLDS },
	{ "total-count", ASK_LIST, TS, 200, "X-Total-Count: many", PAGE0, FOUND, "many" },
	{ "total-count", ASK_LIST, TS, 200, "", PAGE0, FOUND, "no X-Total-Count" },
	{ "total-right", ASK_LIST, TS, 200, "X-Total-Count: 1", PAGE1, HOLDS },
	{ "total-right", ASK_LIST, TS, 200,
	        "X-Total-Count: 1\nLink: <https://p.example/x?offset=1>; rel=\"next\"", PAGE1,
	        FOUND, "Link to more" },
	{ "limit-header", ASK_LIST, TS, 200, "X-Limit: 50", PAGE0, HOLDS },
	{ "limit-header", ASK_LIST, TS, 200, "", PAGE0, FOUND, "no X-Limit" },
	{ "limit", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "limit", ASK_LIST, TS, 200, "", PAGE2, FOUND, "2 objects" },
	{ "page-cap", ASK_LARGE, TS, 200, "X-Limit: 2", PAGE2, HOLDS },
	{ "page-cap", ASK_LARGE, TS, 200, "X-Limit: 1", PAGE2, FOUND, "X-Limit 1" },
	{ "page-cap", ASK_LARGE, TS, 0, "", "", FOUND, "1 MB", .net = NET_ANSWER_TOO_LARGE },
	{ "large-page", ASK_LARGE, TS, 200, "", PAGE1, HOLDS },
	{ "link", ASK_LIST, TS, 200, "X-Total-Count: 2", PAGE1, FOUND, "1 of 2" },
	{ "link", ASK_LIST, TS, 200,
	        "X-Total-Count: 2\nLink: <https://p.example/x?offset=1>; rel=\"next\"", PAGE1,
	        HOLDS },
	{ "link", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "link-last", ASK_LIST, TS, 200, "Link:", PAGE0, FOUND, "empty Link" },
	{ "link-last", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "link-form", ASK_LIST, TS, 200, "Link: </x?offset=1>; rel=\"next\"", PAGE1, FOUND,
	        "not absolute" },
	{ "link-form", ASK_LIST, TS, 200, "Link: https://p.example/x", PAGE0, FOUND, "no rel" },
	{ "link-form", ASK_LIST, TS, 200, "Link: <https://p.example/x>; rel=\"next\"", PAGE0,
	        HOLDS },
	{ "link-host", ASK_LIST, TS, 200, "Link: <https://q.example/x>; rel=\"next\"", PAGE0, FOUND,
	        "https://q.example:443" },
	{ "link-host", ASK_LIST, TS, 200, "Link: <ftp://p.example/x>; rel=\"next\"", PAGE0, FOUND,
	        "nobody can call" },
	{ "link-host", ASK_LIST, TS, 200, "Link: <https://p.example/x>; rel=\"next\"", PAGE0,
	        HOLDS },
	{ "next-page", ASK_NEXT, TS, 200, "", PAGE1, FOUND, "same object", LISTED },
	{ "next-page", ASK_NEXT, TS, 200, "", PAGE0, FOUND, "empty", LISTED },
	{ "next-page", ASK_NEXT, TS, 404, "", "", FOUND, "/x/: HTTP 404", LISTED },
	{ "next-page", ASK_NEXT, TS, 429, "", "", SILENT, NULL, LISTED },
	{ "next-page", ASK_NEXT, TS, 200, "", DATA("[" T2 "]"), HOLDS, NULL, LISTED },
	{ "offset", ASK_OFFSET, TS, 200, "", PAGE1, FOUND, "offset=1", LISTED },
	{ "offset", ASK_OFFSET, TS, 200, "", DATA("[" T2 "]"), HOLDS, NULL, LISTED },
	{ "date-from-past", ASK_PAST, TS, 200, "X-Total-Count: 1", PAGE1, FOUND,
	        "1 objects since 2010, of 2", LISTED },
	{ "date-from-past", ASK_PAST, TS, 200, "X-Total-Count: 2", PAGE1, HOLDS, NULL, LISTED },
	{ "date-from-past", ASK_PAST, TS, 200, "", PAGE0, FOUND, "nothing since", LISTED },
	{ "date-from-future", ASK_FUTURE, TS, 200, "", PAGE1, FOUND, "tomorrow", LISTED },
	{ "date-from-future", ASK_FUTURE, TS, 200, "", PAGE0, HOLDS, NULL, LISTED },

	{ "fields", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "fields", ASK_LIST, TS, 200, "", DATA("[{\"id\":\"T1\"}]"), FOUND, "/data/0" },
	{ "enum-values", ASK_LIST, TS, 200, "", DATA("[{" TARIFF "\"type\":\"NEW\"}]"), FOUND,
	        "NEW" },
	{ "enum-values", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "datetime-offset", ASK_LIST, TS, 200, "",
	        DATA("[" OWNED("CPO", "T1", "2026-11-30T12:00:00+00:00") "]"), FOUND,
	        "/data/0/last_updated: 2026-11-30T12:00:00+00:00" },
	{ "datetime-offset", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "datetime-bare", ASK_LIST, TS, 200, "",
	        DATA("[" OWNED("CPO", "T1", "2026-11-30T12:00:00.5") "]"), FOUND,
	        "2026-11-30T12:00:00.5" },
	{ "datetime-bare", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "datetime-long", ASK_LIST, TS, 200, "",
	        DATA("[" OWNED("CPO", "T1", "2026-11-30T12:00:00.123456Z") "]"), FOUND,
	        ".123456Z" },
	{ "datetime-long", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "timestamp", ASK_LIST, TS, 200, "", PAGE0, HOLDS },
	{ "timestamp", ASK_LIST, TS, 200, "",
	        "{\"status_code\":1000,\"timestamp\":\"2026-11-30T13:00:00+01:00\"}", FOUND,
	        "+01:00" },
	{ "owner", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "owner", ASK_LIST, TS, 200, "", DATA("[" T1 "," OWNED("YYY", "T2", NOW) "]"), FOUND,
	        "DE*YYY" },
	{ "owner-case", ASK_LIST, TS, 200, "", DATA("[" OWNED("cpo", "T2", NOW) "]"), FOUND,
	        "DE*cpo" },
	{ "owner-case", ASK_LIST, TS, 200, "", PAGE1, HOLDS },
	{ "object", ASK_OBJECT, TS, 200, "", DATA(T1), HOLDS },
	{ "object", ASK_OBJECT, TS, 200, "", PAGE1, FOUND, "data is a list of 1" },
	{ "object", ASK_OBJECT, TS, 404, "", "", SILENT },
	{ "id-case", ASK_OBJECT_CASE, "locations", 404, "", "", FOUND, "T1 is not found", LISTED },
	{ "id-case", ASK_OBJECT_CASE, "locations", 200, "", DATA("{}"), HOLDS, NULL, LISTED },
	{ "unknown-object", ASK_UNKNOWN, TS, 200, "", DATA("{}"), FOUND, "nobody sent" },
	{ "unknown-object", ASK_UNKNOWN, TS, 404, "", REFUSED("2003"), HOLDS },
	{ "unknown-object-404", ASK_UNKNOWN, TS, 200, "", REFUSED("2003"), FOUND,
	        "HTTP 200, OCPI 2003" },
	{ "unknown-object-404", ASK_UNKNOWN, TS, 404, "", REFUSED("2003"), HOLDS },

	{ "from-hub-push", ASK_PUT_OWNER, TS, 200, "", EMPTY, FOUND, "the owner" },
	{ "from-hub-push", ASK_PUT_OWNER, TS, 403, "", "", HOLDS },
	{ "created", ASK_PUT, TS, 201, "", EMPTY, HOLDS },
	{ "created", ASK_PUT, TS, 200, "", EMPTY, FOUND, "HTTP 200" },
	{ "read-back", ASK_GET_BACK, TS, 200, "", DATA(T1), HOLDS },
	{ "read-back", ASK_GET_BACK, TS, 200, "", DATA(OWNED("CPO", "T1", "2020-01-01T00:00:00Z")),
	        FOUND, "2020-01-01" },
	{ "cdr-location", ASK_POST, "cdrs", 200, "", EMPTY, FOUND, "no Location" },
	{ "cdr-location", ASK_POST, "cdrs", 200, "Location: https://p.example/c/1", EMPTY, HOLDS },
	{ "authorize-unknown", ASK_AUTHORIZE_UNKNOWN, "tokens", 404, "", REFUSED("2004"), HOLDS },
	{ "authorize-unknown", ASK_AUTHORIZE_UNKNOWN, "tokens", 200, "", REFUSED("2004"), FOUND,
	        "HTTP 200, OCPI 2004" },
	{ "authorize", ASK_AUTHORIZE, "tokens", 200, "", DATA("{}"), FOUND, "allowed" },
	{ "authorize", ASK_AUTHORIZE, "tokens", 200, "",
	        DATA("{\"allowed\":\"ALLOWED\",\"token\":{\"country_code\":\"NL\",\"party_id\":"
	             "\"MSP\",\"uid\":\"1\",\"type\":\"RFID\",\"contract_id\":\"C\",\"issuer\":"
	             "\"I\","
	             "\"valid\":true,\"whitelist\":\"NEVER\",\"last_updated\":\"" NOW "\"}}"),
	        HOLDS },
	{ "command", ASK_COMMAND, "commands", 200, "",
	        DATA("{\"result\":\"ACCEPTED\",\"timeout\":30}"), HOLDS },
	{ "command", ASK_COMMAND, "commands", 200, "", DATA("{\"result\":\"ACCEPTED\"}"), FOUND,
	        "timeout" },
};
