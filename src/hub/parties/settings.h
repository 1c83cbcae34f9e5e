/* settings: the keys of `party set`. */
#pragma once

#include "record.h"

#define SETTING_SANDBOX_OF "sandbox_of" /* stored beside them: id of a platform */
#define SETTING_TOKEN_RAW                                                      \
	"token_raw" /* the same: its handshake proved that it wants raw tokens \
	             */

/** Merge "KEY=VALUE" into the settings; "default" takes a key back. RH_BAD_FIELD names what is
 * wrong. */
MUST_CHECK enum rh_err settings_merge(
        const struct hub *hub, struct record *record, struct str pair, struct fault *fault);
/** Keep @value beside the settings under a @key that no operator can set; absent: it is taken away.
 */
void settings_note(struct record *record, struct str key, struct str value);
/** Is SETTING_TOKEN_RAW among @settings? */
bool settings_token_raw(struct str settings);
/** Set the fields of @platform by its settings; memory from @arena. */
void settings_parse(struct platform *platform, struct arena *arena);
