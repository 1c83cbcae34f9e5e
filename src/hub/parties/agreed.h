/* agreed: the agreements as directories hold them: one immutable table by pair, built when an
 * agreement changes and shared by all directories until then. Asking costs the same with one and
 * with ten thousand. Built and released by the control thread, read by all. */
#pragma once

#include "../context.h"

struct agreement_record { /* of the registry's list */
	struct list node;
	struct store_agreement row; /* modules: in memory of its own */
};

struct agreed {
	unsigned refs;
	struct arena *arena;
	struct store_agreement *rows; /* in the order of the list */
	size_t count;
	struct table *pairs; /* both ids -> those that name them */
};

struct agreed *agreed_new(const struct list *records); /* with one reference */
struct agreed *agreed_hold(struct agreed *agreed);
void agreed_release(struct agreed *agreed); /* NULL: nothing */
/** Those that name both, whichever is the CPO; *rows is good as long as @agreed. */
size_t agreed_of(const struct agreed *agreed, const struct ocpi_id *a, const struct ocpi_id *b,
        const struct store_agreement *const **rows);
