/* actor: one simulated OCPI 2.2.1 platform: its parties, its connection, what it keeps, how it
 * behaves.
 *
 * actor.c starts and stops it; receive.c takes requests in; answer.c answers; faults.c spoils
 * answers; modules.c, commands.c and handshake.c are its behaviour; outgoing.c is how it calls
 * others. One thread, one loop. */
#pragma once

#include "roamhub/tree.h"

#include "roamhub/module.h"
#include "roamhub/net.h"

#include "inlet.h"
#include "shelf.h"

enum { MOST_PARTIES = 16, MOST_ANSWER_HEADERS = 16 };

struct actor;
struct exchange;

/** What all platforms of a scenario share. */
struct sim {
	struct net_loop *loop;
	struct net_client *client;
	struct net_egress *egress;
	struct list actors;
	struct list calls; /* in the air, see outgoing.c */
	bool ending;       /* no call starts any more */
	uint64_t chance;   /* state of the generator behind `chance`: same seed, same faults */
	bool forget;       /* do not keep what was received: nobody will ask any more */
	struct str only, only_at; /* origin that it calls alone, and where that is; absent: any */
	uint64_t arrivals;        /* requests that came in, of all platforms */
	/** A request came in to the platform @ctx, which owns it. */
	void (*take)(void *ctx, struct inlet_request *request);
	/** What a platform sees, for the narrator. May be NULL. */
	void (*on_request)(struct sim *sim, const struct exchange *exchange);
	void *ctx;
};

struct party {
	struct ocpi_id id;
	enum ocpi_role role;
	char *name;
};

/** How a platform answers a command, a charging profile or `authorize`: set by the scenario. */
struct manner {
	struct list node;
	char *what;   /* START_SESSION, chargingprofiles, authorize */
	char *answer; /* CommandResponseType, AllowedType...; NULL: as it finds right */
	char *result; /* of the callback; NULL: none comes */
	int64_t after_ms;
};

/** What makes a platform live (counterpart.c). */
struct life {
	/** CommandResultType of a command that was accepted; NULL: it is none of its business. */
	const char *(*command)(struct exchange *exchange, const char *command);
	void (*object)(struct exchange *exchange); /* of another party: it is about to be kept */
	bool (*has_room)(const struct actor *actor);
	void (*end)(struct actor *actor);
};

struct actor {
	struct list node;
	struct sim *sim;
	char *name;
	struct party parties[MOST_PARTIES];
	size_t party_count;
	uint64_t page_size;
	char *versions;      /* words: what it offers, "2.2.1" */
	char *modules;       /* words: what it has; NULL: everything its roles have */
	int64_t patience_ms; /* how long its own calls wait for their answer */
	char *listen;        /* ADDRESS:PORT; the port is kept once it is known */
	char *base;          /* http://ADDRESS:PORT, or what others reach it under */
	bool started;        /* it has listened: from then on `down` and `up` say whether it does */
	struct inlet *inlet;

	/* the connection; tokens are the caller's word for who it is */
	char *token_a; /* we accept it on versions and credentials: a handshake may start with it */
	char *token_in;         /* we accept it everywhere */
	char *token_offered;    /* we accept it on versions while a handshake is under way */
	char *token_out;        /* we send it */
	char *peer_versions;    /* versions URL of the other side */
	json_t *peer_endpoints; /* its Endpoint list */
	json_t *peer_roles;
	bool handshaking;
	bool lenient; /* no complaints about the manners of the other side */

	struct shelf *shelf;
	const struct life *life;         /* NULL: it does what the scenario says, and no more */
	struct counterpart *counterpart; /* of it: counterpart.h */
	struct list manners;
	struct list faults;
	struct list received;  /* exchanges in order of arrival */
	struct list callbacks; /* response URLs we were given, the newest of them */
	size_t callback_count;
	uint64_t past; /* a line that expects a request looks behind this arrival */
	bool met;      /* such a line held since the story last did something */
	bool plain_tokens, no_routing_headers, wrong_case, relative_link, foreign_link, dead_link,
	        empty_link, endless_link, no_offset, no_dates, slash; /* see faults.c */
};

