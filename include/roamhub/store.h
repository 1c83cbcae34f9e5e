/* store: what survives a restart. Asynchronous: an operation embedded in its owner, completed on
 * its owner's thread.
 *
 * Writes go to one writer thread, which commits all that waits in one transaction (group commit,
 * fsync) and then completes them. Rows of the trace go to a thread of their own. Reads run on the
 * session of the calling thread. A completion never comes from inside store_submit(). Backends are
 * files behind this header: sqlite.c (default), memory.c (tests, benchmarks). */
#pragma once

#include "base.h"
#include "erase.h"
#include "events.h"
#include "objects.h"
#include "together.h"

struct store;
struct store_session; /* one thread's way in: its read connection and its mailbox */

struct store_conf {
	const char *url;    /* "sqlite:PATH", "memory:" or "postgresql://…" */
	size_t max_waiting; /* write operations that may wait; more complete with RH_BUSY */
	int64_t max_bytes;  /* of the database; above it nothing is shared or handed out; 0: none */
	int64_t trace_max_age_ms, trace_max_bytes;
	uint32_t trace_max_rate; /* rows a second that are written; the rest is dropped and counted
	                          */
	const char *about; /* what this process says of itself where several may be, a JSON object;
	                      no other says the same */
	bool stands_by;    /* found led by another process it waits: store_stand_by() */
	bool together;     /* others may share the database and the work: together.h */
};
struct store_found {
	bool empty;     /* nobody wrote to it yet */
	bool led;       /* by another process: store_stand_by() is due */
	size_t pending; /* migrations that are due */
	/* The store's, until store_begin(). */
	bool tokens;              /* it holds tokens, accepted or sent */
	struct str key_mark;      /* of the last store_begin(); absent: none */
	const struct str *sealed; /* tokens that are sent; without a key_mark alone */
	size_t sealed_count;
	bool moved; /* the caller's: it is not of a database, but of a file that is to be one */
};
/** Locks (one process a file) and looks at what is there, and changes nothing: store_begin() is
 * due, or store_close(). NULL with @fault: locked, from the future, a migration changed, no rights.
 */
struct store *store_look(
        const struct store_conf *conf, struct store_found *found, struct fault *fault);
struct store_waiting {
	/** Until @ms have passed, or less; false: give up. */
	bool (*wait)(void *ctx, int64_t ms);
	void *ctx;
};
/** Wait until who leads is gone, or hangs for longer than its lease, and take its place. What was
 * found is looked for anew. RH_BUSY: @waiting gave up. */
MUST_CHECK enum rh_err store_stand_by(struct store *store, const struct store_waiting *waiting,
        struct store_found *found, struct fault *fault);
/** Keeps @key_mark, unless it is absent. Migrates, after a copy to "PATH-before-NNNN" of what was
 * there, and starts the writer. The trace lives in a file of its own beside the database
 * ("PATH-trace"). RH_STORE_FAILED, RH_SYSTEM: no space, say; store_close() is due all the same. */
MUST_CHECK enum rh_err store_begin(struct store *store, struct str key_mark, struct fault *fault);
/** Both; NULL with @fault. */
struct store *store_open(const struct store_conf *conf, struct fault *fault);
/** The backup under way ends with RH_BUSY, and so does each that comes. Any thread. */
void store_end_backups(struct store *store);
/** Waits for what was submitted, checkpoints, closes. All sessions must be closed. */
void store_close(struct store *store);
void store_configure(struct store *store, const struct store_conf *conf); /* the trace bounds */
struct store_session *store_session_open(
        struct store *store, struct mailbox *home, struct fault *fault);
void store_session_close(struct store_session *session);

struct store_stats {
	uint64_t commits, operations, failures, trace_rows, trace_dropped;
	uint64_t damaged; /* rows that were not served, as they are not what was written */
	uint64_t unsure;  /* batches that failed, though they may have been committed */
	int64_t commit_us_last, commit_us_max, database_bytes, trace_bytes;
	int64_t counted_bytes; /* of max_bytes: what is kept, which a PostgreSQL tells apart from
	                          its files */
	size_t waiting;
	bool failed; /* an fsync failed: nothing is acknowledged any more, the process has to stop
	                and recover */
	bool older;  /* then: by an older copy of the database, and nothing recovers by itself */
	char reason[160];
};
void store_stats(struct store *store, struct store_stats *out); /* any thread */
struct store_lease {
	int64_t left_ms; /* for so long nobody else leads; INT64_MAX: nobody can */
	bool taken;      /* another process took it over: this one has to stop */
};
struct store_lease store_lease(const struct store *store); /* any thread */

/** For so long nothing was heard of the database: what is known of it may be out of date. 0 where
 * it is a file of this machine. Any thread. */
