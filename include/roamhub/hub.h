/* hub: who is connected, what a message's way is, and the threads that carry it.
 *
 * hub_open() makes everything, hub_run() is the control thread (the caller's), the workers are the
 * hub's own. What is declared here belongs to the control thread unless it says otherwise. */
#pragma once

#include <stdatomic.h>

#include "config.h"
#include "live.h"
#include "module.h"
#include "net.h"
#include "quality.h"
#include "refusals.h"
#include "series.h"
#include "store.h"

struct hub;
struct hub_choices {         /* of who starts it, for this start */
	bool new_key;        /* it is known that the key file is not the one of the database */
	bool passive;        /* it calls nobody, over restarts, until hub_resume() */
	const char *version; /* of the program, for those who share its database */
	struct store_waiting waiting; /* while it stands by (store.standby) */
};
/** @settings stay the caller's and are read until hub_close(). @modules: bin's list of functional
 * modules. NULL with @fault; RH_BUSY: @choices gave up standing by. */
struct hub *hub_open(struct settings *settings, const struct hub_choices *choices,
        const struct ocpi_module *const *modules, struct fault *fault);
/** Bring the database alone to this version. *@pending: migrations that were due. */
MUST_CHECK enum rh_err hub_migrate(struct settings *settings, const struct hub_choices *choices,
        size_t *pending, struct fault *fault);
const char *hub_url(
        const struct hub *hub); /* public_url, made from the address bound when it was not set */
/** What partners reach @path ("versions", OCPI_VERSION) under: "{public_url}/ocpi/versions". */
struct str hub_link(const struct hub *hub, const char *path, struct arena *arena);
const char *hub_address(const struct hub *hub);       /* ADDRESS:PORT of the OCPI listener */
const char *hub_admin_address(const struct hub *hub); /* of the admin listener */
int hub_admin_listener(struct hub *hub);              /* its descriptor, taken once */
/** When the first of its certificates ends, wall clock; 0: it speaks HTTP, or nobody can tell. */
int64_t hub_certificate_expires_ms(const struct hub *hub);
void hub_run(struct hub *hub); /* control loop, until hub_stop(); then drained and stopped */
/** Exit status when an older copy of the database stands in its place: to be started again it has
 * to be told by a person. */
enum { HUB_EXIT_OLDER = 3 };
void hub_stop(struct hub *hub,
        int exit_status); /* begin to drain: listeners close, flights finish or expire */
int64_t hub_stop_by_ms(const struct hub *hub); /* monotonic; 0: it is not stopping */
int hub_exit_status(const struct hub *hub);
void hub_close(struct hub *hub);
/** Use @fresh from now on. It differs in reloadable keys alone. It and those it replaces stay the
 * caller's, untouched until hub_close(): a turn may still read them. RH_BAD_CONFIG: a certificate
 * cannot be used, and nothing changed. */
MUST_CHECK enum rh_err hub_take_settings(
        struct hub *hub, struct settings *fresh, struct fault *fault);
const char *hub_about(const struct hub *hub);        /* name, addresses, version: a JSON object */
struct store_lease hub_lease(const struct hub *hub); /* store.h; any thread */
enum { HUB_LEASE_LEAST_MS = 1000 };                  /* nothing is pushed with less of it */
struct hub_passive {
	bool is;
	int64_t since_ms; /* wall clock */
};
struct hub_passive hub_passive(const struct hub *hub);
typedef void (*hub_done_fn)(void *ctx, enum rh_err err, const struct fault *fault);
/** It is the hub now, and calls. Harmless when it was not passive. */
void hub_resume(struct hub *hub, hub_done_fn done, void *ctx);
/** Every worker's loop sleeps or went on since this was asked last. */
bool hub_turns(struct hub *hub);
struct net_loop *hub_loop(struct hub *hub); /* of the control thread */
struct store *hub_store(struct hub *hub);
struct store_session *hub_session(struct hub *hub); /* of the control thread */
struct hub_look {                                   /* embedded; node initialised */
	struct list node;
	uint64_t read;
	void (*done)(struct hub_look *look); /* not when the node was removed */
};
/** Where several processes work together: done comes when what the others committed before is known
 * here, too, or cannot be read. False: there are no others. Control thread. */
