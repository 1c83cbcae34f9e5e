/* pem expiry: until when certificates hold. */
#pragma once

#include "roamhub/base.h"

/** When the first of the certificates in @chain ends, wall clock; 0: that cannot be told. */
int64_t pem_expires_ms(const char *chain);
