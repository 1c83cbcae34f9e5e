/* misplaced: a refusal tells no token that stands where none belongs. */
#pragma once

#include "flight.h"

/** Sets flight->shown, and puts stars for tokens there and in the words of why it is refused. */
void misplaced_hide(struct flight *flight);
/** @value, or stars if it is a token that the hub knows: to be cited in a refusal. */
struct str misplaced_show(struct flight *flight, struct str value);
