/* presented: tokens as they were presented to a worker lately, so that Base64 and the keyed digest
 * are not worked out for every request.
 *
 * What is kept is the header, byte for byte, and the digests that were looked up for it: who that
 * is now is asked of the directory each time, so a token that is revoked is refused at once. What
 * that answered is good until another directory is published. One worker's own. */
#pragma once

#include "../parties/directory.h"

enum { PRESENTED_FORMS = 2 }; /* TRP-49: decoded, as it came */

struct presented { /* good until the next call of presented_keep() or presented_age() */
	int64_t used_ms;
	uint64_t hash;
	size_t len; /* of the header; 0: nothing is kept here */
	struct presented_form {
		bool plain;
		uint8_t digest[RH_DIGEST_BYTES];
		struct token_seen seen;
	} forms[PRESENTED_FORMS]; /* in the order in which they are looked up */
	size_t form_count;
	char header[128]; /* a longer one is not kept */
};
struct presented_all;

struct presented_all *presented_new(void);
void presented_free(struct presented_all *all); /* NULL is fine */
/** What is kept of @header; NULL: nothing. */
struct presented *presented_find(struct presented_all *all, struct str header, int64_t now_ms);
/** The same; @hash is that of the header, 0 before the first call. */
struct presented *presented_find_again(
        struct presented_all *all, struct str header, uint64_t *hash, int64_t now_ms);
/** Keep @forms of @header, which led to a platform. */
void presented_keep(struct presented_all *all, struct str header,
        const struct presented_form *forms, size_t form_count, int64_t now_ms);
void presented_forget(struct presented *presented); /* it leads to nobody any more */
/** Forget what was not presented for a minute. Looks at one place at each call. */
void presented_age(struct presented_all *all, int64_t now_ms);
