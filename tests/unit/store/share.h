/* share: objects put into a rig's store and taken out of it, in a line each. */
#pragma once

#include "rig.h"

/** What a test's make() gives, and what it was called with. */
struct share {
	const char *body; /* NULL: delete */
	int64_t last_updated_ns;
	enum rh_err err; /* not RH_OK: refuse with this */
	size_t calls;
	char old[64]; /* what it saw, "-" when there was nothing */
};
enum rh_err share_make(void *share, struct str old, struct arena *arena, struct str *fresh,
        int64_t *last_updated_ns, struct fault *fault);

/** A key of texts: "scope module owner id" or with a type behind it. It borrows from @text. */
struct store_key share_key(const char *text);
/** A PUT of @body (NULL: DELETE) last updated at @ns, that must succeed. Returns the change. */
int64_t share_put(struct rig *rig, const char *key, const char *body, int64_t ns);
enum rh_err share_try(struct rig *rig, const char *key, const char *body); /* a PUT */
struct store_op share_op(const char *key, struct share *share);

enum rh_err share_get(struct rig *rig, const char *key, struct store_object *out);
/** It is not served, and what is said of it in the log is kept quiet. */
void share_damaged(struct rig *rig, const char *key);
/** The ids of the page joined by spaces, in order; args as in and out. */
const char *share_page(struct rig *rig, struct store_page_args *args);
/** "id:body" of each change behind @after, joined by spaces; deletions as "id:-". */
const char *share_feed(struct rig *rig, int64_t after, size_t limit, int64_t *head);
/** The same with args as in and out. */
const char *share_read_feed(struct rig *rig, struct store_feed_args *args);
