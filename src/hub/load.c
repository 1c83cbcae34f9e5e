/* load: what the hub knows from before, read at its start and waited for. */
#include "load.h"

#include <stdio.h>

#include "news.h"
#include "parties/agreement.h"
#include "parties/foreign.h"
#include "parties/registry.h"
#include "parties/view.h"
#include "wishes.h"

#define TOLD_KEY "told" /* of the meta table: what was told when it was first noted */

struct loading {
	struct store_op op;
	bool done;
};

static void
loaded(struct store_op *op)
{
	container_of(op, struct loading, op)->done = true;
}

static enum rh_err
load(struct hub *hub, struct loading *loading, enum store_verb verb, struct arena *arena,
        struct fault *fault)
{
	loading->op.verb = verb;
	loading->op.done = loaded;
	loading->op.arena = arena;
	store_submit(hub->session, &loading->op);
	while (!loading->done)
		net_loop_turn(hub->loop, 100);
	return loading->op.err == RH_OK
	               ? RH_OK
	               : fault_set(fault, RH_STORE_FAILED, "store.url", "%s", loading->op.why);
}

/* What platforms know whose last handshake was with a hub that did not note what it told. */
static enum rh_err
load_told(struct hub *hub, struct arena *arena, struct fault *fault)
{
	struct loading first = { .op.u.meta.key = STR(TOLD_KEY) },
	               noting = { .op.u.meta.key = STR(TOLD_KEY) };

	hub_note_told(hub);
	if (load(hub, &first, STORE_META_GET, arena, fault) == RH_OK) {
		(void)snprintf(hub->told_first, sizeof hub->told_first, "%.*s",
		        STR_ARG(first.op.u.meta.value));
		return RH_OK;
	}
	if (first.op.err != RH_NOT_FOUND)
		return fault->err;
	*fault = (struct fault){ 0 };
	(void)snprintf(hub->told_first, sizeof hub->told_first, "%s", hub->told);
	noting.op.u.meta.value = str_of(hub->told);
	return load(hub, &noting, STORE_META_PUT, arena, fault);
}

static enum rh_err
load_foreign(struct hub *hub, struct arena *arena, struct fault *fault)
{
	struct loading keys = { .op.u.meta.key = STR(FOREIGN_KEY) };

	if (load(hub, &keys, STORE_META_GET, arena, fault) == RH_OK)
		foreign_open(hub, keys.op.u.meta.value);
	else if (keys.op.err != RH_NOT_FOUND)
		return fault->err;
	*fault = (struct fault){ 0 };
	return RH_OK;
}

static enum rh_err
load_alone(struct hub *hub, struct arena *arena, struct fault *fault)
{
	struct loading platforms = { 0 }, agreements = { 0 };
	enum rh_err err = load(hub, &agreements, STORE_AGREEMENTS_LOAD, arena, fault);

	if (err == RH_OK)
		err = load(hub, &platforms, STORE_PLATFORMS_LOAD, arena, fault);
	if (err != RH_OK)
		return err;
	for (size_t i = 0; i < agreements.op.u.agreements.count; i++)
		agreement_take(hub, &agreements.op.u.agreements.agreements[i]);
	registry_load(hub, platforms.op.u.load.platforms, platforms.op.u.load.count);
	return RH_OK;
}

static enum rh_err
load_wishes(struct hub *hub, struct arena *arena, struct fault *fault)
{
	struct loading all = { 0 };
	enum rh_err err = load(hub, &all, STORE_WISHES, arena, fault);

	if (err == RH_OK)
		wishes_loaded(hub, &all.op.u.wishes);
	return err;
}

/* Others may change both meanwhile. */
static enum rh_err
load_together(struct hub *hub, struct arena *arena, struct fault *fault)
{
	struct loading all = { 0 };
	const struct store_directory_args *found = &all.op.u.directory;
	enum rh_err err = load_wishes(hub, arena, fault);

	if (err == RH_OK)
		err = load(hub, &all, STORE_DIRECTORY, arena, fault);
	if (err == RH_OK)
		err = load_foreign(hub, arena, fault); /* not older than what they belong to */
	if (err != RH_OK)
		return err;
	for (size_t i = 0; i < found->agreement_count; i++)
		agreement_take(hub, &found->agreements[i]);
	view_loaded(hub, found);
	registry_load(hub, found->platforms, found->platform_count);
	return RH_OK;
}

enum rh_err
hub_load(struct hub *hub, struct fault *fault)
{
	struct arena *arena = arena_new(65536);
	struct loading head = { .op.u.feed.after = INT64_MAX };
	enum rh_err err = load(hub, &head, STORE_FEED, arena, fault);

	if (err == RH_OK)
		err = load_told(hub, arena, fault);
	if (err == RH_OK)
		err = load_foreign(hub, arena, fault);
	if (err == RH_OK)
		news_head(hub, head.op.u.feed.head);
	if (err == RH_OK)
		err = hub_is_together(hub) ? load_together(hub, arena, fault)
		                           : load_alone(hub, arena, fault);
	arena_free(arena);
	return err;
}
