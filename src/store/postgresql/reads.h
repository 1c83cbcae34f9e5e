/* reads: a read on its way, and rows of them. */
#pragma once

#include "parts.h"

#include "../writer.h"

enum { WHY_BYTES = 160 };
struct item {
	struct mail mail;
	struct item *next;
	const struct pg_read_verb *verb;
	struct pg_read read;
	size_t at; /* results that came */
	bool failed, again;
	char why[WHY_BYTES];
};
struct items {
	struct item *first, **last;
	size_t count;
};
void items_init(struct items *items);
void items_add(struct items *items, struct item *item);
struct item *items_take(struct items *items); /* the first; NULL: there is none */