int64_t store_unheard_ms(const struct store *store);

/* ---- records; text is UTF-8, absent str means NULL; memory of results is the operation's arena
 * ---- */

enum store_state { /* of a platform and of a party; HubClientInfo's ConnectionStatus */
	STATE_PLANNED,
	STATE_CONNECTED,
	STATE_OFFLINE,
	STATE_SUSPENDED
};
enum store_token_kind {
	TOKEN_A,       /* invite: versions and credentials alone */
	TOKEN_PENDING, /* handed to a platform in a handshake that is not finished: versions alone,
	                  or all if the platform is registered (CRD-043) */
	TOKEN_CURRENT,
	TOKEN_PREVIOUS, /* replaced; good until the current one was used or it expires */
};
struct store_token {
	enum store_token_kind kind;
	uint8_t digest[RH_DIGEST_BYTES];
	int64_t expires_ms; /* rh_schedule_ms(); 0: never */
	int64_t made_ms;    /* rh_schedule_ms(); 0: by a hub that did not note it */
};
struct store_party {
	char country[3], party[4];
	int role; /* enum ocpi_role */
	enum store_state state;
	int64_t last_updated_ms;
	struct str business; /* business_details as received, JSON */
};
struct store_endpoint {
	struct str module;
	int interface; /* enum ocpi_interface */
	struct str url;
};
struct store_platform {
	int64_t id; /* 0: new, set by the save */
	struct str name;
	enum store_state state; /* PLANNED: invited or not yet connected */
	bool removed;           /* its tokens are gone, its parties stay, SUSPENDED */
	struct str version, versions_url;
	struct str token_sealed; /* what we send; absent while PLANNED */
	struct str settings;     /* JSON object of party set */
	struct str told;         /* digest of what its last handshake told it of the hub */
	int64_t created_ms, updated_ms, last_contact_ms;
	const struct store_party *parties; /* with their role; of an invite: what it may claim */
	size_t party_count;
	const struct store_endpoint *endpoints;
	size_t endpoint_count;
	const struct store_token *tokens;
	size_t token_count;
	bool claims_bound; /* an invite bound to its parties (CRD-029) */
	int64_t changed; /* out of a load and of a save, and as it was then into the next save: who
	                    is overtaken by another process is refused. 0: there are no others */
	bool damaged;    /* out: it is not what was written. All but the id is made up: it is
	                    suspended, and has no parties and no tokens */
};

enum store_relink_kind { RELINK_RESPONSE_URL, RELINK_LINK, RELINK_LOCATION };
struct store_relink {  /* a URL the hub handed out: response_url, Link, Location */
	struct str id; /* random text in the URL */
	enum store_relink_kind kind;
	struct str target;       /* the URL it stands for */
	int64_t caller_platform; /* who may call it */
	int64_t target_platform; /* whose token the call gets */
	char caller_country[3], caller_party[4], target_country[3], target_party[4];
	struct str module;
	int interface;             /* of the target's endpoint that the traffic belongs to */
	struct str correlation_id; /* of the message it was handed out in */
	int64_t created_ms, expires_ms;
};

enum store_trace_outcome { /* how a leg ended; docs/operations.md, "What happened to a message" */
	TRACE_OK,
	TRACE_UNAUTHORISED, /* no token, one that is not known, or a platform that is suspended */
	TRACE_REFUSED_BY_HUB,
	TRACE_REFUSED_BY_PARTNER,
	TRACE_PARTNER_FAILED, /* 5xx, 3xxx, no usable envelope, half an answer */
	TRACE_UNREACHABLE,    /* no connection, or it is known to be away */
	TRACE_LATE,
	TRACE_HUB_FAILED, /* no room, or the store */
	TRACE_OUTCOMES
};
enum { STORE_TRACE_LOOK = 2000 }; /* rows that one STORE_TRACE_FIND looks at */
struct store_trace { /* one leg of a flight; one block of memory, free()d by the store */
	int64_t id;  /* out: in the order of writing */
	int64_t at_ms;
	int64_t platform; /* that sent it, of a leg to a partner that received it; 0: none */
	enum store_trace_outcome outcome;
	struct str module; /* absent when not known */
	struct str correlation_id, request_id;
	struct str from, to; /* "DE*ABC" in upper case, absent when not known */
	struct str object;   /* "tokens/DE*ABC/012345", owner in upper case, absent when none */
	struct str doc;      /* JSON object: everything else */
};

struct store_hub {        /* a process */
	struct str about; /* as it said */
	bool leads;       /* else it stands by, unless it works */
	int64_t since_ms; /* wall clock of the store */
	int64_t seen_ms;  /* so long ago */
	/* together.h */
	bool works;     /* beside others */
	bool leaves;    /* it stops */
	unsigned slots; /* that it holds */
	int64_t behind; /* numbers of changes that it has not seen yet */
};

