/* inside: what the files of the admin layer know of each other. Everything belongs to the control
 * thread. */
#pragma once

#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "roamhub/admin.h"

#include "audit.h"
#include "census.h"
#include "desk.h"
#include "trouble.h"

struct inquiry;
struct objects;

/* Why an object is still owed. */
enum owed_cause {
	OWED_QUEUED, /* behind the cursor, and its turn comes */
	OWED_WAITS,  /* the same, and the receiver is left alone for a while */
	OWED_AWAY,   /* the same, and it is OFFLINE */
	OWED_FAILED, /* parked; the rest as enum store_parked_kind has it */
	OWED_REDRIVE,
	OWED_INTRODUCED,
	OWED_PULLED,
	OWED_CAUSES
};
/* Objects of a receiver's parties. */
struct owed_ages {
	uint64_t counts[OWED_CAUSES][OWED_AGES];
	bool partial; /* there are more changes than were looked at */
};

/* What the hub owes to one platform, or to all of them together (backlog.c). */
struct backlog_row {
	int64_t platform;
	int64_t cursor, head, lag; /* lag: changes above its cursor, whether they are for it or not;
	                              of all: the largest */
	uint64_t owed;             /* objects queued for it */
	int64_t oldest_ms; /* wall clock: when the oldest change that it did not get was made; 0:
	                      none */
	size_t behind;     /* of all: platforms that lag */
	/* parked_ask(): objects beside the feed, and of those that are due first the one that is
	 * there longest, NULL: none */
	uint64_t parked;
	const struct store_parked *parked_oldest;
	uint64_t refused;       /* refused_ask(): for good, of the newest 5000 of all platforms */
	struct owed_ages *ages; /* ages_ask(); NULL: not asked */
};
struct backlog {
	struct backlog_row *rows; /* of registered platforms, by id */
	size_t count, at;
};

enum request_header { AUTHORIZATION, HOST, ACCEPT, LAST_EVENT_ID, COOKIE, ORIGIN, CSRF };

enum verb_flags {
	VERB_OPEN = 1 << 0,     /* needs no token */
	VERB_BODY = 1 << 1,     /* a JSON object is due */
	VERB_NEAR = 1 << 2,     /* needs no token from this machine */
	VERB_ANY_HOST = 1 << 3, /* answered whatever the request calls this hub */
	VERB_VIEWER = 1 << 5,   /* who may only look may do it */
	VERB_ANYWAY = 1 << 4,   /* is done although it cannot be written down who does it */
	VERB_LOOKS = 1 << 6,    /* changes nothing, whatever its method */
	VERB_SECRET = 1 << 7,   /* its path holds what stands in no log */
	VERB_MAY_BODY = 1 << 8, /* a JSON object, or nothing, which is an empty one */
};
struct verb {
	const char *method;
	const char *path; /* "/admin/v1/platforms/{id}": {id} takes a platform id */
	void (*handle)(struct inquiry
	                *inquiry); /* answers, or waits for one completion and answers then */
	unsigned flags;
	const char *help;
	const char *name; /* of what changes something: as roamhubctl has it, and the audit */
	/** What it may change, before and after: an object; NULL: there is none. @id: of the path,
	 * or of what was made. */
	json_t *(*view)(const struct inquiry *inquiry, int64_t id);
	const char *gives;  /* what it answers, as a type of fields.h; NULL: no JSON */
	const char *takes;  /* what its body says, or its query, as a type of takes.c; "A|B": one or
	                       the other; NULL: nothing */
	const char *status; /* HTTP, of what it answers, with blanks; NULL: 200 */
	const char *media;  /* what is answered instead of JSON, or to who accepts it */
	const char *tells;  /* of a stream: "EVENT:SHAPE ...", * is any other */
};
extern const struct verb admin_verbs[]; /* ends with a row without a method (api.c) */

