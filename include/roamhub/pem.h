/* pem: a certificate chain and its key, as they stand in files. */
#pragma once

#include "net.h"

/** The text of file @path, to be freed; NULL with @fault. */
char *net_pem_read(const char *path, struct fault *fault);
/** Do @chain and @key belong together, and can a server prove itself with them? */
bool net_pem_works(struct net_loop *loop, const char *chain, const char *key, struct fault *fault);