/** Which of a platform's tokens a request came with. */
enum token_kind { TOKEN_UNKNOWN, TOKEN_A, TOKEN_OFFERED, TOKEN_REGISTERED };

/** One request that a platform received, and its answer. */
struct exchange {
	struct list node;
	struct actor *actor;
	struct inlet_request *request; /* memory for all of this */
	struct arena *arena;
	uint64_t arrival; /* its place among all that came in, from 1 */
	struct ocpi_path path;
	const char
	        *module; /* "locations", "versions", "callback", "cdr"; "" when it went nowhere */
	struct str rest; /* what stood behind the module in the path */
	enum ocpi_interface interface;
	struct ocpi_matched matched;
	bool has_to, has_from;
	struct ocpi_id to, from;
	enum token_kind token;
	json_t *body; /* NULL: none, or not JSON */
	struct fault_rule *rule;
	const char *complaint; /* what the sender did against the specification; NULL: nothing */

	/* the answer */
	bool answered, claimed, complained;
	int http, ocpi;
	struct net_header headers[MOST_ANSWER_HEADERS];
	size_t header_count;
	struct str answer; /* the body */
	struct str held;   /* bytes that wait for the timer */
	enum inlet_then then;
	struct net_timer timer;
	int64_t done_us;
};

/* ---- actor.c ---- */

/** @take: take_request(). NULL with @fault when there is no network. */
struct sim *sim_new(void (*take)(void *ctx, struct inlet_request *request), struct fault *fault);
void sim_free(struct sim *sim);
struct actor *actor_new(struct sim *sim, const char *name);
struct actor *actor_find(const struct sim *sim, struct str name);
void actor_free(struct actor *actor);
/** Listen and serve. RH_SYSTEM when the address cannot be had. */
MUST_CHECK enum rh_err actor_up(struct actor *actor, struct fault *fault);
void actor_down(struct actor *actor);
/** The party with @id, any case; NULL when it is not of this platform. */
const struct party *actor_party(const struct actor *actor, const struct ocpi_id *id);
bool actor_has(const struct actor *actor, const char *module, enum ocpi_interface interface);
/** URL of the peer's endpoint; NULL when there is none. */
const char *actor_peer_endpoint(
        const struct actor *actor, const char *module, const char *interface);
/** The path of a URL below the platform's base, from the arena. */
struct str actor_url(const struct actor *actor, struct arena *arena, const char *path);
void actor_forget(struct actor *actor); /* the connection: tokens and endpoints of the peer */
void actor_release(struct exchange *exchange);

/* ---- receive.c ---- */

void take_request(void *ctx, struct inlet_request *request); /* for sim_new() */

/* ---- answer.c ---- */

void answer_header(struct exchange *exchange, const char *name, struct str value);
/** Answer with the envelope; takes over @data (NULL: none). */
void answer(struct exchange *exchange, int http, int ocpi, const char *message, json_t *data);
/** Answer with @data as it stands. */
void answer_raw(
        struct exchange *exchange, int http, int ocpi, const char *message, struct str data);
/** JSON as text: compact, numbers as they were written up to 15 digits. */
struct str json_text(const json_t *json, struct arena *arena);

/* ---- modules.c, commands.c, config_modules.c, handshake.c ---- */

void module_serve(struct exchange *exchange, const struct ocpi_module *module);
void command_serve(struct exchange *exchange);
void profile_serve(struct exchange *exchange);
void profile_update(struct exchange *exchange);
void callback_serve(struct exchange *exchange);
void callbacks_free(struct actor *actor);
void clientinfo_serve(struct exchange *exchange);
void cdr_serve(struct exchange *exchange);
void versions_serve(struct exchange *exchange);
void details_serve(struct exchange *exchange);
void credentials_serve(struct exchange *exchange);
const struct manner *manner_of(const struct actor *actor, const char *what);
void manner_set(struct actor *actor, const struct manner *manner);