/* One STORE_PROBE answers everybody who asks within a second (pulse.c). */
struct pulse {
	struct store_op op;
	struct net_loop *loop;
	struct net_timer late;
	struct list waiting; /* struct inquiry */
	bool running, was_late;
	bool ok;          /* of the last one that ended */
	int64_t ended_ms; /* monotonic; 0: none has ended */
	int64_t since_ms; /* wall clock: when ok became what it is */
	int64_t took_us, began_us;
	char why[160];
};

/* A count that stands still as long as all is well (lapses.c). */
struct lapse {
	uint64_t seen;   /* the count at the last look */
	uint64_t count;  /* by how much it rose since it last stood still for five minutes */
	int64_t last_ms; /* monotonic: when it was seen to have risen */
};
struct lapses {
	struct net_timer timer;
	struct lapse operations; /* of the store, that failed */
	struct lapse unstored;   /* requests that were refused since the store failed them */
	struct lapse no_room;    /* requests that were refused at a limit */
	struct lapse unkept;     /* copies that could not be kept */
};

struct admin {
	struct admin_conf conf;
	struct hub *hub;
	struct desk desk;
	struct portal *portal;            /* portal.h; NULL: there is none */
	uint8_t digest_key[RH_KEY_BYTES]; /* of this process: tokens are compared as digests */
	uint8_t token[RH_DIGEST_BYTES];
	struct admin_tokens *named;
	struct audits audits;
	struct list inquiries; /* all that are not freed */
	struct pulse pulse;
	struct lapses lapses;
	struct trouble trouble;
	uint64_t failed_backups; /* the operator was told, `check` needs not */
	bool stopping;
	int64_t started_ms, stopping_since_ms; /* wall clock */
	int64_t reloaded_ms;                   /* wall clock of the last reload; 0: none */
	bool reload_refused;
	struct refusals *refusals;
	struct streams *streams;
	struct busiest *busiest;
	struct census *census;
};

/* One request to the admin API, from request() to done(), or to its completion when that comes
 * later. */
struct inquiry {
	struct list node;
	struct list waiting; /* of the pulse, or of the census */
	struct admin *admin;
	struct desk *desk;           /* where it is asked */
	struct guest *guest;         /* at the portal: who asks; NULL: nobody known */
	struct net_request *request; /* NULL: the peer is gone */
	struct arena *arena;         /* holds the inquiry too */
	struct ocpi_path path;
	const struct verb *verb; /* NULL: there is none */
	int64_t id;              /* {id} */
	struct str who;          /* name of its token; empty: it has none that is good */
	bool viewer;             /* may only look */
	struct audit audit;
	const char *action; /* what is done, for the log */
	json_t *body;       /* VERB_BODY: an object */
	json_t *answer;     /* of a handler that makes it before it waits */
	bool pending, answered;
	int answered_as;      /* HTTP status, 0: not yet */
	struct hub_look look; /* at what other processes changed, before it is done */
	struct store_op op;
	void (*ready)(struct inquiry *inquiry); /* after the pulse, or when the backlog is known */
	struct backlog backlog;
	/* of an answer that stays open (streams.c) */
	struct watcher *watcher;
	void (*left)(struct inquiry *inquiry); /* before it is done(); NULL: nothing is due */
	struct objects *objects;               /* of objects_ask() */
	void *work;                            /* of a handler that takes more than one step */
	struct buf text;
	struct net_header headers[8]; /* the first two are of every answer */
	size_t more_headers;
};

/* inquiry.c */
void inquiry_begin(struct desk *desk, struct net_request *request);
void inquiry_end(struct inquiry *inquiry); /* done() */
void inquiry_free(struct inquiry *inquiry);
/** Answer with what stands in inquiry->text. */
void inquiry_answer(struct inquiry *inquiry, int status, const char *content_type);
void inquiry_header(struct inquiry *inquiry, const char *name, struct str value); /* before */
void inquiry_log_refusal(const struct inquiry *inquiry, const char *why);
void inquiry_json(struct inquiry *inquiry, int status, json_t *answer); /* takes @answer */
/** {"error": "..."} with the status that belongs to @fault->err. */
void inquiry_fail(struct inquiry *inquiry, const struct fault *fault);
void inquiry_refuse(struct inquiry *inquiry, int status, const char *why);
/** The same; false, so that `return` reads well. */
bool inquiry_refused(struct inquiry *inquiry, int status, const char *why);
bool inquiry_looks(const struct inquiry *inquiry); /* GET or HEAD */
/** What was asked has a fault: "FIELD: WHY". False, so that `return` reads well. */
bool inquiry_bad(struct inquiry *inquiry, const char *field, const char *fmt, ...)
        PRINTF_LIKE(3, 4);
