/* conduct: does the other side send what the specification asks for? */
#pragma once

#include "actor.h"

/** What is wrong with the form of the request; NULL: nothing. */
const char *conduct_complaint(const struct exchange *exchange);

/** Is it about versions, credentials or ClientInfo, that carry no routing headers (RTE-002)? */
bool conduct_is_configuration(const struct exchange *exchange);
