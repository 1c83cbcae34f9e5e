/* story: the five steps of every message. */
#pragma once

#include "flight.h"

void story_begin(struct worker *worker, struct net_request *request);
