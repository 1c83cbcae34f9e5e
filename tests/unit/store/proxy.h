/* proxy: stands in front of the PostgreSQL of a rig and falls silent after so many bytes of it, on
 * all connections, those that come behind it included. */
#pragma once

#include "rig.h"

struct proxy;
struct proxy *proxy_start(int64_t silent_after_bytes);
int proxy_port(const struct proxy *proxy); /* on 127.0.0.1 */
void proxy_speak(struct proxy *proxy);     /* from now on, and what it kept back */
void proxy_stop(struct proxy *proxy);
