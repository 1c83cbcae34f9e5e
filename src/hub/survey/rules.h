/* rules: what a partner's answers are judged by: `roamhubctl party check`.
 *
 * A rule is a row: what is looked at, the paragraph of OCPI that says so, and the setting of `party
 * set` that would cure it. Its verdict is a pure function of one answer and of what was seen before
 * it. */
#pragma once

#include "../parties/partner.h"
#include "roamhub/schema.h"

/** What is asked, in the order in which it is. */
enum survey_ask {
	ASK_VERSIONS,
	ASK_VERSIONS_AGAIN, /* at once, on the connection that is kept */
	ASK_VERSIONS_SLASH, /* with a slash at the end, or without the one that is there */
	ASK_OTHER_FORM,     /* the token raw instead of in Base64, or the other way round */
	ASK_WRONG_TOKEN,
	ASK_HEAD,
	ASK_DETAILS,
	ASK_CREDENTIALS,
	/* of each Sender interface with a list */
	ASK_LIST, /* limit=1 */
	ASK_LIST_SLASH,
	ASK_LIST_OTHER, /* with FROM = another party than the hub; where it was refused */
	ASK_LIST_BARE,  /* without routing headers; the same */
	ASK_OFFSET,     /* offset=1 */
	ASK_PAST,       /* date_from long ago */
	ASK_FUTURE,     /* date_from tomorrow */
	ASK_NEXT,       /* along Link, once */
	ASK_LARGE,      /* limit=1000 */
	ASK_OBJECT,     /* by its id, where the Sender interface has that */
	ASK_OBJECT_CASE,
	/* of each Receiver interface */
	ASK_UNKNOWN, /* an object that nobody sent */
	/* what changes something there: of test systems alone */
	ASK_PUT,
	ASK_PUT_OWNER, /* the same with FROM = the owner; where it was refused */
	ASK_GET_BACK,
	ASK_PATCH, /* of a part */
	ASK_GET_PATCHED,
	ASK_POST,     /* a CDR */
	ASK_LOCATION, /* what the answer to it names */
	ASK_AUTHORIZE_UNKNOWN,
	ASK_AUTHORIZE,
	ASK_COMMAND,
	ASK_RESULT,    /* what was posted for it */
	ASK_TAKE_BACK, /* as far as OCPI has it */
	ASK_COUNT
};
#define ASKED(ask)  ((uint64_t)1 << (ask))
#define ASKED_ALL   (ASKED(ASK_COUNT) - 1)
#define ASKED_LISTS (ASKED(ASK_LARGE + 1) - ASKED(ASK_LIST))
#define ASKED_WRITES                                                                  \
	(ASKED(ASK_PUT) | ASKED(ASK_PUT_OWNER) | ASKED(ASK_PATCH) | ASKED(ASK_POST) | \
	        ASKED(ASK_COMMAND) | ASKED(ASK_TAKE_BACK))

/** Headers of answers that are read beside those that the hub needs. */
enum survey_header {
	SEEN_CONTENT_TYPE = OUT_COUNT,
	SEEN_CONTENT_ENCODING,
	SEEN_CONNECTION,
	SEEN_REQUEST_ID,
	SEEN_CORRELATION_ID,
	SEEN_FROM_COUNTRY,
	SEEN_FROM_PARTY,
	SEEN_SERVER,
	SEEN_COUNT
};

/** What a list said to limit=1, for what is asked of it next. */
struct survey_list {
	bool answered;   /* a page came; from what was asked with url */
	bool refused;    /* it did not, and not for want of an answer */
	struct str url;  /* of the endpoint as it answers */
	int64_t total;   /* X-Total-Count; -1: not said */
	uint32_t count;  /* objects that came */
	uint64_t first;  /* hash of the first one */
	struct str next; /* of Link, absolute and of the same origin; absent: none */
	struct str id;   /* of the first object; absent: none */
	bool has_object; /* it was found by its id */
};

/** An answer, and what is known when it comes. */
struct survey_seen {
	enum survey_ask ask;
	const struct ocpi_module *module; /* NULL: a configuration module */
	enum ocpi_interface interface;
	const struct ocpi_id *to; /* whom it was asked of; NULL: no party */
	const struct partner_call *call;
	bool plain;         /* the token went raw */
	bool plain_before;  /* as it does in what is usual */
	bool usual_refused; /* which answered 401 */
	const struct platform *platform;
	const struct survey_list *list; /* NULL: of no list */
	struct str wrote; /* of the object that was sent: its last_updated; absent: none was */
	int64_t now_ms;   /* wall clock */
	struct arena *arena;
};

enum survey_verdict {
	SURVEY_SILENT, /* the answer says nothing about it */
	SURVEY_HOLDS,
	SURVEY_FOUND,
};
struct survey_finding {
	char found[256]; /* as it is, for people */
	char cure[320];  /* KEY=VALUE; empty: the rule's own */
};
enum survey_level { SURVEY_NOTE, SURVEY_WARNING, SURVEY_FAULT };
const char *survey_level_name(enum survey_level level); /* "warning" */

struct survey_rule {
	const char *id;       /* "total-count" */
	const char *expected; /* for people */
	const char *spec;     /* file of the specification, and its heading */
	const char *row;      /* of the requirements: "TRN-030"; NULL: HTTP says it */
	enum survey_level level;
	uint64_t asks;    /* ASKED() of what it judges */
	const char *cure; /* KEY=VALUE, MODULE stands for the module; NULL: none */
	enum survey_verdict (*judge)(
	        const struct survey_seen *seen, struct survey_finding *finding);
};
/** The tables by subject, in the order of the ladder; each ends with a row without an id, the last
 * one is NULL. */
extern const struct survey_rule *const survey_tables[];
extern const struct survey_rule survey_reach[], survey_forms[], survey_objects[],
        survey_registered[], survey_pages[], survey_writes[];

/* ---- what several of them ask (rules.c); the tables are in ladder.c ---- */

enum survey_verdict survey_found(struct survey_finding *finding, const char *fmt, ...)
        PRINTF_LIKE(2, 3);
enum survey_verdict survey_holds_if(
        bool holds, struct survey_finding *finding, const char *fmt, ...) PRINTF_LIKE(3, 4);
/** 2xx with 1xxx in an envelope. */
bool survey_is_success(const struct survey_seen *seen);
bool survey_is_page(const struct survey_seen *seen); /* the same, and `data` is a list */
struct str survey_header(const struct survey_seen *seen, size_t header); /* absent: not sent */
/** The first object of a page, or `data` itself; 0: none. */
uint32_t survey_object(const struct survey_seen *seen);
/** "HTTP 422, OCPI 2001: ...", in one line. */
struct str survey_status(const struct survey_seen *seen);
/** X-Total-Count; -1: it is not there, or no number. */
int64_t survey_total(const struct survey_seen *seen);
/** What was asked, without its query. */
struct str survey_asked_url(const struct survey_seen *seen);
/** `endpoint.MODULE.sender=URL` into the cure; none for a URL that does not fit there. */
void survey_cure_endpoint(
        const struct survey_seen *seen, struct survey_finding *finding, struct str url);
/** `data` against @class: the first thing that it does not allow. @flags: of ocpi_check(). */
enum survey_verdict survey_of_class(const struct survey_seen *seen, const struct ocpi_class *class,
        unsigned flags, struct survey_finding *finding);
