/* A hub with its admin API and a client of it, all turned by the test itself, in a folder of its
 * own. */
#pragma once

#include <check.h>
#include <stdio.h>

#include "roamhub/admin.h"

struct rig {
	char dir[64], token_file[96], authorization[160];
	struct settings settings;
	struct hub *hub;
	struct admin *admin;
	struct net_egress *egress;
	struct net_client *client;
	struct arena *arena;
	enum rh_err verdict; /* of the next reload */
	size_t reloads;
};
struct answer {
	int status;
	struct str body; /* NUL-terminated; the rig's arena holds it */
};

struct expectation {
	const char *method, *target, *body;
	int status;
	const char *text; /* stands in the answer */
};

struct rig *rig_new(void);
void rig_end(struct rig *rig); /* stops as the daemon does: drained, closed, nothing left */
struct answer rig_ask(struct rig *rig, const char *method, const char *target, const char *body);
/** The same with another Authorization header; NULL: none. */
struct answer rig_ask_as(struct rig *rig, const char *authorization, const char *method,
        const char *target, const char *body);
/** Any call, until it is done. */
void rig_call(struct rig *rig, struct net_call *call);
/** Ask without waiting for the answer: it is here when net_client_calls() says so. */
void rig_begin(struct rig *rig, struct net_call *call, const char *method, const char *target,
        const char *body);
bool has(struct answer answer, const char *text);
void check_all(struct rig *rig, const struct expectation *rows, size_t count);
