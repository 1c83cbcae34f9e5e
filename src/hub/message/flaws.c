/* flaws: what is wrong with a body, all of it, as one text for status_message. */
#include "flaws.h"

static void
add_flaw(struct buf *text, const struct json_doc *doc, const struct ocpi_flaw *flaw)
{
	struct ocpi_flaw_text words;

	ocpi_flaw_text(doc, flaw, &words);
	buf_printf(text, "%s%s%sfound %s, expected %s", text->len > 0 ? "; " : "", words.pointer,
	        words.pointer[0] != '\0' ? ": " : "", words.found, words.expected);
}

struct str
flaws_text(const struct json_doc *doc, const struct ocpi_flaws *flaws, size_t most,
        struct arena *arena)
{
	size_t listed = flaws->count < OCPI_MAX_FLAWS ? flaws->count : OCPI_MAX_FLAWS, shown = 0;
	struct buf text = { .arena = arena };

	for (size_t before = 0; shown < listed; before = text.len, shown++) {
		add_flaw(&text, doc, &flaws->list[shown]);
		if (text.len > most && shown > 0) {
			text.len = before; /* whole ones alone */
			break;
		}
	}
	if (shown < flaws->count)
		buf_printf(&text, "; and %zu more", flaws->count - shown);
	return buf_str(&text);
}
