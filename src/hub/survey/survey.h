/* survey: a platform asked one question after the other, on the control thread: what hub.h calls a
 * check.
 *
 * One request is in the air at a time, over a client of its own, so that neither what is due to the
 * platform nor its presence has anything to do with it. It is left after so many requests, bytes or
 * minutes. */
#pragma once

#include "roamhub/survey.h"

#include "rules.h"

enum {
	SURVEY_MOST_STEPS = 200,
	SURVEY_MOST_REQUESTS = 120,
	SURVEY_MOST_BYTES = 16 * 1024 * 1024,
	SURVEY_PAGE_BYTES = 1024 * 1024, /* of one answer */
	SURVEY_MOST_MS = 120 * 1000,
	SURVEY_MOST_CURES = 16,
	SURVEY_PLACES = 160,
};

struct survey_step {
	enum survey_ask ask;
	const struct ocpi_module *module; /* NULL: a configuration module */
	enum ocpi_interface interface;
	struct ocpi_id to;
};

/** What came of one rule. */
struct survey_rung {
	const struct survey_rule *rule;
	unsigned judged, found;
	struct survey_finding first;
	struct str asked;           /* what the first finding is an answer to */
	char places[SURVEY_PLACES]; /* modules in which it was found */
	struct str cure;            /* of the first finding, KEY=VALUE; absent: none */
	bool cured;                 /* that is chosen already */
};

struct survey_waiter {
	struct list node;
	survey_done_fn done;
	void *ctx;
};

struct survey {
	struct list node; /* of the hub's surveys */
	struct hub *hub;
	int64_t platform;
	struct live *live;
	bool by_itself, write, apply;
	struct ocpi_id as; /* the test party */
	struct list waiters;
	struct arena *arena; /* of all of it */

	/* the way */
	const char *headers[SEEN_COUNT + 1]; /* that it reads */
	struct net_client *client;
	struct net_egress *egress;
	struct net_timer timer; /* to go on after a pause, and to end outside of the client */
	void (*later)(struct survey *survey);
	void (*ended)(struct survey *survey);
	struct survey_step steps[SURVEY_MOST_STEPS];
	size_t step_count, at;
	struct partner_call call;
	struct arena *page; /* of the request in hand and its answer */
	bool calling, ending, repeated;
	int64_t began_ms, end_by_ms; /* monotonic */
	int64_t began_wall_ms;
	unsigned requests, unreachable;
	uint64_t bytes;
	char why[300]; /* it was left before its end */

	/* what was learned */
	bool plain, plain_at_first, usual_refused;
	struct str details_url, server;
	struct survey_list list;
	bool location_found;
	struct str location_id, token_uid, cdr_url;
	/* of what is written */
	bool put_refused, put_taken, from_owner, cdr_taken, command_taken;
	struct str id, wrote;
	int64_t wrote_ms;
	struct store_op op;
	struct store_relink relink;
	struct str response_url, result; /* of the command; result absent: none came */
	bool awaits_result;
	int64_t result_by_ms; /* monotonic */

	/* what came of it */
	struct survey_rung *rungs;
	size_t rung_count;
	struct str cures[SURVEY_MOST_CURES];
	size_t cure_count;
	struct buf left; /* what stays with the platform, as JSON strings */
	struct str report;
	struct fault apply_fault;
};

/* plan.c */
void survey_plan(struct survey *survey, const struct platform *platform);
/** Is the step in hand to be asked, by what is known now? */
bool survey_wants(const struct survey *survey, const struct survey_step *step);
const char *survey_ask_name(enum survey_ask ask); /* "list" */
/** Objects of it are shared with everybody: pushes of them say FROM = the hub. */
bool survey_is_shared(const struct ocpi_module *module);

/* request.c */
/** Make survey->call for @step, ready to start; false: it cannot be asked. */
bool survey_request(
        struct survey *survey, const struct platform *platform, const struct survey_step *step);

/* bodies.c */
/** What is sent of a test party in @ask of @module; absent: nothing. */
struct str survey_body(struct survey *survey, const struct survey_step *step, struct arena *arena);
struct str survey_method(const struct survey_step *step);
/** The path behind the endpoint. */
struct str survey_path(
        const struct survey *survey, const struct survey_step *step, struct arena *arena);

/* learn.c */
void survey_learn(struct survey *survey, const struct survey_seen *seen);

/* report.c */
void survey_rungs(struct survey *survey);
void survey_judge(struct survey *survey, const struct survey_seen *seen);
void survey_report(struct survey *survey, bool applied);
/** Does the platform have this setting, "KEY=VALUE", by itself or its profile? */
bool survey_is_set(const struct platform *platform, const char *key, const char *value);

/* walk.c */
void survey_begin(struct survey *survey); /* ended() comes once, never from inside */
void survey_give_up(struct survey *survey, const char *why);
void survey_result_came(struct survey *survey, struct str body);
