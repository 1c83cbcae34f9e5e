/* series: the slots of the last hour. */
#pragma once

#include "context.h"

void series_open(struct hub *hub);
void series_close(struct hub *hub);
/** A slot ends when it is time. @now_ms: rh_boot_ms(). Control thread. */
void series_tick(struct hub *hub, int64_t now_ms);
void series_forget(struct series *series); /* of one platform; NULL is fine */
