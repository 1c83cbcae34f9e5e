/* presented: tokens as they were presented lately.
 *
 * A header is found by its SipHash under the key of the process, all 64 bits of it, before a byte
 * is compared: how long a look takes tells nothing of the bytes of another header to who does not
 * know that key. Only headers that led to a platform are kept: strangers drive out nobody. The
 * bytes are secret: they are wiped when they make room, lead nowhere, are not used or the worker
 * ends. */
#include "presented.h"

#include <stdlib.h>
#include <string.h>

enum { PLACES = 64, IDLE_MS = 60 * 1000 };

struct presented_all {
	struct presented places[PLACES];
	size_t looked_at; /* by presented_age() */
};

struct presented_all *
presented_new(void)
{
	return rh_alloc(sizeof(struct presented_all));
}

void
presented_forget(struct presented *presented)
{
	rh_wipe(presented, sizeof *presented);
}

void
presented_free(struct presented_all *all)
{
	if (all == NULL)
		return;
	rh_wipe(all, sizeof *all);
	free(all);
}

struct presented *
presented_find_again(struct presented_all *all, struct str header, uint64_t *hash, int64_t now_ms)
{
	struct presented *presented;

	if (header.len == 0)
		return NULL;
	if (*hash == 0)
		*hash = rh_hash64(header);
	presented = &all->places[*hash % PLACES];
	if (presented->hash != *hash ||
	        !str_eq((struct str){ presented->header, presented->len }, header))
		return NULL;
	presented->used_ms = now_ms;
	return presented;
}

struct presented *
presented_find(struct presented_all *all, struct str header, int64_t now_ms)
{
	uint64_t hash = 0;

	return presented_find_again(all, header, &hash, now_ms);
}

void
presented_keep(struct presented_all *all, struct str header, const struct presented_form *forms,
        size_t form_count, int64_t now_ms)
{
	uint64_t hash = rh_hash64(header);
	struct presented *presented = &all->places[hash % PLACES];

	if (header.len == 0 || header.len > sizeof presented->header ||
	        form_count > PRESENTED_FORMS)
		return;
	presented_forget(presented); /* who was there, to the last byte */
	presented->used_ms = now_ms;
	presented->hash = hash;
	presented->len = header.len;
	presented->form_count = form_count;
	memcpy(presented->forms, forms, form_count * sizeof *forms);
	memcpy(presented->header, header.p, header.len);
}

void
presented_age(struct presented_all *all, int64_t now_ms)
{
	struct presented *presented = &all->places[all->looked_at++ % PLACES];

	if (presented->len > 0 && now_ms - presented->used_ms >= IDLE_MS)
		presented_forget(presented);
}
