/* advice: what is to be done about a handshake that failed, for the operator and for the people
 * of the partner. Pure. */
#pragma once

#include "partner.h"

enum advice_step { ADVICE_VERSIONS, ADVICE_DETAILS, ADVICE_CREDENTIALS };
/** About @call, which was no success. @invited: the partner POSTs its credentials meanwhile; else
 * the hub began. */
const char *advice_on_call(const struct partner_call *call, enum advice_step step, bool invited);
/** About a handshake that ended with @err though what was asked was answered. */
const char *advice_on_error(enum rh_err err);
