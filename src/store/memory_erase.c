/* memory_erase: what is kept of one driver's token. */
#include "memory.h"

#include <stdio.h>

static bool
is_of_token(const struct store_erase_args *args, const struct store_key *key)
{
	return str_is(key->module, "tokens") && str_eq(key->owner, args->owner) &&
	       str_eq(key->id, args->id);
}

static bool
is_record(const struct store_key *key)
{
	return str_is(key->module, "sessions") || str_is(key->module, "cdrs");
}

static bool
names_token(const struct store_erase_args *args, struct str *body, struct arena *arena)
{
	struct str without;

	if (body->p == NULL || !args->without(args->ctx, *body, arena, &without))
		return false;
	if (!args->dry_run)
		*body = arena_str(arena, without);
	return true;
}

/* In its place: nothing is new of it. */
static void
erase_in(struct memory_object *object, struct store_erase_args *args)
{
	bool in_body = names_token(args, &object->row.body, object->arena);
	bool in_patch = names_token(args, &object->row.patch, object->arena);

	if (!in_body && !in_patch)
		return;
	if (str_is(object->row.key.module, "cdrs"))
		args->cdrs++;
	else
		args->sessions++;
}

static void
erase_object(struct backend *backend, struct memory_object *object, struct store_erase_args *args)
{
	if (is_record(&object->row.key))
		erase_in(object, args);
	if (!is_of_token(args, &object->row.key))
		return;
	args->tokens += object->row.body.p != NULL;
	if (args->dry_run)
		return;
	memory_pulled_drop(backend, &object->row.key);
	memory_object_drop(backend->objects, object);
}

static bool
is_hint_of_token(const struct store_erase_args *args, const struct store_hint *hint)
{
	struct str head = { hint->key.p, args->id.len };
	char owner[64];

	(void)snprintf(owner, sizeof(owner), "%s*%s", hint->country, hint->party);
	return str_eq(hint->kind, args->hints) && hint->key.len > head.len &&
	       hint->key.p[head.len] == '/' && str_eq(head, args->id) &&
	       (hint->country[0] == '\0' || str_is(args->owner, owner));
}

static void
erase_hints_of(struct backend *backend, struct store_erase_args *args)
{
	list_each_safe (pos, tmp, &backend->hints) {
		if (!is_hint_of_token(args, &kept_of(pos)->u.hint))
			continue;
		args->remembered++;
		if (!args->dry_run)
			kept_free(kept_of(pos));
	}
}

bool
memory_erase(struct backend *backend, struct store_op *op)
{
	struct store_erase_args *args = &op->u.erase;

	args->tokens = args->owed = args->sessions = args->cdrs = 0;
	args->remembered = args->damaged = 0;
	args->head = backend->objects->change;
	args->done = true;
	list_each_safe (pos, tmp, &backend->objects->by_change)
		erase_object(backend, container_of(pos, struct memory_object, in_change), args);
	list_each_safe (pos, tmp, &backend->parked) {
		if (!is_of_token(args, &kept_of(pos)->u.parked.key))
			continue;
		args->owed++;
		if (!args->dry_run)
			kept_free(kept_of(pos));
	}
	list_each_safe (pos, tmp, &backend->failures) {
		if (!is_of_token(args, &kept_of(pos)->u.failure.key))
			continue;
		args->owed++;
		if (!args->dry_run)
			kept_free(kept_of(pos));
	}
	erase_hints_of(backend, args);
	memory_erase_reports(backend, args);
	return true;
}