/** A completion is armed: the memory stays until inquiry_resume(). */
void inquiry_wait(struct inquiry *inquiry);
/** Ask the store for what inquiry->op says otherwise; @done gets it. Results lie in the inquiry's
 * arena, unless op has one. */
void inquiry_store(
        struct inquiry *inquiry, enum store_verb verb, void (*done)(struct store_op *op));
/** The completion came. False: it is answered already and may be freed now, leave it alone. */
bool inquiry_resume(struct inquiry *inquiry);
/** The completion of an @action came: told to the log, with the id under @noun. False: it failed,
 * and that was said, or nobody is there. */
bool inquiry_acted(struct inquiry *inquiry, enum rh_err err, const struct fault *fault,
        const char *noun, int64_t id);
/** The same, and it is answered: with inquiry->answer, when it succeeded. */
void inquiry_acted_with(struct inquiry *inquiry, enum rh_err err, const struct fault *fault,
        const char *noun, int64_t id);
/** The result of inquiry->op. False: somebody was told why not, or nobody is there. */
bool inquiry_stored(struct store_op *op, struct inquiry **inquiry);

/* asked.c; where bool is returned, false: it was something else, and that was said */
struct str asked_query(struct inquiry *inquiry, const char *name); /* decoded; absent: missing */
struct str asked_member(const struct inquiry *inquiry, const char *name);    /* absent: no string */
bool asked_text(struct inquiry *inquiry, const char *name, struct str *out); /* may be missing */
bool asked_flag(struct inquiry *inquiry, const char *name, bool *out);       /* may be missing */
/** A day means its first moment in UTC. 0 when @text is absent. */
bool asked_time(struct inquiry *inquiry, const char *name, struct str text, int64_t *out_ms);
bool asked_party(struct inquiry *inquiry, const char *name, struct str text, struct ocpi_id *id);
/** "MODULE/CC*PID/ID", into module, owner and id of @key. Absent: they stay. */
bool asked_object(
        struct inquiry *inquiry, const char *name, struct str text, struct store_key *key);

/* token.c */
MUST_CHECK enum rh_err admin_token_load(struct admin *admin, const char *path, struct fault *fault);
/** Whose token this is, into inquiry->who and viewer; false: nobody's. */
bool token_known(struct inquiry *inquiry, struct str authorization);
/** Is it the token of somebody who may change something? */
bool token_may_change(const struct admin *admin, struct str authorization);

/* named.c */
/** The one whose token this is; NULL: nobody. */
const struct admin_named *named_find(
        const struct admin_tokens *tokens, const struct hub *hub, struct str token);
/** The line of @name; NULL: there is none. */
const struct admin_named *named_of(const struct admin_tokens *tokens, const char *name);
struct admin_named { /* a line of the file */
	char name[33];
	bool viewer;
	uint8_t digest[RH_DIGEST_BYTES];
};
void named_digest(const struct hub *hub, const struct admin_named *named, struct str token,
        uint8_t out[RH_DIGEST_BYTES]);
struct str named_digest_text(const uint8_t digest[RH_DIGEST_BYTES], struct arena *arena);
bool named_digest_read(struct str text, uint8_t out[RH_DIGEST_BYTES]); /* false: it is none */
bool named_name_good(struct str name);
bool named_role(struct str role, bool *viewer); /* false: there is no such role */

/* audit.c */
/** @verb is about to be done: written down, then audit.done(). */
void audit_begin(struct inquiry *inquiry);
/** It is to be answered so. False: there is nothing to write down, or too much was; true: it is
 * written down, then audit.done(). */