struct store_directory_args { /* STORE_DIRECTORY, read, of one moment */
	int64_t since;        /* of the last read; 0: everything */
	int64_t changed;      /* out: the next @since */
	int64_t version;      /* out: raised by each change that others depend on; above 0 */
	int64_t head;         /* out: the newest change of objects */
	const struct store_platform *platforms; /* out: those that changed, by id */
	const int64_t *joined; /* out, of each of them: where its cursor stands; -1: it has none */
	size_t platform_count;
	bool agreements_changed; /* out: then they are all there */
	const struct store_agreement *agreements;
	size_t agreement_count;
};

/* ---- operations ---- */

enum store_verb {
	STORE_PLATFORM_SAVE,  /* write: insert or replace one platform with all that hangs on it */
	STORE_PLATFORMS_LOAD, /* read: all platforms, removed ones included; never two of one id */
	STORE_PLATFORM_TOUCH, /* write: last_contact_ms of one platform */
	STORE_IMPORT,         /* write: platforms and agreements, all of them or none */
	STORE_RELINK_PUT,     /* write */
	STORE_RELINK_GET,     /* read: RH_NOT_FOUND when unknown, expired or damaged */
	STORE_EXPIRE,     /* write: relinks and hints expired at now_ms, tombstones 30 days old and
	                     refusals 90 days old, versions; some thousand a call */
	STORE_TRACE_FIND, /* read: newest last */
	STORE_META_GET,   /* read: RH_NOT_FOUND when absent, RH_STORE_FAILED when damaged */
	STORE_META_PUT,   /* write */
	STORE_PROBE,      /* write: a row as large as an object, committed, for /readyz */
	STORE_BACKUP,     /* the writer copies the database to a new file while it goes on */
	/* objects.h */
	STORE_SHARE,           /* write */
	STORE_OBJECT_GET,      /* read */
	STORE_OBJECT_FIND,     /* read */
	STORE_VERSIONS,        /* read */
	STORE_OBJECT_PAGE,     /* read */
	STORE_FEED,            /* read */
	STORE_CURSORS_LOAD,    /* read */
	STORE_CURSORS_SAVE,    /* write */
	STORE_FAILURE_PUT,     /* write */
	STORE_FAILURES,        /* read */
	STORE_FAILURE_DROP,    /* write */
	STORE_PARK,            /* write */
	STORE_UNPARK,          /* write */
	STORE_PARKED,          /* read */
	STORE_PARKED_HEADS,    /* read */
	STORE_REDRIVE,         /* write */
	STORE_RECEIVER_DROP,   /* write */
	STORE_SCOPE_MOVE,      /* write */
	STORE_OWNED_DROP,      /* write */
	STORE_PULLED,          /* read */
	STORE_PULLED_MISSED,   /* write */
	STORE_AGREEMENT_SAVE,  /* write */
	STORE_AGREEMENT_DROP,  /* write: RH_NOT_FOUND when there is none of this id */
	STORE_AGREEMENTS_LOAD, /* read: RH_STORE_FAILED when one is damaged */
	STORE_HINT_PUT,        /* write */
	STORE_QUOTA,           /* read */
	STORE_HINT_GET,        /* read: RH_NOT_FOUND when unknown or expired */
	STORE_HUBS,            /* read: the processes that share it; none where nobody can */
	/* where several processes work together (together.h); else they find and change nothing */
	STORE_DIRECTORY,   /* read: platforms and agreements that changed */
	STORE_STATUS_SAVE, /* write */
	STORE_STATUSES,    /* read */
	STORE_WISH_PUT,    /* write */
	STORE_WISH_DROP,   /* write */
	STORE_WISHES,      /* read */
	STORE_TALLY_PUT,   /* write */
	STORE_TALLIES,     /* read */
	/* events.h */
	STORE_EVENT_PUT,  /* write */
	STORE_EVENT_TRIM, /* write */
	STORE_EVENTS,     /* read */
	/* erase.h */
	STORE_ERASE,       /* write */
	STORE_TRACE_ERASE, /* neither; RH_BUSY: another one is under way */
	STORE_VERB_COUNT
};
struct store_op {
	enum store_verb verb;
	void (*done)(struct store_op *op); /* on the thread of the session's mailbox */
	struct arena
	        *arena; /* results of reads; the caller's; only touched by the session's thread */
	union {
		struct {
			struct store_platform
			        *platform; /* must stay until done; its id is set when it was 0 */
		} save;
		struct store_directory_args directory;
		struct store_statuses_args statuses;
		struct store_wishes_args wishes;
		struct store_tallies_args tallies;
		struct {
			const struct store_platform *platforms; /* out */
			size_t count;
		} load;
		struct {
			int64_t platform, at_ms;
		} touch;
		struct store_import_args import;
		struct {
			const struct store_relink *relink; /* must stay until done */
			bool limited;  /* refuse it with RH_QUOTA when its platform has */
			int64_t quota; /* so many */
		} relink_put;
		struct {
			struct str id; /* in */
			int64_t now_ms;
			struct store_relink relink; /* out */
		} relink;
		struct {
			int64_t now_ms;
			int64_t before_ms; /* sessions and CDRs last changed before it go too; 0:
			                      none */
			uint64_t dropped; /* out, of all kinds; 0: there was nothing left to drop */
		} expire;
		struct {
			struct str correlation_id, party,
			        object; /* those present must match; party: as from or to */
			int64_t since_ms;
			size_t limit;
			int64_t until_ms; /* 0: now */
			struct str module;
			bool of_platform;
			int64_t platform;
			unsigned outcomes;              /* a bit each; 0: all */
			const struct store_trace *rows; /* out */
			struct str text;   /* stands somewhere in it, whatever its case */
			int64_t before_id; /* of those at until_ms: before it; 0: all */
			/* out: until_ms and before_id of a search that goes on behind
			 * these; 0: there are none. STORE_TRACE_LOOK rows are looked at and
			 * no more, whether they match or not */
			int64_t next_ms, next_id;
			uint64_t kept, dropped; /* out: rows of everybody in that time, since the
			                           start, whether they match or not */
			size_t count;
		} trace;
		struct {
			struct str key, value; /* in; value is out of META_GET */
		} meta;
		struct {
			const char *path; /* must not exist */
			int64_t bytes;    /* out */
		} backup;
		struct store_share_args share;
		struct store_get_args get;
		struct store_find_args find;
		struct store_versions_args versions;
		struct store_page_args page;
		struct store_feed_args feed;
		struct store_cursors_args cursors;
		struct store_failures_args failures;
		struct store_parked_args parked;
		struct store_heads_args heads;
		struct store_redrive_args redrive;
		struct store_receiver_args receiver;
		struct store_scope_args scope;
		struct store_owned_args owned;
		struct store_pulled_args pulled;
		struct store_agreements_args agreements;
		struct store_hint_args hint;
		struct store_event_args event;
		struct store_events_args events;
		struct store_event_trim_args event_trim;
		struct store_quota_args quota;
		struct {
			const struct store_hub *rows; /* out */
			size_t count;
		} hubs;
		struct store_erase_args erase;
		struct store_trace_erase_args trace_erase;
	} u;
	enum rh_err err;   /* out: RH_OK, RH_NOT_FOUND, RH_STORE_FAILED, RH_BUSY */
	int64_t directory; /* in, of PLATFORM_SAVE, IMPORT, AGREEMENT_SAVE and AGREEMENT_DROP: the
	                      version of the directory that it was made on, and which it raises;
	                      out: the raised one. 0: it depends on nothing but the platform
	                      itself, or there are no others */
	bool overtaken;    /* out, with RH_BUSY: another process changed the directory first; look
	                      again (STORE_DIRECTORY), and make the change anew */
	char why[160];

