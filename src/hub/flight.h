/* flight: one message crossing the hub, from the request to its answer. */
#pragma once

#include "inside.h"
#include "roamhub/schema.h"

/** What a step says: go on, wait (exactly one completion is armed, it calls flight_resume()), or
 * answer now. */
enum next { NEXT, WAIT, REPLY };

enum flow {
	FLOW_NONE,
	FLOW_LOCAL,
	FLOW_FORWARD,
	FLOW_RELINK,
	FLOW_SHARE,
	FLOW_LIST,
	FLOW_OPEN,
	FLOW_COUNT
};
enum { FLIGHT_HEADERS = 14, STORY_STEPS = 5 };

struct leg { /* the call to the receiver */
	int64_t platform;
	struct live *live;
	struct str name;       /* of the platform */
	struct str request_id; /* fresh: TRN-052 */
	struct str url;        /* for people: origin and target */
};

struct flight {
	struct list node;
	struct worker *worker;
	struct net_request *request;
	struct arena *arena;
	unsigned step;
	bool traced;                  /* its steps are timed, for the trace */
	int64_t step_us[STORY_STEPS]; /* when each step ended */
	struct fault fault;           /* why it is refused */
	struct str fault_data;        /* and in detail: `data` of the refusal, JSON */
	size_t flaws;                 /* faults of the body that were let through (lenient) */
	size_t answer_flaws;          /* of the answer, which is relayed all the same */

	/* ids */
	struct str request_id, correlation_id;

	/* auth: who is speaking */
	const struct directory *directory; /* of this turn */
	const struct platform *platform;   /* of this turn */
	int64_t platform_id;
	struct str platform_name;
	struct live *live;
	enum store_token_kind token_kind;
	struct str token; /* as presented, decoded */
	uint8_t digest[RH_DIGEST_BYTES];

	/* route: to whom, by which flow */
	struct ocpi_path path;
	size_t first; /* path segment behind the prefix and "ocpi" */
	const struct ocpi_module *module;
	int module_index;
	enum ocpi_interface interface;
	struct ocpi_matched match;
	enum flow flow;
	const char *reason; /* why this flow */
	enum next (*local)(struct flight *flight);
	void *local_state; /* of a local flow that waits */
	struct ocpi_id from, to;
	bool has_from, has_to, from_inferred, to_deduced;
	const struct party *receiver; /* of this turn */

	/* check */
	struct json_doc body;
	bool has_body;

	/* act */
	enum next (*resumed)(struct flight *flight);     /* continues the flow after a wait */
	enum next (*answered_by)(struct flight *flight); /* continues it after the call */
	struct leg leg;
	struct net_call call;
	struct net_header call_headers[FLIGHT_HEADERS];
	size_t call_header_count;
	struct store_op op;
	struct store_relink relink;
	struct str body_out;  /* what is sent on */
	struct str rewritten; /* the hub URL handed out */
	struct ocpi_envelope answered;

	/* reply */
	int http, ocpi;
	struct str answer; /* body; absent: made from fault */
	struct net_header headers[FLIGHT_HEADERS];
	size_t header_count;
	char allow[48];
	struct buf out;
	struct net_answer net;
};

/* flight.c */
void flight_begin(struct worker *worker, struct net_request *request);
void flight_resume(
        struct flight *flight); /* the completion it waited for is in; on the worker's thread */
void flight_end(struct flight *flight); /* the server is done with the request */
enum next flight_refuse(struct flight *flight, enum rh_err err, const char *field, const char *fmt,
        ...) PRINTF_LIKE(4, 5);
void flight_header(struct flight *flight, const char *name, struct str value); /* of the answer */
/** Answer 1000 with @data (JSON, may be absent). */
enum next flight_answer(struct flight *flight, int http, struct str data);
struct hub *flight_hub(const struct flight *flight);

/* the steps, each in the file of its name */
enum next flight_auth(struct flight *flight);
enum next flight_route(struct flight *flight);
enum next flight_check(struct flight *flight);
enum next flight_act(struct flight *flight);
enum next flight_reply(struct flight *flight);

/* the flows */
enum next flight_forward(struct flight *flight);
enum next flight_relink(struct flight *flight); /* a call of a URL that the hub handed out */
enum next flight_share(struct flight *flight);  /* Broadcast Push */
enum next flight_list(struct flight *flight);   /* from the hub's own store */
enum next flight_open(struct flight *flight);   /* without TO: by content */
enum next flight_whitelist(
        struct flight *flight, const struct store_key *key); /* for an owner that is away */
enum next flight_poll(struct flight *flight); /* real-time authorization: ask all eMSPs */
enum next local_versions(struct flight *flight);
enum next local_details(struct flight *flight);
enum next local_credentials(struct flight *flight);
enum next local_clientinfo(struct flight *flight);

/* route.c */
/** Choose the party that a call on @interface of @module addresses among those with its id
 * (RTE-024). */
const struct party *route_receiver(const struct party *candidates, const struct ocpi_module *module,
        enum ocpi_interface interface);
bool role_may_call(
        enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface);

/* check.c */
enum next check_receiver(struct flight *flight); /* may flight->receiver get it now? */

/* open.c */
/** Forward to the party that was deduced, for @reason. */
enum next open_forward(struct flight *flight, const struct ocpi_id *to, const char *reason);
/** After a forward was answered: what later requests without TO can be routed by. */
void open_remember(struct flight *flight);
void open_remember_token(
        struct flight *flight, const struct ocpi_id *owner); /* that it allowed it */
struct str open_hint_key(const struct ocpi_id *party, struct str id, struct arena *arena);

/* call.c: a request to a party, and what its answer means */
/** Address, ids and routing headers of a call to @to; the texts are copied, so that it may start in
 * a later turn. */
void call_prepare(struct flight *flight, const struct platform *to, struct str origin,
        struct str target, bool with_token);
/** Start it; @answered continues the flow on a later turn. */
enum next call_start(struct flight *flight, struct str method, struct str body,
        enum next (*answered)(struct flight *flight));
/** In @answered: RH_OK and flight->answered when there is a usable envelope, else flight->fault
 * says what to answer. */
MUST_CHECK enum rh_err call_verdict(struct flight *flight);
/** Relay the answer that call_verdict() found usable. */
enum next call_relay(struct flight *flight);

/* rewrite.c: the URLs in messages that the other side will call */
/** Draw an id for a URL that stands for @target; nobody may call it before rewrite_store()
 * committed it. */
void rewrite_draw(struct flight *flight, enum store_relink_kind kind, struct str target);
/** Who may call flight->relink, and whom it leads to. */
void rewrite_bind(struct flight *flight, int64_t caller_platform, const struct ocpi_id *caller,
        int64_t target_platform, const struct ocpi_id *target);
/** Commit flight->relink, then go on with @stored. */
enum next rewrite_store(struct flight *flight, enum next (*stored)(struct flight *flight));
/** Where a request names the URL for its result. */
struct rewrite_place {
	bool in_body, in_query;
	struct splice splice; /* in the body or in the query: put the URL there in its spelling */
	struct str url;       /* decoded */
};
/** REPLY: refused. NEXT: @place is filled, with neither in_body nor in_query when the route has
 * none. */
enum next rewrite_find(struct flight *flight, struct rewrite_place *place);
/** Rewrite Link or Location of the answer when there is one to rewrite, then go on with
 * call_relay(). */
enum next rewrite_answer(struct flight *flight, bool link, bool location);

/* trace.c */
bool trace_wanted(struct worker *worker); /* may one more flight be traced in this second? */
void trace_flight(struct flight *flight);
