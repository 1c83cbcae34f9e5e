/* owners: whose an object is, when its module and id alone are known. */
#include "inside.h"

enum { MOST_COPIES = 500 };
enum { MODULE = 3, OBJECT }; /* segments of the path */

/* Keys of one owner and type are neighbours; what is shared stands before what was addressed. */
static bool
is_next(const struct store_key *key, const struct store_key *before)
{
	return before == NULL || !str_eq(key->owner, before->owner) ||
	       !str_eq(key->type, before->type);
}

static json_t *
owner_tree(const struct store_find_args *args, const struct store_key *key)
{
	json_t *row = tree_object();

	tree_set_str(row, "module", args->module);
	tree_set_str(row, "owner", key->owner);
	tree_set_str(row, "id", args->id);
	if (key->type.len > 0)
		tree_set_str(row, "type", key->type);
	return row;
}

static json_t *
owners_tree(const struct store_find_args *args)
{
	json_t *list = tree_list(), *row = NULL;
	uint64_t addressed = 0;
	bool shared = false;

	for (size_t i = 0; i < args->count; i++) {
		const struct store_key *key = &args->keys[i];

		if (is_next(key, i > 0 ? &args->keys[i - 1] : NULL)) {
			row = owner_tree(args, key);
			tree_add(list, row);
			addressed = 0;
			shared = false;
		}
		shared |= str_is(key->scope, "*");
		addressed += !str_is(key->scope, "*");
		tree_set_bool(row, "is_shared", shared);
		tree_set_count(row, "addressed_count", addressed);
	}
	return list;
}

static void
found(struct store_op *op)
{
	struct inquiry *inquiry;
	json_t *answer;

	if (!inquiry_stored(op, &inquiry))
		return;
	answer = tree_object();
	tree_set(answer, "matches", owners_tree(&op->u.find));
	tree_set_bool(answer, "more", op->u.find.count == MOST_COPIES);
	inquiry_json(inquiry, 200, answer);
}

void
owners_find(struct inquiry *inquiry)
{
	const struct str *part = inquiry->path.decoded;

	if (ocpi_module_find(hub_modules(inquiry->admin->hub), part[MODULE]) == NULL) {
		refuse_module(inquiry);
		return;
	}
	inquiry->op.u.find.module = part[MODULE];
	inquiry->op.u.find.id = arena_upper(inquiry->arena, part[OBJECT]);
	inquiry->op.u.find.limit = MOST_COPIES;
	inquiry_store(inquiry, STORE_OBJECT_FIND, found);
}
