/* flaws: what is wrong with a body, all of it, as one text for status_message: clients that know
 * OCPI's types alone cannot read it anywhere else. Pure. */
#pragma once

#include "roamhub/schema.h"

enum { FLAWS_TEXT_MOST = 2048 };
/** "/id: found nothing, expected ...; /evses/0/status: found ..., expected ..." of at most about
 * @most bytes, then "; and N more". */
struct str flaws_text(const struct json_doc *doc, const struct ocpi_flaws *flaws, size_t most,
        struct arena *arena);