bool audit_end(struct inquiry *inquiry, int status, const char *content_type);
void audit_hear(struct audit *audit, json_t *answer); /* that is about to be given */
void audit_drop(struct audit *audit);
/** What was asked for, without what stands in no log. */
struct str audit_target(const struct inquiry *inquiry);

/* handlers, by subject */
void api_index(struct inquiry *inquiry);
void openapi_show(struct inquiry *inquiry);
void platforms_list(struct inquiry *inquiry);
void platforms_show(struct inquiry *inquiry);
void platforms_handshakes(struct inquiry *inquiry);
void platforms_faults(struct inquiry *inquiry);
void platforms_history(struct inquiry *inquiry);
void platforms_invite(struct inquiry *inquiry);
void platforms_reinvite(struct inquiry *inquiry);
void platforms_rotate(struct inquiry *inquiry);
void platforms_connect(struct inquiry *inquiry);
void platforms_suspend(struct inquiry *inquiry);
void platforms_resume(struct inquiry *inquiry);
void platforms_remove(struct inquiry *inquiry);
void platforms_set(struct inquiry *inquiry);
void platforms_check(struct inquiry *inquiry);
void platforms_report(struct inquiry *inquiry);
void parties_release(struct inquiry *inquiry);
void parties_move(struct inquiry *inquiry);
void sandboxes_list(struct inquiry *inquiry); /* of a guest: its own */
void sandboxes_start(struct inquiry *inquiry);
void sandboxes_stop(struct inquiry *inquiry);
void agreements_list(struct inquiry *inquiry);
void agreements_add(struct inquiry *inquiry);
void agreements_remove(struct inquiry *inquiry);
void push_status(struct inquiry *inquiry);
void push_again(struct inquiry *inquiry);     /* to {id} */
void push_again_all(struct inquiry *inquiry); /* to everybody */
void push_all(struct inquiry *inquiry);
void pulls_accept(struct inquiry *inquiry);
void expiry_go_on(struct inquiry *inquiry);
void hub_go_on(struct inquiry *inquiry);
void traces_find(struct inquiry *inquiry);
void certificates_show(struct inquiry *inquiry);
void hubs_list(struct inquiry *inquiry);
void config_show(struct inquiry *inquiry);
void config_reload(struct inquiry *inquiry);
void events_list(struct inquiry *inquiry);
void audit_list(struct inquiry *inquiry);
void tokens_make(struct inquiry *inquiry);
json_t *platform_view(const struct inquiry *inquiry, int64_t id);
json_t *agreement_view(const struct inquiry *inquiry, int64_t id);
json_t *party_view(const struct inquiry *inquiry, int64_t id);
void backup_start(struct inquiry *inquiry);
void transfer_out(struct inquiry *inquiry);
void transfer_in(struct inquiry *inquiry);
json_t *transfer_view(const struct inquiry *inquiry, int64_t id);
void route_ask(struct inquiry *inquiry);
void status_show(struct inquiry *inquiry);
void metrics_show(struct inquiry *inquiry);
void health_alive(struct inquiry *inquiry);
void health_ready(struct inquiry *inquiry);
void health_check(struct inquiry *inquiry);
void health_doctor(struct inquiry *inquiry); /* the same, and doctor_fill() */

/* ladder.c */
enum rung { GOOD, WARNING, CRITICAL };
struct ladder {
	json_t *list;
	enum rung worst;
};
void ladder_add(struct ladder *ladder, const char *check, enum rung rung, const char *detail);
json_t *ladder_tree(const struct ladder *ladder); /* takes its list */

/* doctor.c: what the machine and the configuration say, and for each row what to do */
void doctor_fill(const struct inquiry *inquiry, struct ladder *ladder);

/* view.c: one platform as answers show it */
/** @whole: with all that the directory knows of it, but what is counted (tally.h). */
json_t *platform_tree(const struct admin *admin, const struct platform *platform, bool whole);
const struct platform *platform_of(
        struct inquiry *inquiry); /* of {id}; NULL: there is none, and that was said */