MUST_CHECK bool hub_look(struct hub *hub, struct hub_look *look);
const struct settings *hub_settings(const struct hub *hub);
const struct ocpi_module *const *hub_modules(const struct hub *hub); /* as given to hub_open() */

/* ---- the directory: immutable, swapped whole (hub/parties/directory.c) ---- */

/** When it was heard last, by the wall clock of now; 0: not since the start. */
int64_t live_heard_wall_ms(const struct live *live);

enum token_encoding { ENCODING_AUTO, ENCODING_BASE64, ENCODING_PLAIN };
struct endpoint {
	struct str module;
	enum ocpi_interface interface;
	struct str url, origin, target; /* as they were listed: for ocpi_join() */
	bool by_hand;                   /* of `party set`: it is listed otherwise, or not at all */
};
enum quota { /* of what a platform may have */
	QUOTA_REQUESTS_PER_SECOND,
	QUOTA_FLIGHTS,
	QUOTA_OBJECTS,
	QUOTA_RELINKS,
	QUOTA_COUNT
};
struct suspension {
	struct str reason; /* in the operator's words; absent: none was given */
	int64_t until_ms;  /* rh_schedule_ms(): it ends by itself; 0: until it is resumed */
};
struct platform {
	int64_t id;
	struct str name;
	enum store_state state; /* PLANNED, CONNECTED (registered), SUSPENDED */
	bool removed, claims_bound, has_previous;
	struct str version, versions_url;
	struct str token;                   /* what we send; absent: none */
	struct str auth_base64, auth_plain; /* the Authorization header, both ways */
	struct str settings;
	int validation; /* enum validation_mode, or -1: the hub's */
	const struct module_validation {
		struct str module;
		int mode;
	} * validation_of; /* its own for single modules */
	size_t validation_count;
	struct str profile; /* whose settings hold where it has none of its own; absent: none */
	const struct store_endpoint *endpoints_by_hand; /* they go before those that it lists */
	size_t by_hand_count;
	enum token_encoding encoding;
	bool initial_sync;  /* it is owed what was there before it was entitled to it */
	bool catch_up_skip; /* after OFFLINE: begin at the head instead of what was missed */
	int64_t pull_ms;    /* its own interval, -1: the hub's */
	int64_t quotas[QUOTA_COUNT];  /* its own, -1: the hub's */
	bool is_hub;                  /* one of its parties is another hub */
	bool endpoints_all;           /* its version details list what others use, too */
	bool from_owner;              /* pushes say FROM = the object's owner, not the hub */
	bool lists_want_to;           /* 4001 instead of GET ALL */
	bool any_offset;              /* a DateTime may have a zone of its own */
	bool endpoint_slash;          /* the hub's endpoints are listed with a slash at their end */
	bool errors_data;             /* refusals carry the faults in `data`, too */
	bool sandbox_auto;            /* a sandbox is due for each of its roles */
	int64_t sandbox_of;           /* the platform that it was started for; 0: it is real */
	struct suspension suspension; /* of one that the operator suspended */
	bool no_offline_authorize; /* the hub does not answer for its eMSPs while they are away */
	int64_t rotate_days;       /* its own, -1: the hub's */
	/* rh_schedule_ms(): when the oldest token that it may still use was made (0: none), and
	 * when its invite expires (0: never, or it has none) */
	int64_t token_made_ms, invite_until_ms;
	bool has_pending;        /* a token went out in a handshake that is not finished */
	int64_t pending_made_ms; /* rh_schedule_ms(): the newest of those */
	struct str told;         /* digest of what it knows of the hub; absent: was not noted */
	int64_t created_ms, updated_ms, last_contact_ms;
	const struct endpoint *endpoints;
	size_t endpoint_count;
	struct party *parties;
	size_t party_count;
	const struct str *origins; /* its own: of its versions URL and endpoints */
	size_t origin_count;
	struct live *live;
};
struct party {
	struct ocpi_id id;
	enum ocpi_role role;
	enum store_state state;  /* as recorded; party_state() adds what live knows */
	int64_t last_updated_ms; /* the same; party_updated_ms() */
	struct str business;
	const struct platform *platform;
	const struct party *same; /* next with the same (country_code, party_id) */
};
int64_t hub_quota(const struct hub *hub, enum quota quota); /* of who has none of its own */
struct directory;
const struct directory *hub_directory(
        const struct hub *hub); /* any thread; good until the end of its loop turn */
