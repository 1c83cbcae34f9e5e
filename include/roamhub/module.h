/* module: the contract between the hub and modules/. A module is data: routes, classes, which
 * fields name the owner.
 *
 * Modules contain no I/O and no state. The list of all of them is modules/modules.c; bin hands it
 * to the hub. */
#pragma once

#include "ocpi.h"

struct ocpi_class; /* schema.h */

enum ocpi_route_flags {
	/* the request body */
	ROUTE_BODY = 1 << 0,          /* a JSON body is due */
	ROUTE_BODY_OPTIONAL = 1 << 1, /* may be empty (TOK-010) */
	ROUTE_PATCH = 1 << 2, /* body is partial: schema's partial mode, last_updated required */
	/* URLs that the other side will call */
	ROUTE_RESPONSE_URL_BODY = 1 << 3,
	ROUTE_RESPONSE_URL_QUERY = 1 << 4,
	ROUTE_LOCATION = 1 << 5, /* the answer's Location names the stored object */
	ROUTE_LINK = 1 << 6,     /* the answer is a page: Link rel=next */
	/* flows */
	ROUTE_SHARE = 1 << 7,     /* may be shared with everybody: Broadcast Push */
	ROUTE_LIST = 1 << 8,      /* GET ALL may answer it */
	ROUTE_AUTHORIZE = 1 << 9, /* real-time authorization: short deadline, 404 and 2004 belong
	                             together (TRP-04) */
	ROUTE_DURATION = 1 << 10, /* query parameter duration is required (CHP-004) */
	ROUTE_TOKEN_OF_SENDER = 1 << 11, /* body.token belongs to the sender (CMD-017) */
	ROUTE_BODY_OWNER = 1 << 12, /* the body's country_code and party_id are of the sender, no
	                               owner in the URL (CDR-011) */
};

/** How open routing finds the destination of a request without TO (RTE-050). */
enum ocpi_deduce_by {
	DEDUCE_BY_PARTY,  /* an object of the body names it: cdr_token */
	DEDUCE_BY_OWNER,  /* it owns the object of this id that the hub has seen */
	DEDUCE_BY_HOLDER, /* the object of this owner and id was addressed to it before */
	DEDUCE_BY_HINT,   /* it was remembered when an earlier message passed by */
};
struct ocpi_deduction {
	enum ocpi_deduce_by by;
	const char *what;   /* leads there, for people */
	const char *module; /* whose objects are looked through; NULL: the route's own */
	const char *field;  /* of the body, when the path holds no id */
	const char *hint;   /* kind of what was remembered */
};
/** What a message that passes by leaves behind for later requests without TO: the sender's id
 * leads to the receiver, or, when @back, the receiver's leads to the sender. */
struct ocpi_memory {
	const char *hint;  /* kind */
	const char *field; /* of the body that holds the id; NULL: the path does */
	bool back;
};

struct ocpi_route {
	enum ocpi_interface interface;
	const char *method;
	/** Segments behind the interface's base: "{cc}/{party}/{id}", "START_SESSION",
	 * "{id}/authorize", "" for none. A segment in braces matches anything; the names cc, party,
	 * id, evse, connector, session have meaning. */
	const char *path;
	const struct ocpi_class *body;   /* of the request; NULL: none documented */
	const struct ocpi_class *answer; /* of the envelope's data; NULL: none documented */
	unsigned flags;
	const struct ocpi_deduction *deduce; /* NULL: only by TO */
	const char *spec;                    /* row of the endpoint sheet: "LOC-E6" */
	const struct ocpi_class *callback;   /* what is posted to response_url later (CMD-E6,
	                                        CHP-006); NULL: nothing is */
	const struct ocpi_memory *remember;  /* NULL: nothing */
};

struct ocpi_module {
	const char *id;       /* ModuleID */
	enum ocpi_role owner; /* data owner: whose (country_code, party_id) stands in the URL */
	const struct ocpi_route *routes; /* ends with interface 0 */
	const struct ocpi_class *object; /* the owned object; NULL: none (commands) */
	const char *key[3];  /* fields that identify it beside the owner, NULL-terminated: {"uid",
	                        "type"} */
	bool pullable;       /* the hub may walk its Sender interface for what was not pushed */
	const char *no_such; /* of a segment that is no route of it; NULL: an ordinary 404 */
};
/** Every functional module of 2.2.1, NULL-terminated: cdrs, chargingprofiles, commands, locations,
 * sessions, tariffs, tokens. */
extern const struct ocpi_module *const ocpi_modules[];
const struct ocpi_module *ocpi_module_find(const struct ocpi_module *const *modules, struct str id);

enum ocpi_match { MATCH_FOUND, MATCH_NO_PATH, MATCH_NO_METHOD };
struct ocpi_matched {
	const struct ocpi_route *route; /* MATCH_FOUND */
	/* decoded and raw values of the named segments, absent when the route has none */
	struct str cc, party, id, evse, connector;
	size_t first;   /* index in the path of the first segment behind the base */
	char allow[48]; /* MATCH_NO_METHOD: the methods that exist, for Allow */
};
/** Find the row for @method and the segments of @path from @first on (ocpi/match.c). */
enum ocpi_match ocpi_route_match(const struct ocpi_module *module, enum ocpi_interface interface,
        struct str method, const struct ocpi_path *path, size_t first, struct ocpi_matched *out);
