/* ctl_ask: one function for each verb, as struct ctl_verb says. */
#pragma once

#include "ctl.h"

/* pieces of requests; false: it makes no sense, and that was said */
struct str ask_target(struct ctl *ctl, const char *path);
bool ask_platform(struct ctl *ctl, const char *text, const char *tail, struct str *out);
/** One more member of the request's body. */
void ask_body(struct ctl_request *request, const char *key, const char *value);
/** "10m" ago, or a date and time; as the API wants it. */
bool ask_since(struct ctl *ctl, const char *given, const char **out);

bool ask_invite(struct ctl *ctl, struct ctl_request *request);
bool ask_connect(struct ctl *ctl, struct ctl_request *request);
bool ask_list(struct ctl *ctl, struct ctl_request *request);
bool ask_show(struct ctl *ctl, struct ctl_request *request);
bool ask_suspend(struct ctl *ctl, struct ctl_request *request);
bool ask_resume(struct ctl *ctl, struct ctl_request *request);
bool ask_remove(struct ctl *ctl, struct ctl_request *request);
bool ask_set(struct ctl *ctl, struct ctl_request *request);
bool ask_status(struct ctl *ctl, struct ctl_request *request);
bool ask_check(struct ctl *ctl, struct ctl_request *request);
bool ask_config(struct ctl *ctl, struct ctl_request *request);
bool ask_reload(struct ctl *ctl, struct ctl_request *request);
bool ask_backup(struct ctl *ctl, struct ctl_request *request);
bool ask_explain(struct ctl *ctl, struct ctl_request *request);
bool ask_log(struct ctl *ctl, struct ctl_request *request);
bool ask_agreement_add(struct ctl *ctl, struct ctl_request *request);
bool ask_agreements(struct ctl *ctl, struct ctl_request *request);
bool ask_agreement_remove(struct ctl *ctl, struct ctl_request *request);
bool ask_push(struct ctl *ctl, struct ctl_request *request);
bool ask_redrive(struct ctl *ctl, struct ctl_request *request);