size_t directory_platforms(
        const struct directory *directory, const struct platform **first); /* by id */
const struct platform *directory_platform(
        const struct directory *directory, int64_t id); /* NULL: none */
const struct platform *directory_token(const struct directory *directory,
        const uint8_t digest[RH_DIGEST_BYTES],
        enum store_token_kind *kind); /* NULL: unknown or expired */
const struct party *directory_party(
        const struct directory *directory, const struct ocpi_id *id); /* first of ->same */
const struct endpoint *platform_endpoint(
        const struct platform *platform, struct str module, enum ocpi_interface interface);
/** Scheme, host and port of a URL: may it get the token that is sent to @platform? */
bool platform_owns_origin(const struct platform *platform, struct str origin);
/** One that it dropped from its credentials is not its any more. */
bool platform_has_party(const struct platform *platform, const struct ocpi_id *id);
struct str platform_authorization(const struct platform *platform); /* the header value to send */
enum store_state platform_state(const struct platform *platform);   /* with what live knows */
enum store_state party_state(const struct party *party);
int64_t party_updated_ms(const struct party *party); /* when that changed last; wall clock */
const char *state_name(int state);                   /* "CONNECTED" */

/* ---- registry: every change of the directory, on the control thread (hub/parties/registry.c) ----
 */

struct registry_change; /* one change under way */
/** @err RH_OK: it is committed and published. @platform: its id. @token: the plain token made for
 * it, to hand over once; absent when none was made. */
typedef void (*registry_done_fn)(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token);

struct party_claim {
	struct ocpi_id id;
	enum ocpi_role role;
};
/** A PLANNED platform with a token A; with claims it may register those parties alone (CRD-003,
 * CRD-029). */
void registry_invite(struct hub *hub, struct str name, const struct party_claim *claims,
        size_t count, int64_t expires_ms, registry_done_fn done, void *ctx);
/** A fresh token A for a platform that did not register yet; the one before is dead. @expires_ms:
 * rh_schedule_ms(), 0: never. */
void registry_reinvite(
        struct hub *hub, int64_t platform, int64_t expires_ms, registry_done_fn done, void *ctx);
/** Of one that is suspended already the reason and the end are others from then on. */
void registry_suspend(struct hub *hub, int64_t platform, const struct suspension *suspension,
        registry_done_fn done, void *ctx);
void registry_resume(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);
void registry_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);
/** The same, and when it is committed the platform is told by DELETE of its credentials, best
 * effort, for a few seconds at most: live->rotation.farewell says what came of it (CRD-045). */
void handshake_remove(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);
/** A party that its platform dropped from its credentials is forgotten there, so that any platform
 * may register it. RH_NOT_FOUND: no platform has or had it; RH_BAD_FIELD: its platform holds it. */
void registry_release(
        struct hub *hub, const struct ocpi_id *party, registry_done_fn done, void *ctx);
/** What was addressed to @party while @from held it (removed, or dropped it since) is @to's, which
 * holds it now; in slices. @done gets @to. RH_BAD_FIELD names "from" or "to". */
void registry_move(struct hub *hub, const struct ocpi_id *party, int64_t from, int64_t to,
        registry_done_fn done, void *ctx);
/** Merge one setting; RH_BAD_FIELD names an unknown key or a value that does not fit, with what was
 * expected. */
void registry_set(struct hub *hub, int64_t platform, const struct str *pairs, size_t count,
        registry_done_fn done, void *ctx);
/** The keys of `party set`, for help, errors and what they set. NULL-terminated rows: key, what it
 * takes, meaning. */
struct registry_setting {
	const char *key, *takes, *help;
	void (*set)(struct platform *platform, struct str value); /* NULL: more than one field */
};
extern const struct registry_setting registry_settings[];
/** What is kept beside them, and set otherwise; ends with NULL. */
extern const char *const registry_notes[];
/** Settings that `party set ID profile=NAME` chooses together. NULL-terminated rows. */
enum { PROFILE_SETTINGS = 10 };
struct registry_profile {
	const char *name, *help;
	struct {
		const char *key, *value;
	} sets[PROFILE_SETTINGS + 1]; /* the last one is empty */
};
extern const struct registry_profile registry_profiles[];
/** What @profile sets @key to; NULL: nothing, or there is no such profile. */
const char *registry_profile_value(struct str profile, struct str key);

