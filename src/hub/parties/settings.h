/* settings: the keys of `party set`. */
#pragma once

#include "record.h"

/** Merge "KEY=VALUE" into the settings; RH_BAD_FIELD names what is wrong. */
MUST_CHECK enum rh_err settings_merge(struct record *record, struct str pair, struct fault *fault);
