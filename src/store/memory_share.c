/* memory_share: a new version of an object, made out of the old one; and a change of its scope. */
#include "memory.h"

enum { SCRATCH_BYTES = 16384 };

static bool
is_there(const struct store_object *old, const struct store_share_args *args, struct str fresh)
{
	return old->body.p != NULL && str_eq(fresh, old->body) &&
	       (old->accepted || !args->accepted);
}

static bool
changes_nothing(
        const struct store_object *old, const struct store_share_args *args, struct str fresh)
{
	if (fresh.p == NULL)
		return old->body.p == NULL;
	return is_there(old, args, fresh) &&
	       (!str_is(args->key.scope, "*") ||
	               (args->skip_unchanged && str_is(args->method, "PUT")));
}

static void
leave_alone(struct backend *backend, struct store_share_args *args, const struct store_object *old)
{
	args->unchanged = old->body.p != NULL;
	args->change = old->change;
	if (args->unchanged && args->skip_unchanged)
		args->woken = memory_wake(backend, &args->key, args->at_ms);
}

static void
write_version(struct memory_objects *objects, struct store_share_args *args,
        const struct store_object *old, struct str body, int64_t last_updated_ns)
{
	args->created = old->body.p == NULL;
	args->change = ++objects->change;
	memory_object_put(objects, &(struct store_object){
	                                   .key = args->key,
	                                   .body = body,
	                                   .last_updated_ns = last_updated_ns,
	                                   .change = args->change,
	                                   .previous = old->change,
	                                   .seq = args->created ? args->change : old->seq,
	                                   .method = args->method,
	                                   .suffix = args->suffix,
	                                   .patch = args->patch,
	                                   .sender_platform = args->sender_platform,
	                                   .correlation_id = args->correlation_id,
	                                   .at_ms = args->at_ms,
	                                   .accepted = args->accepted,
	                           });
}

static void
owe(struct backend *backend, const struct store_share_args *args)
{
	struct store_parked row;

	if (args->owe == NULL)
		return;
	row = *args->owe;
	row.change = args->change;
	memory_park_one(backend, &row);
}

bool
memory_share(struct backend *backend, struct store_op *op)
{
	struct store_share_args *args = &op->u.share;
	struct arena *arena = arena_new(SCRATCH_BYTES);
	struct memory_object *object = memory_object_find(backend->objects, &args->key);
	struct store_object old = { 0 };
	int64_t last_updated_ns = 0;
	struct str body = { 0 };
	enum rh_err err;

	if (object != NULL)
		old = object->row;
	args->created = args->unchanged = args->full = false;
	args->woken = 0;
	err = args->make(args->ctx, old.body, arena, &body, &last_updated_ns, &args->fault);
	if (err == RH_OK && body.p == NULL && args->pulled &&
	        !memory_pulled_has(backend, &args->key))
		err = fault_set(
		        &args->fault, RH_UNKNOWN_OBJECT, "", "it is here by more than pulls");
	if (err != RH_OK) {
		args->fault.err = err;
		op_result(op, err, args->fault.why);
	} else if (changes_nothing(&old, args, body)) {
		leave_alone(backend, args, &old);
	} else if (old.body.p != NULL || body.p == NULL || memory_has_room(backend, op)) {
		memory_version_keep(backend, &old, args->at_ms);
		write_version(backend->objects, args, &old, body, last_updated_ns);
		owe(backend, args);
	}
	if (op->err == RH_OK)
		memory_pulled_note(backend, args, body.p == NULL);
	arena_free(arena);
	return true;
}

/* The newer of two versions stays. */
static void
move_one(struct memory_objects *objects, struct memory_object *object, struct str to)
{
	struct store_key key = object->row.key;
	struct memory_object *other;

	key.scope = to;
	other = memory_object_find(objects, &key);
	if (other != NULL && other->row.change > object->row.change) {
		memory_object_drop(objects, object);
		return;
	}
	if (other != NULL)
		memory_object_drop(objects, other);
	memory_object_move(objects, object, to);
}

bool
memory_scope_move(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	struct store_scope_args *args = &op->u.scope;
	bool found = true;

	for (args->moved = 0; found; args->moved += found) {
		found = false;
		list_each (pos, &objects->by_change) {
			struct memory_object *object =
			        container_of(pos, struct memory_object, in_change);

			found = str_eq(object->row.key.scope, args->from);
			if (!found)
				continue;
			move_one(objects, object, args->to);
			break;
		}
	}
	return true;
}

static bool
is_dropped(const struct store_owned_args *args, const struct store_key *key)
{
	return str_eq(key->scope, args->scope) && !str_is(key->module, "hubclientinfo") &&
	       (args->owner.p == NULL || str_eq(key->owner, args->owner));
}

bool
memory_owned_drop(struct backend *backend, struct store_op *op)
{
	struct memory_objects *objects = backend->objects;
	struct store_owned_args *args = &op->u.owned;

	args->dropped = 0;
	list_each_safe (pos, tmp, &backend->failures)
		if (is_dropped(args, &kept_of(pos)->u.failure.key))
			kept_free(kept_of(pos));
	list_each_safe (pos, tmp, &backend->versions)
		if (is_dropped(args, &kept_of(pos)->u.version.object.key)) {
			kept_free(kept_of(pos));
			args->dropped++;
		}
	list_each_safe (pos, tmp, &objects->by_change) {
		struct memory_object *object = container_of(pos, struct memory_object, in_change);

		if (!is_dropped(args, &object->row.key))
			continue;
		memory_pulled_drop(backend, &object->row.key);
		memory_object_drop(objects, object);
		args->dropped++;
	}
	return true;
}
