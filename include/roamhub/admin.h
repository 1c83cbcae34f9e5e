/* admin: the operator's side: the API under /admin/v1, metrics and health, on the control thread.
 */
#pragma once

#include "hub.h"

struct json_t;     /* jansson's, see tree.h */
struct ocpi_class; /* schema.h */

struct admin_conf {
	struct hub *hub;
	int listen_fd;
	int portal_fd; /* of the partners' pages; -1: there are none */
	const struct ocpi_class *const
	        *classes;            /* what they may check theirs by; NULL-terminated */
	const char *token_file;      /* made with mode 0600 when it is absent */
	struct admin_tokens *tokens; /* taken, also when the API does not open; NULL: none */
	const char *version;         /* of the program */
	/** Read the configuration again and take over what can be, for @who. @report: the caller's,
	 * an object
	 * {"changed":[...], "needs_restart":[...]}, or on RH_BAD_CONFIG {"faults":[...]}: nothing
	 * changed. */
	enum rh_err (*reload)(void *ctx, struct str who, struct json_t **report);
	/** The settings with value and origin:
	 * [{"key":"hub.name","value":"...","origin":"default|file:LINE|set"}]. */
	struct json_t *(*show_config)(void *ctx);
	void *ctx;
};
struct admin;
/* Named tokens, as they stand in admin.tokens_file: a line each, NAME:ROLE:DIGEST. */
struct admin_tokens;
/** @path NULL: none. Each fault is told, "FILE:LINE: what is wrong, what was expected"; NULL: there
 * are some. */
struct admin_tokens *admin_tokens_read(
        const char *path, void (*tell)(void *ctx, const char *message), void *ctx);
void admin_tokens_free(struct admin_tokens *tokens); /* NULL is fine */
/** From now on these are good; taken. True: they are others than before. */
bool admin_take_tokens(struct admin *admin, struct admin_tokens **tokens);
/** Is the token file good? Made when it is absent. For who wants to know before anything else. */
MUST_CHECK enum rh_err admin_token_try(const char *token_file, struct fault *fault);
struct admin *admin_open(const struct admin_conf *conf, struct fault *fault); /* NULL with @fault */
/** A reload ended, whoever asked for it. @report: as admin_conf has it. */
void admin_reloaded(
        struct admin *admin, bool taken_over, struct str who, const struct json_t *report);
void admin_stop(struct admin *admin);  /* takes no more requests; when the hub begins to drain */
void admin_close(struct admin *admin); /* after hub_run() came back */
