/* sandbox_left: what a sandbox leaves behind, scope by scope, a slice at a time, so that the
 * writer's other work goes between. */
#include "sandbox_left.h"

#include "message/prints.h"
#include "parties/directory.h"

static void drop_next(struct sandbox_left *left);

static void
dropped(struct store_op *op)
{
	struct sandbox_left *left = container_of(op, struct sandbox_left, op);

	left->hub->control_work--;
	if (op->err != RH_OK)
		LOG(LOG_ERROR, "sandbox", KVN("platform", left->platform),
		        KV("error", "what it left stays until it is begun again"),
		        KV("why", op->why));
	if (op->err != RH_OK)
		left->scope_count = 0;
	else if (op->u.owned.dropped == 0)
		left->scope_count--;
	drop_next(left);
}

static void
drop_next(struct sandbox_left *left)
{
	struct hub *hub = left->hub;

	if (left->scope_count == 0 || hub->stopping) {
		prints_forget(hub->prints, 0);
		left->done(left);
		return;
	}
	left->op = (struct store_op){ .verb = STORE_OWNED_DROP, .done = dropped };
	left->op.u.owned = left->scopes[left->scope_count - 1];
	hub->control_work++;
	store_submit(hub->session, &left->op);
}

static void
add_scope(struct sandbox_left *left, struct str scope, struct str owner)
{
	left->scopes[left->scope_count++] =
	        (struct store_owned_args){ .scope = scope, .owner = owner };
}

/* A party that is free again may be a real one's by now, and what it has is its own. */
static bool
is_anothers(const struct directory *directory, const struct sandbox_trace *trace)
{
	for (const struct party *party = directory_party(directory, &trace->party); party != NULL;
	        party = party->same)
		if (party->platform->id != trace->platform && !party->platform->removed)
			return true;
	return false;
}

/* It sent to those parties of its owner alone that it met. */
static void
add_scopes(struct sandbox_left *left, const struct sandbox_trace *trace)
{
	const struct directory *directory = hub_directory(left->hub);
	const struct platform *owner = directory_platform(directory, trace->owner);
	struct arena *arena = left->arena;
	char text[OCPI_ID_TEXT];
	struct str key = arena_str(arena, str_of(ocpi_id_key(&trace->party, text)));
	size_t parties = owner != NULL ? owner->party_count : 0;

	left->scopes = arena_alloc(arena, (parties + 2) * sizeof *left->scopes);
	add_scope(left, directory_scope(&trace->party, trace->platform, arena), (struct str){ 0 });
	if (is_anothers(directory, trace))
		return;
	add_scope(left, STR("*"), key);
	for (size_t i = 0; i < parties; i++)
		add_scope(left, directory_scope(&owner->parties[i].id, owner->id, arena), key);
}

void
sandbox_left_drop(struct sandbox_left *left, struct hub *hub, const struct sandbox_trace *trace)
{
	left->hub = hub;
	left->platform = trace->platform;
	left->scope_count = 0;
	if (left->arena == NULL)
		left->arena = arena_new(1024);
	arena_reset(left->arena);
	if (trace->platform != 0)
		add_scopes(left, trace);
	drop_next(left);
}

void
sandbox_left_free(struct sandbox_left *left)
{
	if (left->arena != NULL)
		arena_free(left->arena);
}