/** The hub begins the credentials handshake (CRD-035..046): versions, details, POST, commit. With
 * @platform it is an update of that platform instead (PUT), with the URL and the token it has of
 * it. */
void handshake_connect(struct hub *hub, int64_t platform, struct str name, struct str versions_url,
        struct str token, registry_done_fn done, void *ctx);

/** Goes on with an exchange of tokens in which a hub before this one died: both of ours are good,
 * and the partner is asked which of its own it takes. */
void handshake_recover(struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);

struct hub_rotation { /* of a platform that is registered */
	/* when the oldest token of ours that it may use was made, 0: not known; when the next
	 * exchange is begun, 0: by the calendar never; when one that failed is tried again, 0: none
	 * waits */
	int64_t made_ms, next_ms, retry_ms;
	int64_t days;         /* 0: never */
	bool untold, overdue; /* it knows a versions URL or endpoints that are over */
};
void hub_rotation(const struct hub *hub, const struct platform *platform, struct hub_rotation *out);
bool platform_invite_expired(const struct platform *platform);
struct hub_probe {       /* of the versions endpoint of a platform: is it alive? */
	unsigned count;  /* since it is what it is */
	int64_t next_ms; /* wall clock; 0: none is due */
	bool under_way;
};
void hub_probe(const struct hub *hub, const struct platform *platform, struct hub_probe *out);

/* ---- agreements and pushes, on the control thread ---- */

/** Add an agreement (its id is 0 and becomes what @done gets as platform). RH_BAD_FIELD names what
 * does not fit. */
void agreement_add(
        struct hub *hub, const struct store_agreement *agreement, registry_done_fn done, void *ctx);
/** Do they say the same? Ids do not count. */
bool agreement_same(const struct store_agreement *a, const struct store_agreement *b);
void agreement_remove(
        struct hub *hub, int64_t id, registry_done_fn done, void *ctx); /* RH_NOT_FOUND */
size_t directory_agreements(
        const struct directory *directory, const struct store_agreement **first);
/** @count: objects of a receiver and party, or modules of a sync. @fault: when @err is not RH_OK.
 */
typedef void (*push_done_fn)(void *ctx, enum rh_err err, const struct fault *fault, uint64_t count);
struct push_redrive {
	int64_t platform;
	struct store_key
	        key; /* of what it refused or what is parked for it: an absent part is any */
	int64_t since_ms, until_ms; /* then or later, and before then; 0: whenever */
	bool dry_run;               /* count alone */
	bool if_any; /* what else waits for a platform that has none of it goes on to wait */
};
/** Have @what sent once more, as it is now. The record of a refusal stays until the object was
 * taken; what waits for the platform ends its wait. */
void push_redrive(struct hub *hub, const struct push_redrive *what, push_done_fn done, void *ctx);
/** Have the newest version of all that the platform may see sent to it; @module absent: of every
 * module that it lists a Receiver interface of. @done comes when that is recorded;
 * live->push.syncing and the parked rows tell how far it is. */
void push_sync(struct hub *hub, int64_t platform, struct str module, push_done_fn done, void *ctx);
struct hub_entitled {
	bool is;                 /* it gets them */
	const char *why;         /* in words, when it does not */
	int64_t agreement;       /* by this one, or it comes closest; 0: none */
	bool is_itself, by_role; /* it is the owner; its role takes none */
};
/** Does @party get objects of @module that @owner shares? */
void hub_entitled(const struct hub *hub, const struct ocpi_id *owner,
        const struct ocpi_module *module, const struct party *party, struct hub_entitled *out);
/** How many requests a change of @object makes for @platform: of the object its key, and whether
 * there is a body, are looked at. */
size_t hub_requests(
        const struct hub *hub, const struct platform *platform, const struct store_object *object);
