/* ctl: what the files of roamhubctl share. One run is one verb, one request, one answer. */
#pragma once

#include <stdio.h>

#include "config_file.h"
#include "roamhub/net.h"
#include "roamhub/ocpi.h"

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2 };

struct ctl;
struct json_t; /* jansson's, see tree.h */
/** A value of the hub's answer, borrowed; node NULL: absent. Small enough to be handed around. */
struct val {
	const struct json_t *node;
	size_t at;  /* val_each(): the element after this one */
	void *iter; /* val_member() */
};
struct ctl_option {
	const char *name;  /* without the dashes */
	const char *takes; /* NULL: a flag */
	bool required, repeats;
	const char *help; /* of those that every verb has */
};
struct ctl_request {
	const char *method;
	struct str target;   /* "/admin/v1/..." */
	struct json_t *body; /* an object; NULL: none */
};
struct ctl_verb {
	const char *words;    /* "party invite" */
	const char *operands; /* "ID KEY=VALUE..."; "" when there are none */
	size_t operands_min, operands_max;
	const struct ctl_option *options; /* ends with a row without a name; NULL: none */
	/** "GET platforms/{platform}": method and path of the request; {platform} and {agreement}
	 * are the id that is the first operand. */
	const char *asks;
	/** The rest of @request, its query or body; NULL: there is none. False when the arguments
	 * make no sense (the reason was printed). */
	bool (*request)(struct ctl *ctl, struct ctl_request *request);
	void (*print)(const struct ctl *ctl, struct val answer); /* for people */
	int (*exit_status)(struct val answer);                   /* NULL: 0 */
	/** What is done with the answer beside that, first. False: it failed, and that was said. */
	bool (*also)(const struct ctl *ctl, struct val answer);
	/** Is it meant, where it cannot be taken back? NULL: nobody is asked. */
	bool (*is_meant)(struct ctl *ctl, const struct ctl_request *request);
	int unreachable;    /* exit status when no hub answers; 0: CTL_FAILED */
	int wait_s;         /* for the answer */
	bool judges_config; /* the hub finds the faults of the configuration file, not we */
	/** Does all of it, without a hub and its configuration, and returns the exit status; NULL:
	 * a hub is asked. */
	int (*alone)(struct ctl *ctl);
	/** Asks the hub itself, more than once or for long, and returns the exit status; NULL: one
	 * request, one answer. */
	int (*follow)(struct ctl *ctl, const struct ctl_request *request);
	const char *help, *example;
	/** The operation whose answer --json prints, when it is another one than asks says; as
	 * asks.
	 */
	const char *answers_as;
	/** What --json prints, as a type of the OpenAPI document, when it is no answer of the hub.
	 */
	const char *prints;
};
extern const struct ctl_verb ctl_verbs[]; /* ends with a row without words (ctl_verbs.c) */

struct ctl_value {
	const char *option, *value;
};
struct ctl {
	struct arena *arena;
	const struct ctl_verb *verbs, *verb; /* all, and the one asked for */
	const char *config, *token_file;     /* NULL: that of the configuration */
	const char **sets, **operands;
	struct ctl_value *values;
	size_t set_count, operand_count, value_count;
	bool json, help, version, colour;
	struct config_file *file;
};

/* ctl_args.c */
/** CTL_OK, or CTL_USAGE with the reason on stderr. */
int ctl_args_read(struct ctl *ctl, int argc, char **argv);
const char *ctl_option(const struct ctl *ctl, const char *name); /* NULL: not given */
bool ctl_option_each(const struct ctl *ctl, const char *name, size_t *cursor, const char **value);

/* ctl_help.c */
void ctl_complain(const char *fmt, ...) PRINTF_LIKE(1, 2); /* one line on stderr */
void ctl_usage(const struct ctl *ctl, FILE *out);
void ctl_usage_verb(const struct ctl_verb *verb, FILE *out);
/** The nearest of @words (NULL-terminated) to @typed, or NULL when none is near. */
const char *ctl_nearest(const char *typed, const char *const *words);

/* ctl_client.c */
/** CTL_OK: the hub answered 2xx, @answer has the body. Else the reason was printed. */
int ctl_call(struct ctl *ctl, const struct ctl_request *request, struct str *answer);

