/* pull: what parties have and did not push. */
#pragma once

#include "context.h"

void pull_tick(struct hub *hub); /* begins what is due; control thread */
void pull_stop(struct hub *hub); /* the walks under way end soon */
