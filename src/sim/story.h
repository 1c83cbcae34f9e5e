/* story: a scenario being played: its platforms, its variables, the answer in hand, what failed so
 * far. */
#pragma once

#include <stdio.h>

#include "outgoing.h"
#include "script.h"

struct story_options {
	bool keep, quiet, json;
	const char *pid_file;     /* made once the platforms stay; NULL: none */
	const char *const *sets;  /* NAME=VALUE, NULL-terminated */
	struct str only, only_at; /* of struct sim */
	bool lifeline;            /* end when standard input does */
	int64_t wait_ms;          /* for what a line waits for and says no time; 0: STORY_WAIT_MS */
};
enum { STORY_WAIT_MS = 20000 }; /* a machine that is busy is no failure */

/** What the last step that asks got back. */
struct outcome {
	struct outgoing *out; /* of an HTTP request; NULL otherwise */
	bool came;            /* there was an answer */
	int http, ocpi;
	struct str body;
	json_t *json;
	int64_t us;
	uint64_t pages, items; /* of a crawl */
	bool ran;              /* it was a program: exit_status and body are its */
	int exit_status;
	const char *why; /* none came, or not the one that was due */
	struct arena *arena;
};

/** A block being played: `repeat`, or `try` with a time until which it may fail. */
struct repeat {
	size_t at; /* step */
	uint64_t turn, turns;
	int64_t until_ms; /* of a try; 0: a repeat */
};
enum { MOST_REPEATS = 8 };

struct story {
	struct sim *sim;
	struct script script;
	struct story_options options;
	FILE *out;
	bool colour;
	json_t *variables;
	size_t next;             /* step */
	const struct step *step; /* in hand */
	struct arena *arena;     /* of the step in hand */
	struct actor *actor;     /* the last one declared */
	bool abort, syntax_failed;
	struct net_watch signals; /* with --keep: SIGTERM and SIGINT */
	bool staying;             /* the story is over and the platforms go on */
	bool stopped;             /* by a signal: what waits ends, and fails no more */
	struct repeat repeats[MOST_REPEATS];
	size_t repeat_count;
	bool again; /* the step in hand failed inside a try that still has time */

	struct outcome outcome;
	struct str sent; /* body of the last request */
	struct arena *sent_arena;
	struct actor *sender; /* of the last request */
	bool has_from, has_to;
	struct ocpi_id from, to;

	struct exchange *claimed; /* the request that the last `received` was about */

	/* of the step in hand, for the narrator */
	size_t failed_before;
	struct str said;
	json_t *failures; /* texts */

	uint64_t fences; /* so far */
	size_t steps, held, failed;
	int64_t began_ms;
	struct net_watch lifeline;
};

/** Play the scenario. Returns the exit status of the program. */
int story_play(struct str text, const char *name, const struct verb *language,
        const struct story_options *options);

/* ---- for the steps ---- */

/** Word @name of the step in hand with variables filled in; absent when the line has none. */
struct str story_arg(struct story *story, const char *name);
const struct word *story_word(
        const struct story *story, const char *name); /* as written; NULL: none */
bool story_option(const struct story *story, const char *name);
/** n-th word of that name, from 0. */
struct str story_arg_at(struct story *story, const char *name, size_t n);
struct str story_body(struct story *story);
/** @text with variables filled in; an unknown one fails the step. */
struct str story_fill(struct story *story, struct str text);
void story_set(struct story *story, struct str name, struct str value);
struct actor *story_actor(struct story *story); /* argument P */
/** Party of an argument: "DE*CPO"; false when it says nobody, or fails the step. */
bool story_party(struct story *story, const char *name, struct ocpi_id *id);
/** "5s", "200ms", "1m"; fails the step when it is none. */
int64_t story_time_ms(struct story *story, struct str text);
/** How long a line waits that says nothing of it. */
int64_t story_wait_ms(const struct story *story);
uint64_t story_number(struct story *story, struct str text, uint64_t most);
/** Note a failure: one line with file, line, what was expected and what came. */
void story_fail(struct story *story, const char *fmt, ...) PRINTF_LIKE(2, 3);
/** Let the loop turn until @done says so or @until_ms has come; a signal ends what has a limit. */
bool story_pump(struct story *story, bool (*done)(void *ctx), void *ctx, int64_t until_ms);
void story_pump_until(struct story *story, int64_t until_ms);

/** Start @out and wait for its end; it becomes the outcome. */
void story_call(struct story *story, struct outgoing *out);
void outcome_clear(struct story *story);
void outcome_take(struct story *story, struct outgoing *out);

/** Hold a value against a word of the scenario: absent, present, ~REGEX, size:N, JSON or text. */
bool value_meets(
        struct story *story, const json_t *value, const struct word *word, struct str filled);
bool text_meets(struct story *story, struct str value, const struct word *word, struct str filled);
json_t *json_at(json_t *json, struct str pointer); /* borrowed; NULL: nothing there */