const struct platform *platform_present(struct inquiry *inquiry); /* the same, not removed */
json_t *platform_failure(const struct live *live);                /* the last one; null: none */
/** Those who are told when its status changes: {"count", "platforms"}, the first of them by name
 * (audience.c). */
json_t *audience_tree(const struct admin *admin, const struct platform *platform);
/** So much of its lists is missing that a word of the operator is waited for. */
bool pull_is_held(const struct platform *platform);
json_t *platform_roles(const struct platform *platform);
const char *platform_status(const struct platform *platform);

/* series.c */
void series_show(struct inquiry *inquiry);

/* standing.c */
/** "since", "reason" (null: none is needed) and "recent", the last five minutes. */
int64_t standing_since_ms(const struct platform *platform); /* wall clock */
void standing_set(json_t *object, const struct hub *hub, const struct platform *platform);

/* objects.c */
/** What {module}/{cc}/{pid}/{id} of the path say, in the scope of what is shared. False: one is
 * none, and that was said. */
bool object_asked(struct inquiry *inquiry, struct store_key *key, struct ocpi_id *owner);
/** @ready, when the object was read in all its scopes, of which there may be none. */
void objects_ask(struct inquiry *inquiry, const struct store_key *key,
        void (*ready)(struct inquiry *inquiry));
const struct store_object *objects_of(const struct inquiry *inquiry, size_t *count); /* then */
void objects_skip_damaged(struct inquiry *inquiry);    /* after objects_ask() */
size_t objects_damaged(const struct inquiry *inquiry); /* that were skipped */
bool objects_more(const struct inquiry *inquiry);      /* there are more than are told */
bool objects_none(struct inquiry *inquiry);            /* there are none, and that was said */
json_t *object_copies(const struct inquiry *inquiry);  /* versions, with their bytes */
json_t *object_version(const struct hub *hub, const struct store_object *object);
/** Of what it was before: until when, and not its bytes. */
json_t *object_earlier(const struct inquiry *inquiry, const struct store_version *version);
void objects_show(struct inquiry *inquiry);

/* owners.c */
void owners_find(struct inquiry *inquiry);

/* delivery.c */
void deliveries_show(struct inquiry *inquiry);

/* traces.c */
extern const char *const trace_outcome_names[TRACE_OUTCOMES];
/** What messages are asked for, whose ever, into inquiry->op. False: one is none, that was said. */
bool traces_question(struct inquiry *inquiry);
struct str traces_next(const struct inquiry *inquiry); /* cursor; absent: there is nothing older */
/* evidence.c */
void evidence_show(struct inquiry *inquiry);

/* erase.c */
void tokens_erase(struct inquiry *inquiry);

/* erase_mark.c */
/** "NL*MSP/UID" of the body, borrowed; false: it is none. */
bool erase_token(const struct inquiry *inquiry, struct ocpi_id *owner, struct str *uid);
/** The same for one token in any case of letters. */
struct str erase_mark(const struct inquiry *inquiry, const struct ocpi_id *owner, struct str uid);
struct str erase_subject(const struct inquiry *inquiry); /* of the audit: without the uid */

/* agreements.c */
/** Those that name both, as they stand now: did one let @cpo and @emsp exchange @module at @at_ms?
 */
json_t *agreements_between(const struct inquiry *inquiry, const struct ocpi_id *cpo,
        const struct ocpi_id *emsp, struct str module, int64_t at_ms);

/* events.c, traces.c: a row, as lists have it */
json_t *event_tree(const struct store_event *event);
json_t *trace_tree(const struct store_trace *row);

/* streams.c */
struct streams *streams_new(struct admin *admin);
void streams_end(struct streams *streams);        /* the peers are told so */
bool streams_work(const struct streams *streams); /* the store fills its memory */
void streams_free(struct streams *streams);
/** At once, and without an id: it is not written down. */
void streams_tell(struct streams *streams, const struct store_event *event);
void events_show(struct inquiry *inquiry); /* a list, or as they happen */

