/* sync: what the control thread asks the push engine for: to send again, and to send what is there
 * already. */
#pragma once

#include "../context.h"

/** The registry's hook, on the control thread: what a platform with initial_sync=push is owed from
 * now on. */
void push_entitled(
        struct hub *hub, const struct platform *platform, const struct entitlement *entitlement);
