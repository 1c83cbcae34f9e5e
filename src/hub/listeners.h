/* listeners: the OCPI address, one socket for each worker, and those of the control thread. */
#pragma once

#include "context.h"
#include "roamhub/portal.h"

/** Into hub->listeners, hub->address, and listener and address of admin and portal. Who connects is
 * refused before listeners_listen(). */
MUST_CHECK enum rh_err listeners_bind(struct hub *hub, struct fault *fault);
MUST_CHECK enum rh_err listeners_listen(struct hub *hub, struct fault *fault);
int listeners_take(struct hub *hub, int index); /* the caller's from now on */
/** One more on the OCPI address for worker @index, the caller's; -1 with @fault. Any thread. */
int listeners_join(struct hub *hub, int index, struct fault *fault);
void listeners_close(struct hub *hub); /* those that nobody took */