	struct mail mail; /* private */
	int64_t made_id;  /* of a new platform, agreement or event, until it is committed */
	uint64_t damaged; /* counted into the stats */
	struct store_session *session;
	struct store_op *next;
};
void store_submit(struct store_session *session, struct store_op *op);
/** Operations submitted whose completion was not delivered yet: 0 before a session may be closed.
 * Its thread. */
size_t store_session_open_operations(const struct store_session *session);

/* Whose rows a message makes: what is kept of the trace is bounded for everybody together, and
 * shared fairly. */
struct store_trace_claim {
	int64_t platform; /* that sent it; 0: a stranger's, or of the hub itself when it is pushed
	                   */
	bool pushed; /* a delivery of a change that the platform made, counted apart from its own
	                messages */
	bool failed; /* is kept before what went well */
	unsigned rows;
};
/** Will the rows of a message be kept? Ask before they are made, which costs more than to write
 * them. False: they are counted as dropped. Never blocks; any thread. */
bool store_trace_wanted(struct store *store, const struct store_trace_claim *claim);
/** Room for a trace row whose texts are copied behind it, from one malloc(): give it to
 * store_trace_put(). */
struct store_trace *store_trace_new(const struct store_trace *from);
/** Takes *row and nulls it; store_trace_wanted() was asked. Never blocks; when too many wait it is
 * dropped and counted. Any thread. */
void store_trace_put(struct store *store, struct store_trace **row);