/* console.c */
void console_page(struct inquiry *inquiry);
void console_show(struct inquiry *inquiry);

/* route_question.c */
void refuse_module(struct inquiry *inquiry); /* it is none of those there are */

/* pulse.c: @ready, now or later, when admin->pulse has a result of the last second */
void pulse_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));

/* knock.c */
struct knocks {
	int made, taken; /* connections to the OCPI listener; taken: that a worker closed in time */
};
/** @ready, now or later, when inquiry->work is a struct knocks. */
void knock_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));

/* lapses.c */
void lapses_start(struct admin *admin);
void lapses_stop(struct admin *admin);
void lapses_look(struct admin *admin); /* now, and not only when it is time */
void lapse_look(struct lapse *lapse, uint64_t count, int64_t now_ms);
/** Did it rise within the last five minutes? */
bool lapse_lately(const struct lapse *lapse, int64_t now_ms);

/* backlog.c */
/** @ready, now or later, when inquiry->backlog is filled; @only: this platform alone, 0: all. */
void backlog_ask(struct inquiry *inquiry, int64_t only, void (*ready)(struct inquiry *inquiry));
void backlog_rows(struct inquiry *inquiry, int64_t only); /* at once, without some ages */
struct backlog_row *backlog_find(const struct backlog *backlog, int64_t platform); /* NULL: none */
void backlog_sum(const struct inquiry *inquiry, struct backlog_row *out);
void backlog_set(json_t *object, const struct backlog_row *row, const struct live *live);
void age_set(json_t *object, int64_t oldest_ms); /* "oldest", and "age" in seconds */

int64_t receiver_platform(struct str receiver); /* of "platform/7"; 0: of none */
/** The row of "platform/7"; NULL: there is none. */
struct backlog_row *backlog_of(const struct backlog *backlog, struct str receiver);

/* ages.c */
/** @ready, now or later, when the rows of inquiry->backlog have ages. */
void ages_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));
json_t *ages_tree(const struct owed_ages *ages);

/* parked.c */
/** @ready, now or later, when the rows of inquiry->backlog have parked and parked_oldest. */
void parked_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));
void refused_ask(struct inquiry *inquiry, void (*ready)(struct inquiry *inquiry));
/** Those of a platform (0: of all) that are due first, into inquiry->op. */
void parked_read(struct inquiry *inquiry, int64_t platform, size_t limit, struct arena *arena,
        void (*done)(struct store_op *op));
/** Those that key and times of @choice choose, of a platform (0: of all). */
void parked_choose(struct inquiry *inquiry, const struct store_parked_args *choice,
        int64_t platform, void (*done)(struct store_op *op));
json_t *parked_tree(const struct store_parked *row);
int64_t parked_age_ms(const struct store_parked *row);
bool parked_is_module(const struct store_parked *row); /* stands for all that is there of one */

/* platform_settings.c */
json_t *platform_settings_tree(const struct hub *hub, const struct platform *platform);
const char *platform_validation(const struct hub *hub, const struct platform *platform);
const char *platform_encoding(const struct platform *platform);

/* redrive.c: what a platform refused for good */
void refusals_ask(struct inquiry *inquiry, size_t limit,
        void (*done)(struct store_op *op)); /* of {id}, newest first */
json_t *refusal_tree(const struct store_failure *failure);

/* surveys.c: the last report of {id}, into inquiry->op */
void report_ask(struct inquiry *inquiry, void (*done)(struct store_op *op));
json_t *report_summary(const struct store_op *op); /* null: there is none */

#define LEASE_DETAIL                                                                              \
	"its lease of the database has ended and is not renewed: it pushes nothing until it is, " \
	"or stops when another hub has it"
#define PASSIVE_DETAIL "passive: it calls and pushes nobody until roamhubctl resume-hub"

/* status.c: those of removed platforms are not counted */
enum { STATE_COUNT = STATE_SUSPENDED + 1 };
struct state_counts {
	size_t platforms[STATE_COUNT], parties[STATE_COUNT];
};
void count_states(const struct hub *hub, struct state_counts *out);
