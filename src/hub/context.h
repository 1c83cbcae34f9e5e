/* context: what every file of the hub asks of it: its settings, its own identity, the threads and
 * what each of them owns. The rooms (message, parties, push) keep what is theirs behind the
 * pointers. */
#pragma once

#include <pthread.h>

#include "roamhub/hub.h"

/* Of the process, that neither partners' connections nor calls to them take: for the operator's 64
 * connections, for files. */
enum { SPARE_DESCRIPTORS = 96 };

struct certificate;
struct memo;
struct presented_all;
struct events;
struct expiry;
struct prints;
struct pusher;
struct registry;
struct sandboxes;
struct serieses;
struct slots;
struct statuses;
struct view;

struct counters {
	_Atomic uint64_t total[COUNTER_COUNT];
	_Atomic uint64_t by_error[RH_ERR_COUNT];
	_Atomic uint64_t by_limit[LIMIT_COUNT];
	_Atomic uint64_t by_module[8];
	_Atomic uint64_t latency_us_bucket[16];
	_Atomic uint64_t latency_us_sum;
};

/** What a platform may see that it could not see before. */
struct entitlement {
	struct str module, owner; /* absent: all */
	bool newcomer;            /* it registered just now, and knows nobody */
};

/** One thread of traffic: everything here is its own but for what is atomic. */
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
	_Atomic size_t flights, connections, calls; /* the last two as of its last tick */
	struct net_timer drain_timer, tick;
	struct mail drain_mail, cut_mail, configure_mail, news_mail;
	_Atomic bool news_wanted;
	_Atomic bool parked_news, marked_news; /* news_parked(), news_woken() */
	struct list looks;                     /* message/look.h: those who wait */
	_Atomic size_t looking;                /* how many */
	struct mail looked_mail;
	_Atomic bool looked;             /* the mail is on its way */
	struct pusher *pusher;           /* push/push.h */
	struct presented_all *presented; /* message/presented.h */
	struct refusals *refusals;
	_Atomic bool configuring;
	bool draining;
	_Atomic uint64_t slots; /* that it may have something under way for */
	uint64_t turns_seen;    /* hub_turns(), the control thread's */
	int64_t error_second,
	        errors_left; /* lines of error that may still be logged in this second */
	struct counters counters;
};

