/* refusals: a line of log for who was refused, and what for.
 *
 * Anybody may be refused as often as he likes, so there are three bounds: of one address (of IPv6:
 * of one /64) or platform five lines and then one in ten seconds; of all who are not known fifty
 * and then one a second; and what is not told is counted, in a table of fixed size, and told once a
 * minute in twenty lines. */
#include "context.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SETS = 64,
	WAYS = 4,
	BURST = 5,
	EVERY_MS = 10 * 1000,
	STRANGERS_BURST = 50,
	STRANGERS_EVERY_MS = 1000,
	TELL_MS = 60 * 1000,
	TELL_MOST = 20,
	MOST_PATH = 200,
};

struct slot {
	uint64_t hash;  /* of who it is */
	char label[64]; /* the same for people; empty: the slot is free */
	bool known;     /* a platform */
	int64_t full_ms, seen_ms;
	uint64_t dropped; /* lines, since the last one that was written */
};
struct refusals {
	struct slot slots[SETS][WAYS];
	int64_t strangers_ms, tell_ms;
	uint64_t others; /* dropped, of those who had to leave the table */
};

struct refusals *
refusals_new(void)
{
	return rh_alloc(sizeof(struct refusals));
}

void
refusals_free(struct refusals *refusals)
{
	free(refusals);
}

/* ---- may one more line be written? ---- */

/* *@full_ms is when the lines that were written are paid for, one in @every_ms. */
static bool
take_line(int64_t *full_ms, int64_t every_ms, int64_t burst, int64_t now_ms)
{
	int64_t from_ms = *full_ms > now_ms ? *full_ms : now_ms;

	if (from_ms + every_ms > now_ms + burst * every_ms)
		return false;
	*full_ms = from_ms + every_ms;
	return true;
}

/* Who has a whole /64 has all of its addresses. */
static struct slot
slot_of(const struct refusal *refusal)
{
	struct slot slot = { .known = refusal->platform_id != 0 };
	uint8_t bytes[16] = { 0 };

	if (slot.known)
		(void)snprintf(slot.label, sizeof slot.label, "platform %lld",
		        (long long)refusal->platform_id);
	else if (inet_pton(AF_INET6, refusal->address, bytes) == 1) {
		memset(bytes + 8, 0, 8);
		(void)inet_ntop(AF_INET6, bytes, slot.label, sizeof slot.label - 4);
		(void)snprintf(slot.label + strlen(slot.label), 4, "/64");
	} else {
		(void)snprintf(slot.label, sizeof slot.label, "%s",
		        refusal->address[0] != '\0' ? refusal->address : "?");
	}
	slot.hash = rh_hash64(str_of(slot.label));
	return slot;
}

/* Its slot, or that of who was not seen for the longest time. */
static struct slot *
find_slot(struct refusals *refusals, const struct slot *wanted)
{
	struct slot *set = refusals->slots[wanted->hash % SETS], *oldest = &set[0];

	for (size_t i = 0; i < WAYS; i++) {
		if (set[i].hash == wanted->hash && set[i].label[0] != '\0')
			return &set[i];
		if (set[i].label[0] == '\0' ||
		        (oldest->label[0] != '\0' && set[i].seen_ms < oldest->seen_ms))
			oldest = &set[i];
	}
	refusals->others += oldest->dropped;
	*oldest = *wanted;
	return oldest;
}

bool
refusals_admit(
        struct refusals *refusals, const struct refusal *refusal, int64_t now_ms, uint64_t *dropped)
{
	struct slot wanted = slot_of(refusal), *slot = find_slot(refusals, &wanted);
	int64_t full_ms = slot->full_ms;

	slot->seen_ms = now_ms;
	*dropped = slot->dropped;
	if (take_line(&full_ms, EVERY_MS, BURST, now_ms) &&
	        (slot->known || take_line(&refusals->strangers_ms, STRANGERS_EVERY_MS,
	                                STRANGERS_BURST, now_ms))) {
		slot->full_ms = full_ms;
		slot->dropped = 0;
		return true;
	}
	slot->dropped++;
	return false;
}

/* ---- the lines ---- */

/* What stands behind a question mark may be a secret, and says little. */
static struct str
path_of(struct str target)
{
	struct str path = str_cut(&target, '?');

	if (path.len > MOST_PATH)
		path.len = MOST_PATH;
	return path;
}

void
refusals_note(struct refusals *refusals, const struct refusal *refusal, int64_t now_ms)
{
	const struct rh_err_info *info = rh_err_info(refusal->err);
	uint64_t dropped;

	if (!refusals_admit(refusals, refusal, now_ms, &dropped))
		return;
	LOG(LOG_INFO, "refused", KV("listener", refusal->listener), KV("address", refusal->address),
	        KVS("platform", refusal->platform), KVS("method", refusal->method),
	        KVS("path", path_of(refusal->target)),
	        KV("reason", refusal->http != 0 ? refusal->reason : info->name),
	        KV("why", refusal->why[0] != '\0' ? refusal->why : info->text),
	        KVN("http", refusal->http != 0 ? refusal->http : info->http),
	        KVS("request_id", refusal->request_id),
	        KVS("correlation_id", refusal->correlation_id), KVN("dropped", dropped));
}

static void
tell(const char *who, uint64_t *dropped)
{
	LOG(LOG_INFO, "refused-dropped", KV("who", who), KVN("dropped", *dropped));
	*dropped = 0;
}

static void
tell_slot(struct refusals *refusals, struct slot *slot, unsigned *left)
{
	if (slot->dropped == 0)
		return;
	if (*left > 0) {
		(*left)--;
		tell(slot->label, &slot->dropped);
		return;
	}
	refusals->others += slot->dropped;
	slot->dropped = 0;
}

void
refusals_tick(struct refusals *refusals, int64_t now_ms)
{
	unsigned left = TELL_MOST;

	if (now_ms < refusals->tell_ms)
		return;
	refusals->tell_ms = now_ms + TELL_MS;
	for (size_t set = 0; set < SETS; set++)
		for (size_t way = 0; way < WAYS; way++)
			tell_slot(refusals, &refusals->slots[set][way], &left);
	if (refusals->others > 0)
		tell("others", &refusals->others);
}
