/* pull: what parties have and did not push. */
#pragma once

#include "context.h"

void pull_tick(struct hub *hub);   /* begins what is due; control thread */
void pull_let_go(struct hub *hub); /* those of whom this process holds no more end soon */
/** pull_accept() of a platform that this process holds was said as wish @nth (wish.h). */
void pull_wished(struct hub *hub, int64_t platform, int64_t nth);
void pull_stop(struct hub *hub); /* the walks under way end soon */
