/* bodies: what the trace keeps of what was said in full. */
#include "bodies.h"

#include "masks.h"

enum { MARGIN = 512 }; /* a secret that begins before the cut is hidden as a whole */

/* Not within a character. */
static size_t
cut_before(struct str text, size_t most)
{
	if (text.len <= most)
		return text.len;
	while (most > 0 && ((unsigned char)text.p[most] & 0xc0) == 0x80)
		most--;
	return most;
}

static void
put(struct buf *doc, const char *name, struct str text, size_t most, const struct bodies *bodies,
        struct arena *arena)
{
	struct str shown = text;

	if (text.p == NULL || text.len == 0)
		return;
	if (shown.len > most + MARGIN)
		shown.len = most + MARGIN;
	shown = masks_hide(shown, bodies->secrets, bodies->secret_count, arena);
	shown.len = cut_before(shown, most);
	json_put_text(doc, name, shown);
	if (shown.len < text.len)
		json_put_number(doc, arena_printf(arena, "%s_bytes", name).p, (int64_t)text.len);
}

void
bodies_put(struct buf *doc, const struct bodies *bodies, struct arena *arena)
{
	size_t asked = bodies->asked.p != NULL ? bodies->asked.len : 0,
	       answered = bodies->answered.p != NULL ? bodies->answered.len : 0;

	if (answered > BODIES_MOST / 2 && asked + answered > BODIES_MOST)
		answered = asked < BODIES_MOST / 2 ? BODIES_MOST - asked : BODIES_MOST / 2;
	if (asked > BODIES_MOST - answered)
		asked = BODIES_MOST - answered;
	put(doc, "body", bodies->asked, asked, bodies, arena);
	put(doc, "answer", bodies->answered, answered, bodies, arena);
}