/** GET @url as anybody could, without a token: the HTTP status; 0: none came, *@why says why. */
int ctl_get(struct ctl *ctl, struct str url, struct str *why);

/* pieces of it, for who talks to the hub otherwise */
struct str ctl_origin(struct ctl *ctl);                             /* "http://host:port" */
bool ctl_authorization(struct ctl *ctl, struct str *authorization); /* false: that was said */

/* ctl_tail.c */
int ctl_tail(struct ctl *ctl, const struct ctl_request *request);
int ctl_top(struct ctl *ctl, const struct ctl_request *request);

/* roamhubctl.c */
/** The configuration without what is faulty in it; NULL: what leads to the hub is. */
struct config_file *ctl_load_rest(const struct ctl *ctl);

/* ctl_doctor.c, ctl_doctor_files.c: rows of {"check", "level", "status", "detail", "advice"} */
enum ctl_level { LEVEL_GOOD, LEVEL_WARNING, LEVEL_CRITICAL };
int ctl_doctor(struct ctl *ctl);
/** All of its rows, with and without a hub: {"level", "status", "hub_answers", "checks"}. The
 * caller's. */
struct json_t *ctl_doctor_tree(struct ctl *ctl);
void ctl_doctor_row(struct json_t *rows, const char *check, enum ctl_level level,
        const char *advice, const char *fmt, ...) PRINTF_LIKE(5, 6);
void ctl_doctor_files(struct ctl *ctl, struct json_t *rows);

/* ctl_openapi.c */
int ctl_openapi(struct ctl *ctl, const struct ctl_request *request);

/* ctl_meant.c */
bool ctl_removal_is_meant(struct ctl *ctl, const struct ctl_request *request);
/** "Drive On, Polder Mobility and 3 more"; NULL: nobody. */
const char *ctl_audience_text(const struct ctl *ctl, struct val platform);

/* ctl_bundle.c */
int ctl_bundle(struct ctl *ctl);

/* ctl_transfer.c */
/** @text into a new file that nobody else may read; @path NULL: to standard output. */
int ctl_write_file(const char *path, struct str text);
int ctl_export(struct ctl *ctl, const struct ctl_request *request);
bool ctl_ask_import(struct ctl *ctl, struct ctl_request *request);
void ctl_print_import(const struct ctl *ctl, struct val answer);

/* ctl_val.c */
struct val val_get(struct val object, const char *key);
size_t val_count(struct val value); /* elements or members */
/** The elements of an array, or the members of an object with *key; @at from {0}, false after the
 * last. */
bool val_each(struct val list, struct val *at);
bool val_member(const struct ctl *ctl, struct val object, struct val *at, const char **key);
int64_t val_number(struct val object, const char *key); /* 0 when it is no integer */
double val_real(struct val object, const char *key);    /* 0 when it is no number */
bool val_integer(struct val value, int64_t *out);
bool val_true(struct val object, const char *key);
const char *val_text(
        const struct ctl *ctl, struct val object, const char *key); /* clean; NULL when absent */
const char *val_string(const struct ctl *ctl, struct val value);    /* clean; NULL when no string */

/* ctl_secret.c */
/** A token as given: itself, "-" for a line of standard input, "@FILE". False when it cannot be
 * read. */
bool ctl_secret(struct ctl *ctl, const char *given, const char **token);

/* ctl_grid.c: aligned columns */
enum ctl_colour { PLAIN, BOLD, DIM, GREEN, YELLOW, RED };
struct ctl_grid;
struct ctl_grid *ctl_grid_new(const struct ctl *ctl, const char *const *titles, size_t columns);
void ctl_grid_add(struct ctl_grid *grid, const char *text, enum ctl_colour colour); /* NULL: "-" */
void ctl_grid_print(const struct ctl_grid *grid); /* the rest of the arena's life is its own */
/** @text without what could steer a terminal: parties choose names and reasons. */
const char *ctl_clean(const struct ctl *ctl, const char *text);
const char *ctl_paint(const struct ctl *ctl, const char *text, enum ctl_colour colour);
enum ctl_colour ctl_status_colour(const char *status);

