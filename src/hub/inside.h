/* inside: what the files of the hub know of each other. */
#pragma once

#include <pthread.h>

#include "roamhub/hub.h"

struct certificate;
struct flight;
struct worker;
struct receiver;

/* ---- the push engine's place in a worker; push.h says what it is ---- */

struct pusher {
	struct list receivers;
	struct table *cursors; /* as loaded at start: key -> int64_t */
	struct arena *arena;
	bool loaded, loading, reading, more, stopped;
	int64_t head; /* changes up to it were handed to the receivers that keep up */
	struct net_timer timer;
	struct store_op load_op, save_op;
	bool saving;
	struct arena *save_arena;
};

/* ---- records: the registry's own copy of each platform, of which directories are built
 * (registry.c) ---- */

struct record {
	struct list node;
	struct arena *arena;       /* holds everything below */
	struct store_platform row; /* as stored */
	struct str token;          /* what we send, unsealed */
	struct live *live;
};

struct directory {
	struct arena *arena;
	struct platform *platforms; /* by id */
	size_t platform_count;
	struct store_agreement *agreements;
	size_t agreement_count;
	struct table *tokens;  /* digest -> struct token_entry */
	struct table *parties; /* "DE*ABC" -> first struct party */
	struct directory *retired_next;
	uint64_t *retired_turns; /* of each worker, when it was replaced */
};
struct agreement_record {
	struct list node;
	struct store_agreement row; /* modules: in memory of its own */
};
/** From the lists of struct record, by id, and of struct agreement_record. */
struct directory *directory_build(const struct list *records, const struct list *agreements);
void directory_free(struct directory *directory);
/** Publish @fresh; the one before is freed when every worker's turn has moved on. */
void directory_publish(struct hub *hub, struct directory *fresh);
void directory_reclaim(struct hub *hub, bool all);

/* ---- threads ---- */

struct counters {
	_Atomic uint64_t total[COUNTER_COUNT];
	_Atomic uint64_t by_error[RH_ERR_COUNT];
	_Atomic uint64_t by_module[8];
	_Atomic uint64_t latency_us_bucket[16];
	_Atomic uint64_t latency_us_sum;
};
struct worker {
	struct hub *hub;
	int index;
	pthread_t thread;
	bool started;
	struct net_loop *loop;
	struct net_server *server;
	struct net_server
	        *old_server; /* its certificate was renewed: it ends with its connections */
	const struct certificate *certificate; /* that the server was made with */
	struct net_client *client;
	struct net_egress *egress;
	struct store_session *session;
	struct list idle; /* flights to be used again */
	size_t idle_count;
	_Atomic size_t flights, connections,
	        calls; /* the last two as of the last tick of its pusher */
	struct net_timer drain_timer;
	struct mail drain_mail, configure_mail, push_mail;
	_Atomic bool push_wanted;
	struct pusher pusher;
	_Atomic bool configuring;
	bool draining;
	int64_t trace_second, trace_left; /* rows that may still be traced in this second */
	struct counters counters;
};

enum { HUB_PRINTS = 1 << 16 };
struct hub {
	_Atomic(const struct settings *) settings;
	const struct ocpi_module *const *modules;
	char *url;
	_Atomic uint64_t *prints; /* of the copies kept last, see share.c */
	_Atomic int64_t head;     /* number of the newest change that is known to be committed */
	struct str prefix;        /* path of the public URL, without a trailing slash */
	struct str origin;        /* scheme, host and port of the public URL */
	struct ocpi_id id;        /* the hub's own party */
	char address[64], admin_address[64];
	int admin_listener;
	_Atomic(struct certificate *) certificate; /* NULL: plain HTTP */
	uint8_t digest_key[RH_KEY_BYTES], seal_key[RH_KEY_BYTES];
	_Atomic(const struct directory *) directory;
	struct directory *retired;
	struct store *store;
	struct worker *workers;
	int worker_count;
	_Atomic int workers_draining;
	int64_t started_ms;
	/* the control thread's */
	struct net_loop *loop;
	struct net_client *client;
	struct net_egress *egress;
	struct store_session *session;
	struct list records, agreements;
	struct list changes; /* struct registry_change, in order; the first is under way */
	_Atomic(struct live *) lives;
	struct net_timer tick;
	struct store_op expire_op;
	bool expiring;
	int64_t expire_at_ms;
	_Atomic uint64_t probes, probe_failures;
	bool pulling;
	size_t control_work; /* probes and handshakes under way on the control thread */
	bool stopping;
	int64_t stop_by_ms;
	int exit_status;
};

