/* words: what a partner said, in its own words. */
#include "words.h"

#include "redirect.h"

struct str
words_excerpt(struct str text, struct arena *arena)
{
	struct buf line = { .arena = arena };

	for (size_t i = 0; i < text.len && i < WORDS_MOST_BYTES; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c > ' ' && c != 0x7f)
			buf_addc(&line, (char)c);
		else if (line.len > 0 && line.p[line.len - 1] != ' ')
			buf_addc(&line, ' ');
	}
	return str_trim(buf_str(&line));
}

/* Followed already, or not to be followed. */
static struct str
redirection(const struct partner_call *call)
{
	const struct net_call *net = &call->net;
	struct str to = words_excerpt(net->header[OUT_LOCATION], net->arena);
	const char *why = "it leads to another host";

	if (call->redirected_from.p != NULL)
		why = "it is the second one";
	else if (!redirect_keeps_method(net))
		why = "it makes a GET of other methods";
	return arena_printf(net->arena, "redirect to %.*s, not followed: %s",
	        (int)(to.len > 200 ? 200 : to.len), to.p, why);
}

struct str
words_of(const struct partner_call *call)
{
	const struct net_call *net = &call->net;
	bool success = net->status / 100 == 2;

	if (net->result != NET_DONE)
		return (struct str){ 0 };
	if (call->result == PARTNER_ANSWERED)
		return success && call->envelope.code / 1000 == 1
		               ? (struct str){ 0 }
		               : words_excerpt(call->envelope.message, net->arena);
	if (net->status / 100 == 3 && net->header[OUT_LOCATION].len > 0)
		return redirection(call);
	return success ? (struct str){ 0 } : words_excerpt(net->answer, net->arena);
}