/* ctl_party.c, ctl_roaming.c, ctl_portal.c, ctl_sandbox.c, ctl_hub.c, ctl_log.c, ctl_audit.c,
 * ctl_story.c: printers, by subject */
const char *ctl_duration(const struct ctl *ctl, int64_t seconds);   /* "3 h 12 min" */
const char *ctl_object_text(const struct ctl *ctl, struct val row); /* "locations/DE*CPO/L1" */
/** Of a platform that is not CONNECTED, that what is recorded is sent when it is. */
const char *ctl_when_text(const struct ctl *ctl, struct val answer);
void ctl_print_agreements(const struct ctl *ctl, struct val answer);
void ctl_print_agreement(const struct ctl *ctl, struct val answer);
void ctl_print_agreement_gone(const struct ctl *ctl, struct val answer);
void ctl_print_sandbox(const struct ctl *ctl, struct val answer);
void ctl_print_sandbox_gone(const struct ctl *ctl, struct val answer);
void ctl_print_sandboxes(const struct ctl *ctl, struct val answer);
void ctl_print_push(const struct ctl *ctl, struct val answer);
void ctl_print_owed(const struct ctl *ctl, struct val answer); /* by age and cause */
void ctl_print_redrive(const struct ctl *ctl, struct val answer);
void ctl_print_refusals(const struct ctl *ctl, struct val list);
void ctl_print_parked(const struct ctl *ctl, struct val list);
void ctl_print_sync(const struct ctl *ctl, struct val answer);
void ctl_print_invite(const struct ctl *ctl, struct val answer);
void ctl_print_connect(const struct ctl *ctl, struct val answer);
void ctl_print_platforms(const struct ctl *ctl, struct val answer);
void ctl_print_platform(const struct ctl *ctl, struct val answer);
void ctl_print_handshake(const struct ctl *ctl, struct val answer);
void ctl_print_complaints(const struct ctl *ctl, struct val platform);
void ctl_print_silent(struct val answer); /* hubs whose counts are not in it */
void ctl_print_faults(const struct ctl *ctl, struct val answer);
void ctl_print_history(const struct ctl *ctl, struct val answer);
void ctl_print_acted(const struct ctl *ctl, struct val answer);
void ctl_print_told(const struct ctl *ctl, struct val answer); /* the same, and who is told */
void ctl_print_rotated(const struct ctl *ctl, struct val answer);
void ctl_print_survey(const struct ctl *ctl, struct val answer);
/** `--html FILE`. */
bool ctl_write_survey(const struct ctl *ctl, struct val answer);
void ctl_print_portal(const struct ctl *ctl, struct val answer);
void ctl_print_release(const struct ctl *ctl, struct val answer);
void ctl_print_move(const struct ctl *ctl, struct val answer);
void ctl_print_accept(const struct ctl *ctl, struct val answer);
void ctl_print_status(const struct ctl *ctl, struct val answer);
void ctl_print_check(const struct ctl *ctl, struct val answer);
void ctl_print_certificates(const struct ctl *ctl, struct val answer);
/** When its tokens are exchanged next, in words. ctl_party.c */
const char *ctl_next_exchange(const struct ctl *ctl, struct val rotation);
void ctl_print_hubs(const struct ctl *ctl, struct val answer);
void ctl_print_config(const struct ctl *ctl, struct val answer);
void ctl_print_reload(const struct ctl *ctl, struct val answer);
void ctl_print_expiry(const struct ctl *ctl, struct val answer);
void ctl_print_resumed(const struct ctl *ctl, struct val answer);
void ctl_print_backup(const struct ctl *ctl, struct val answer);
void ctl_print_explain(const struct ctl *ctl, struct val answer);
void ctl_print_audit(const struct ctl *ctl, struct val answer);
void ctl_print_admin_token(const struct ctl *ctl, struct val answer);
void ctl_print_object(const struct ctl *ctl, struct val answer);
void ctl_print_object_find(const struct ctl *ctl, struct val answer);
void ctl_print_deliveries(const struct ctl *ctl, struct val answer);
void ctl_print_evidence(const struct ctl *ctl, struct val answer);
void ctl_print_erased(const struct ctl *ctl, struct val answer);
void ctl_print_log(const struct ctl *ctl, struct val answer);
