/* faults: how a platform misbehaves on purpose. docs/simulator.md has the list for its users. */
#pragma once

#include "actor.h"

enum fault_kind {
	/* the request is taken in as usual, then the answer comes wrong */
	FAULT_DELAY,
	FAULT_LOSE,
	FAULT_HALF,
	FAULT_DEAF,
	/* the request has no effect, and this comes instead */
	FAULT_HANG,
	FAULT_DROP,
	FAULT_GARBAGE,
	FAULT_ENDLESS,
	FAULT_STATUS,
	FAULT_ENVELOPE,
	FAULT_NO_ENVELOPE,
	FAULT_REDIRECT,
	FAULT_REDIRECT_307,
	FAULT_RETRY_AFTER,
	FAULT_DETAIL,
	/* habits: they hold until `fault P none` */
	FAULT_NO_ROUTING_HEADERS,
	FAULT_NO_BASE64,
	FAULT_WRONG_CASE,
	FAULT_EMPTY_LINK,
	FAULT_RELATIVE_LINK,
	FAULT_FOREIGN_LINK,
	FAULT_DEAD_LINK,
	FAULT_NO_OFFSET,
	FAULT_ENDLESS_LINK,
	FAULT_NO_DATES,
	FAULT_SLASH
};

struct fault_rule {
	struct list node;
	enum fault_kind kind;
	int64_t number;        /* milliseconds, HTTP status, OCPI code or seconds, by kind */
	char *url;             /* of a redirect */
	char *method, *module; /* NULL: any */
	int64_t times;         /* how often still; negative: always */
	int64_t percent;
};

struct fault_kind_info {
	const char *name;
	enum fault_kind kind;
	const char *argument; /* what the word behind the name is; NULL: there is none */
};
const struct fault_kind_info *fault_kind_find(struct str name);

/** Add @rule (copied, its strings too), or set the habit that it names. */
void fault_add(struct actor *actor, const struct fault_rule *rule);
void fault_clear(struct actor *actor);
/** The rule that strikes @exchange, counted down; NULL: none. */
struct fault_rule *fault_pick(struct exchange *exchange);
/** True when @exchange's rule answers in place of the platform: it did. An `envelope` is an answer
 * of the platform. */
bool fault_instead(struct exchange *exchange);
/** Send @bytes, the platform's own answer, the way @exchange's rule wants it. */
void fault_send(struct exchange *exchange, struct str bytes);
