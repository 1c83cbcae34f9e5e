/* portal: the listener of the partners' pages, from the hub to whoever serves them
 * (hub/listeners.c).
 */
#pragma once

#include <stddef.h>

struct hub;

const char *hub_portal_address(const struct hub *hub); /* ADDRESS:PORT; NULL: there is none */
int hub_portal_listener(struct hub *hub); /* its descriptor, taken once; -1: there is none */
/** Descriptors of the process that are left to the operator and to files. */
size_t hub_spare_descriptors(void);