enum { HUB_TOLD_BYTES = 33 }; /* 32 hexadecimal digits */
struct hub {
	_Atomic(const struct settings *) settings;
	const struct ocpi_module *const *modules;
	char *url;
	struct prints *prints;    /* message/prints.h */
	struct memo *memo;        /* message/memo.h: hints and unknown tokens */
	struct net_exempt exempt; /* sandboxes that run: parties/callable.h, sandbox.h */
	_Atomic bool passive;     /* passive.h: it calls nobody */
	_Atomic bool store_fails; /* the last write that somebody waited for failed */
	_Atomic size_t flights;   /* of all workers: limits.flights */
	_Atomic size_t unread;    /* bytes of answers that wait to be read: message/unread.h */
	_Atomic int64_t head;     /* number of the newest change that is known to be committed */
	struct {                  /* doubt.h */
		uint64_t seen;    /* batches */
		bool due, asking;
		int64_t at_ms; /* not before */
	} doubt;
	struct {                       /* together.h */
		unsigned hubs;         /* processes, as was seen last; the control thread's */
		bool on;               /* several processes may share the store; as it was opened */
		struct view *view;     /* parties/view.h; NULL: they may not */
		_Atomic uint64_t held; /* slots that it works for; the control thread's to change */
		_Atomic bool posted;
		struct mail mail;
	} together;
	struct str prefix; /* path of the public URL, without a trailing slash */
	struct str origin; /* scheme, host and port of the public URL */
	struct ocpi_id id; /* the hub's own party */
	char address[64], admin_address[64], portal_address[64];
	int admin_listener, portal_listener;       /* -1: taken, or there is none */
	int *listeners, listener_count;            /* listeners.h */
	struct net_inherited inherited;            /* on the OCPI address */
	struct net_ranges *proxies;                /* http.trusted_proxies */
	_Atomic(struct certificate *) certificate; /* NULL: plain HTTP */
	uint8_t digest_key[RH_KEY_BYTES], seal_key[RH_KEY_BYTES];
	/* digest of what platforms are told of the hub, now, and when it was first noted */
	char told[HUB_TOLD_BYTES], told_first[HUB_TOLD_BYTES];
	_Atomic(const struct directory *) directory;
	struct store *store;
	char *about; /* store.h; NULL: it only migrates */
	struct worker *workers;
	int worker_count;
	_Atomic int workers_draining;
	int64_t started_ms;
	/* the control thread's */
	struct net_loop *loop;
	struct net_client *client;
	struct net_egress *egress;
	struct store_session *session;
	struct registry *registry; /* parties/registry.h */
	struct table *lives;       /* parties/live.h: id -> struct live */
	/* push/sync.h, told by parties */
	void (*entitled)(struct hub *hub, const struct platform *platform,
	        const struct entitlement *entitlement);
	struct net_timer tick;
	struct expiry *expiry;       /* expiry.h */
	struct sandboxes *sandboxes; /* sandbox.h */
	uint64_t sandbox_generation; /* of the directory in which was looked for who is due one */
	int64_t sandbox_told_ms;     /* monotonic: when it was said last that one is not there */
	struct events *events;       /* event.h; NULL: none are written down */
	struct serieses *serieses;   /* series.h */
	struct slots *slots;         /* slots.h */
	struct statuses *statuses;   /* status.h */
	struct wishes *wishes;       /* wishes.h */
	struct tallies *tallies;     /* tally.h */
	_Atomic uint64_t probes, probe_failures;
	size_t presence_next, probing;  /* parties/presence.c: where its walk goes on; in the air */
	size_t rotation_next, rotating; /* parties/rotation.c: the same */
	size_t suspension_next;         /* parties/suspension.c */
	struct list pulls;              /* pull.c: walks under way */
	size_t pull_count, pull_next;
	_Atomic uint64_t pull_counts[COUNT_PULL_LAST - COUNT_PULLS + 1];
	struct list surveys; /* survey/survey.c: under way */
	size_t survey_count, survey_next;
	/* survey/tick.h, told by messages: the result of a command that the hub itself sent */
	void (*result)(struct hub *hub, int64_t platform, struct str body);
	/* wishes.h, told by wish.h: what an operator asked for here */
	void (*wished)(struct hub *hub, const struct store_wish *wish);
	size_t control_work;      /* probes and handshakes under way on the control thread */
	int64_t passive_since_ms; /* wall clock; 0: it was not */
	bool stopping, cut;
	uint64_t shortages; /* of memory, that were told */
	int64_t cut_at_ms, stop_by_ms;
	int exit_status;
};

/** Does this process do what is done for @platform unasked (0: for the hub as a whole)? Any
 * thread. */
static inline bool
hub_holds(const struct hub *hub, int64_t platform)
{
	return (atomic_load_explicit(&hub->together.held, memory_order_relaxed) >>
	                       store_slot(platform) &
	               1) != 0;
}
/** Do others work beside this process, now or at any time? Then what it remembers of the store may
 * be out of date. Any thread. */
static inline bool
hub_is_together(const struct hub *hub)
{
	return hub->together.on;
}

/** The id of the relink that keeps the result of such a command, as its target, for who sent that:
 * @id is the one of the URL to which it was posted. */
struct str hub_result_id(struct str id, struct arena *arena);
void hub_own_roles(const struct hub *hub, struct buf *json); /* "roles" of the hub's Credentials */
/** `data` of the versions and of the version details; @json has an arena. */
void hub_versions_write(const struct hub *hub, struct buf *json);
enum { CUSTOM_NAME = 64, CUSTOM_MOST = 8 }; /* characters; of one platform are listed */
/** May this be the identifier of a custom module: no module of the hub's own, at most CUSTOM_NAME
 * characters that stand in a URL as they are (VER-015)? */
bool hub_is_custom(const struct hub *hub, struct str name);
/** What @reader is shown of the functional modules (may_hub.h); NULL with NULL: everything. */
typedef bool (*hub_shows_fn)(const struct platform *reader, const struct ocpi_module *module,
        enum ocpi_interface interface);
void hub_details_write(
        const struct hub *hub, const struct platform *reader, hub_shows_fn shows, struct buf *json);
/** Digest of what platforms are told of the hub, under @key. */
void hub_told(const struct hub *hub, const uint8_t key[RH_KEY_BYTES], char told[HUB_TOLD_BYTES]);
void hub_note_told(struct hub *hub); /* hub->told, of its URL and modules */
