/* admin: the operator's side: the API under /admin/v1, metrics and health, on the control thread.
 */
#pragma once

#include "hub.h"

struct json_t; /* jansson's, see tree.h */

struct admin_conf {
	struct hub *hub;
	int listen_fd;
	const char *token_file; /* made with mode 0600 when it is absent */
	const char *version;    /* of the program */
	/** Read the configuration again and take over what can be. @report: the caller's, an object
	 * {"changed":[...], "needs_restart":[...]}, or on RH_BAD_CONFIG {"faults":[...]}: nothing
	 * changed. */
	enum rh_err (*reload)(void *ctx, struct json_t **report);
	/** The settings with value and origin:
	 * [{"key":"hub.name","value":"...","origin":"default|file:LINE|set"}]. */
	struct json_t *(*show_config)(void *ctx);
	void *ctx;
};
struct admin;
/** Is the token file good? Made when it is absent. For who wants to know before anything else. */
MUST_CHECK enum rh_err admin_token_try(const char *token_file, struct fault *fault);
struct admin *admin_open(const struct admin_conf *conf, struct fault *fault); /* NULL with @fault */
void admin_reloaded(
        struct admin *admin, bool taken_over); /* a reload ended, whoever asked for it */
void admin_stop(struct admin *admin);  /* takes no more requests; when the hub begins to drain */
void admin_close(struct admin *admin); /* after hub_run() came back */
