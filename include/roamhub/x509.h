/* x509: what certificates say of themselves, for people. Nothing is believed for it. */
#pragma once

#include "base.h"

struct x509 {
	struct str subject, issuer; /* "CN=hub.example,O=Example" */
	struct str names;           /* host names and addresses, with commas between them */
	int64_t from_ms, until_ms;  /* wall clock */
	bool authority;             /* it may sign others */
	const char *why;            /* of x509_page(): it cannot be read; NULL: it can */
};
/** The certificates of @pem in their order, at most @most of them, in memory of @arena.
 * RH_BAD_CONFIG: there is none, or what stands there cannot be read. */
MUST_CHECK enum rh_err x509_read(struct str pem, size_t most, struct arena *arena,
        const struct x509 **out, size_t *count, struct fault *fault);
/** The same of those behind the first @after; *@total: how many stand there. Only what is given is
 * read: one of them that cannot be is there with @why. */
void x509_page(struct str pem, size_t after, size_t most, struct arena *arena,
        const struct x509 **out, size_t *count, size_t *total);
/** When the first of the certificates in @pem ends, wall clock; 0: that cannot be told. */
int64_t x509_until_ms(struct str pem);