/** Under the key file of the hub: what is stored of a secret. */
void hub_digest(const struct hub *hub, struct str text, uint8_t out[RH_DIGEST_BYTES]);
/** PEM of what the OCPI listener shows; NULL: it speaks plain HTTP. */
const char *hub_certificate(const struct hub *hub);
int64_t hub_head(const struct hub *hub); /* number of the newest change */

/* ---- events, on the control thread ---- */

/** Write down what happened, and go on: nobody waits for it. Texts are copied; its time is now. */
void hub_event(struct hub *hub, const struct store_event *event);
uint64_t hub_events_dropped(const struct hub *hub); /* for want of room, or as the store failed */

/* ---- pull and expiry, on the control thread ---- */

/** The next walk over @platform's lists is a full one, begins now, and withdraws whatever two full
 * walks did not find, however much it is. @done, perhaps before this returns, is told RH_OK when
 * that cannot be lost any more, by whichever process it is done; RH_NOT_FOUND; RH_BAD_FIELD when it
 * is not pulled; or what the store failed with. */
void pull_accept(struct hub *hub, int64_t platform, hub_done_fn done, void *ctx);

struct hub_expiry { /* is it held, as the wall clock jumped? */
	bool held;
	int64_t since_ms; /* wall clock */
	char why[160];
};
struct hub_expiry hub_expiry(const struct hub *hub);
/** The wall clock is right: go on. Harmless when nothing is held. @done as pull_accept() has it. */
void expiry_resume(struct hub *hub, hub_done_fn done, void *ctx);

/** http.trusted_proxies, for another listener; as long as the hub. */
const struct net_ranges *hub_proxies(const struct hub *hub);

/* ---- explain and count ---- */

/** What the hub would do with a message: a JSON object {"flow","reason","error"...} for `route
 * explain`. */
void route_explain(struct hub *hub, const struct ocpi_id *from, const struct ocpi_id *to,
        struct str module, struct buf *json);

enum counter {
	COUNT_REQUESTS,
	COUNT_REFUSED,
	COUNT_FORWARDED,
	COUNT_FORWARD_FAILED,
	COUNT_RELINKED,
	COUNT_LOCAL,
	COUNT_SHARED,
	COUNT_LISTED,
	COUNT_PUSHED,
	COUNT_PUSH_FAILED,
	COUNT_PUSH_UNREAD, /* reads of the feed that failed */
	COUNT_PARKED,      /* objects put aside after several failures, or again */
	COUNT_UNPARKED,    /* objects put aside that were taken, refused, or are gone */
	COUNT_FLAWS,
	COUNT_ANSWER_FLAWS,
	COUNT_PROBES,
	COUNT_PROBE_FAILURES,
	COUNT_PULLS, /* and what they found */
	COUNT_PULLS_INCOMPLETE,
	COUNT_PULL_SEEN,
	COUNT_PULL_SHARED,
	COUNT_PULL_INVALID,
	COUNT_PULL_FOREIGN,
	COUNT_PULL_WITHDRAWN,
	COUNT_PULL_LAST = COUNT_PULL_WITHDRAWN,
	COUNT_TRACE_SKIPPED,
	COUNT_UNCHANGED,
	COUNT_UNKEPT,
	COUNT_UNREAD_REFUSED,
	COUNTER_COUNT
};
enum limit { /* that refuses requests */
	LIMIT_REQUESTS_PER_SECOND,
	LIMIT_FLIGHTS_PER_PLATFORM,
	LIMIT_FLIGHTS,
	LIMIT_ASKED, /* eMSPs, for tokens that nobody knows */
	LIMIT_OBJECTS,
	LIMIT_RELINKS,
	LIMIT_COUNT
};
struct hub_counts {
	uint64_t by_limit[LIMIT_COUNT]; /* refusals, in the order of the enum */
	uint64_t total[COUNTER_COUNT];
	uint64_t by_error[RH_ERR_COUNT]; /* refusals by reason */
	uint64_t by_module[8];           /* requests, in the order of the module list */
	uint64_t latency_us_bucket[16];  /* finished flights: <= 2^(i+7) us, the last is open */
	uint64_t latency_us_sum;
	size_t flights, connections, calls, unread;
	int64_t uptime_ms;
	int workers;
};
void hub_count(struct hub *hub, struct hub_counts *out);
