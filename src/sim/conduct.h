/* conduct: does the other side send what the specification asks for? */
#pragma once

#include "platform.h"

/** What is wrong with the form of the request; NULL: nothing. */
const char *conduct_complaint(const struct exchange *exchange);
