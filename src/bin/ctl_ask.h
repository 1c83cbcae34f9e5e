/* ctl_ask: one function for each verb, as struct ctl_verb says. */
#pragma once

#include "ctl.h"

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