static inline void
count_add(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* settings of now; for the turn */
const struct settings *hub_settings(const struct hub *hub);

/* worker.c */
MUST_CHECK enum rh_err worker_open(
        struct worker *worker, struct hub *hub, int index, int listen_fd, struct fault *fault);
MUST_CHECK enum rh_err worker_start(struct worker *worker, struct fault *fault);
void worker_drain(struct worker *worker);     /* any thread */
void worker_configure(struct worker *worker); /* any thread: take over settings */
void worker_tick(struct worker *worker);      /* on its thread, now and then */
void worker_close(struct worker *worker);     /* joined and empty */
struct net_client *client_make(
        struct hub *hub, struct net_loop *loop, struct net_egress **egress, struct fault *fault);
void client_configure(struct hub *hub, struct net_client *client, struct net_egress **egress);

/* presence.c: who is alive */
void presence_seen(struct live *live);     /* a message came from it; any thread */
void presence_answered(struct live *live); /* a call to it was answered; any thread */
void presence_failed(struct live *live);   /* a call to it failed; any thread */
void presence_tick(struct hub *hub);
struct live *presence_live(
        struct hub *hub, int64_t platform, enum store_state state); /* found or made */

/* registry.c */
void registry_init(struct hub *hub);
void registry_load(struct hub *hub, const struct store_platform *platforms, size_t count);
void registry_free(struct hub *hub);
/** The current token of @platform was used: forget the previous one. Any thread. */
void registry_forget_previous(struct hub *hub, struct live *live, int64_t platform);
void registry_state_changed(
        struct hub *hub, struct live *live, enum store_state state); /* OFFLINE, CONNECTED */

/** What a finished handshake commits; texts stay the caller's until done. */
struct registration {
	int64_t platform;
	struct str name; /* of a new platform; absent: kept */
	struct str version, versions_url;
	struct str token; /* to send from now on */
	bool plain_token; /* the platform wants it raw */
	const struct store_party *parties;
	size_t party_count;
	const struct store_endpoint *endpoints;
	size_t endpoint_count;
	uint8_t presented[RH_DIGEST_BYTES]; /* digest of the token that the caller used: kept as
	                                       PREVIOUS on an update */
	bool update;        /* PUT: the presented token stays until the new one is used */
	bool keep_accepted; /* the platform holds our newest token already (the hub initiated) */
};
/** Check who may claim what and commit; done() gets the fresh token to hand over. Control thread.
 */
void registry_register(
        struct hub *hub, const struct registration *registration, registry_done_fn done, void *ctx);
void registry_unregister(
        struct hub *hub, int64_t platform, registry_done_fn done, void *ctx); /* DELETE */
/** A pending token for a handshake that the hub begins; makes the platform when @platform is 0. */
void registry_pending_token(struct hub *hub, int64_t platform, struct str name,
        struct str versions_url, registry_done_fn done, void *ctx);
/** The handshake failed: the pending token is gone, and the platform when it was made for it. */
void registry_withdraw(
        struct hub *hub, int64_t platform, bool drop, registry_done_fn done, void *ctx);
/** Accept the pending token and the one before it: which of them the partner holds is not known. */
void registry_overlap(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);

/* announce.c: ClientInfo as rows of the change log */
bool roles_meet(
        enum ocpi_role a, enum ocpi_role b); /* may parties of these roles communicate? (HCI-016) */
void client_info_write(struct buf *out, struct str country, struct str party, int role, int state,
        int64_t last_updated_ms);
/** Record what differs between the parties of @before (NULL: none) and @after. Control thread. */
void announce_changes(
        struct hub *hub, const struct store_platform *before, const struct store_platform *after);
/** A platform finished its handshake: its cursor begins at the head. Control thread. */
void announce_newcomer(struct hub *hub, struct live *live);
/** Does @viewer see @party in hubclientinfo? (local.c) */
bool client_info_visible(const struct hub *hub, const struct directory *directory,
        const struct platform *viewer, const struct party *party);

/* pull.c */
void pull_tick(struct hub *hub); /* begins what is due; control thread */

/* hub.c */
void hub_own_roles(const struct hub *hub, struct buf *json); /* "roles" of the hub's Credentials */
