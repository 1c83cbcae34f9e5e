/* flight: one message crossing the hub, from the request to its answer. */
#pragma once

#include "../parties/directory.h"
#include "../parties/partner.h"
#include "look.h"
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
	FLOW_CUSTOM,
	FLOW_COUNT
};
const char *flight_flow_name(enum flow flow); /* "forward" */
enum { FLIGHT_HEADERS = 16, STORY_STEPS = 5 };

struct leg {              /* the call to the receiver */
	int64_t platform; /* 0: none was made, -1: several were asked */
	struct str name;  /* of the platform */
};

struct flight_rate { /* what its platform is told of a limit in time; policy NULL: nothing */
	const char *policy;
	int64_t most, window_s; /* may come in so many seconds */
	int64_t left, wait_s;   /* may come now; until more may */
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
	struct str fault_text;        /* the same at length, for status_message; absent: its why */
	struct str fault_data;        /* and in detail: `data` of the refusal, JSON */
	struct str shown;             /* the target, as it may be written down */
	bool misplaced;      /* a token stands in it where none belongs: its bodies are not kept */
	size_t flaws;        /* faults of the body that were let through (lenient) */
	size_t answer_flaws; /* of the answer, which is relayed all the same */

	/* ids */
	struct str request_id, correlation_id;

	/* auth: who is speaking */
	const struct directory *directory; /* of this turn */
	const struct platform *platform;   /* of this turn */
	int64_t platform_id;
	struct str platform_name;
	struct live *live;
	enum store_token_kind token_kind;
	bool plain_token;    /* it was presented as it is, not in Base64 */
	struct live *lapsed; /* whose token A it was until it expired; NULL: nobody's */
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

	/* what is refused by what this process alone knows is looked at once more */
	struct look look;
	bool looked; /* or there is nothing to be found by that */

	/* act */
	void (*go_on)(struct flight *flight);     /* the story: runs the step it is in */
	enum next (*then)(struct flight *flight); /* continues the flow after what it waits for */
	enum next (*unknown_token)(struct flight *flight); /* asks on; NULL: the answer stands */
	struct leg leg;
	struct partner_call call;
	struct store_op op;
	struct store_relink relink;
	struct keep *keep;    /* message/keep.h: the copy of it, NULL: none */
	struct str outbound;  /* its key among those that other hubs have now (loop.h) */
	bool unkept;          /* it was due and could not be kept */
	struct str body_out;  /* what is sent on */
	struct str rewritten; /* the hub URL handed out */
	struct str dropped;   /* a header of the answer that leads nowhere, and why */
	enum next (*rewrite_stored)(struct flight *flight); /* when it is committed */
	enum next (*hint_kept)(struct flight *flight);      /* the same of a hint */
	bool teaches; /* the answer says who owns the token, for everybody */

	/* reply */
	int http, ocpi;
	struct flight_rate rate;
	struct str answer;    /* body; absent: made from fault */
	uint64_t attempt;     /* parties/attempt.h: the handshake that it belongs to; 0: none */
	const char *advice;   /* about why it is refused, for the story of that; NULL: as usual */
	struct str concluded; /* the same, of what was done; absent: as usual */
	struct net_header headers[FLIGHT_HEADERS];
	size_t header_count;
	char allow[48];
	struct buf out;
	struct net_answer net;
	size_t unread; /* bytes, from the answer to the end */
};

/* ---- what every step and flow asks of the flight ---- */

struct flight *flight_new(struct worker *worker); /* to be ended by flight_end() */
void flight_end(struct flight *flight);           /* the server is done with the request */
/** What was found behind auth, and what was answered to it: it is routed anew. */
void flight_forget(struct flight *flight);
/** The completion it waited for is in; on the worker's thread. */
void flight_resume(struct flight *flight);
/** Submit flight->op, of which the verb's arguments are filled in, and go on with @then. */
enum next flight_store(
        struct flight *flight, enum store_verb verb, enum next (*then)(struct flight *flight));
/** The same with results in @arena, which is the caller's, as long as it is read. */
enum next flight_store_in(struct flight *flight, struct arena *arena, enum store_verb verb,
        enum next (*then)(struct flight *flight));
enum next flight_refuse(struct flight *flight, enum rh_err err, const char *field, const char *fmt,
        ...) PRINTF_LIKE(4, 5);
/** @who, the receiver, is in @state, and not CONNECTED. Who is OFFLINE stands in no directory, so
 * nobody is asked whether he came by another process. */
enum next flight_refuse_gone(struct flight *flight, const char *who, enum store_state state);
/** flight->op failed for a reason of the hub's own: 3000, or 503 when too many wait. */
enum next flight_refuse_store(struct flight *flight);
void flight_header(struct flight *flight, const char *name, struct str value); /* of the answer */
/** Answer 1000 with @data (JSON, may be absent). */
enum next flight_answer(struct flight *flight, int http, struct str data);
/** Answer 1000 with a list of at most @bytes, written into what is returned element by element,
 * each by json_put_raw() and the like without a key; then end it. */
struct buf *flight_list_begin(struct flight *flight, size_t bytes);
enum next flight_list_end(struct flight *flight);
/** ?type of the query, RFID without one (TOK-004). */
struct str flight_token_type(struct flight *flight);
struct hub *flight_hub(const struct flight *flight);
/** May one more fault of the hub's own be logged as an error in this second? The rest is counted.
 */
bool flight_error_due(struct worker *worker);
