/* tick: what the hub asks of surveys. */
#pragma once

#include "../context.h"

void survey_tick(struct hub *hub); /* begins what is due; control thread */
void survey_stop(struct hub *hub); /* those under way end soon */
/** The result of a command that a survey sent, from any thread. */
void survey_result(struct hub *hub, int64_t platform, struct str body);
