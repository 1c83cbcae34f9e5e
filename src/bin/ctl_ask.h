/* ctl_ask: the requests of the verbs: what all have, and a function for each that says more. */
#pragma once

#include "ctl.h"

/** Method and path, as the verb says. False: the id is none, and that was said. */
bool ask_begin(struct ctl *ctl, struct ctl_request *request);

/* pieces of requests; false: it makes no sense, and that was said */
bool ask_party(const char *name, const char *text); /* @name: "--from", "CPO" */
bool ask_is_object(const char *text);               /* of --object: MODULE/CC*PID/ID */
/** One more member of the request's body. */
void ask_body(struct ctl_request *request, const char *key, const char *value);
/** One more parameter of its query. */
void ask_query(struct ctl *ctl, struct ctl_request *request, const char *name, const char *value);
/** "10m" ago, or a date and time; as the API wants it. */
bool ask_time(struct ctl *ctl, const char *name, const char *given, const char **out);
/** The same, but "10m" is from now on. */
bool ask_time_to_come(struct ctl *ctl, const char *name, const char *given, const char **out);

bool ask_list(struct ctl *ctl, struct ctl_request *request);
bool ask_invite(struct ctl *ctl, struct ctl_request *request);
bool ask_connect(struct ctl *ctl, struct ctl_request *request);
bool ask_release(struct ctl *ctl, struct ctl_request *request);
bool ask_move(struct ctl *ctl, struct ctl_request *request);
bool ask_set(struct ctl *ctl, struct ctl_request *request);
bool ask_suspend(struct ctl *ctl, struct ctl_request *request);
bool ask_survey(struct ctl *ctl, struct ctl_request *request);
bool ask_portal(struct ctl *ctl, struct ctl_request *request);
bool ask_backup(struct ctl *ctl, struct ctl_request *request);
bool ask_certificates(struct ctl *ctl, struct ctl_request *request);
bool ask_explain(struct ctl *ctl, struct ctl_request *request);
bool ask_log(struct ctl *ctl, struct ctl_request *request);
bool ask_object(struct ctl *ctl, struct ctl_request *request);
bool ask_object_find(struct ctl *ctl, struct ctl_request *request);
bool ask_deliveries(struct ctl *ctl, struct ctl_request *request);
bool ask_evidence(struct ctl *ctl, struct ctl_request *request);
bool ask_erase(struct ctl *ctl, struct ctl_request *request);
bool ask_tail(struct ctl *ctl, struct ctl_request *request);
bool ask_audit(struct ctl *ctl, struct ctl_request *request);
bool ask_history(struct ctl *ctl, struct ctl_request *request);
bool ask_admin_token(struct ctl *ctl, struct ctl_request *request);
bool ask_agreement_add(struct ctl *ctl, struct ctl_request *request);
bool ask_push(struct ctl *ctl, struct ctl_request *request);
bool ask_redrive(struct ctl *ctl, struct ctl_request *request);
bool ask_sandbox_start(struct ctl *ctl, struct ctl_request *request);
bool ask_sandbox_stop(struct ctl *ctl, struct ctl_request *request);
bool ask_sync(struct ctl *ctl, struct ctl_request *request);
