/* listeners: the OCPI address, one socket for each worker. */
#pragma once

#include "context.h"

/** Into hub->listeners, and hub->address. */
MUST_CHECK enum rh_err listeners_open(struct hub *hub, struct fault *fault);
int listeners_take(struct hub *hub, int index); /* the caller's from now on */
void listeners_close(struct hub *hub);          /* those that nobody took */
