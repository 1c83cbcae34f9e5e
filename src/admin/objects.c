/* objects: one object as the hub keeps it, byte for byte: what is shared, and what was addressed to
 * single parties. */
#include "inside.h"

enum { MOST_COPIES = 50, MOST_OF_AN_ID = 500, MOST_VERSIONS = 100 };

struct objects {
	const struct store_key *keys;
	size_t count, at;
	bool more, skips;
	size_t damaged; /* that were skipped */
	struct store_object copies[MOST_COPIES];
	size_t copy_count;
	void (*ready)(struct inquiry *inquiry);
};

/* ---- as JSON ---- */

static json_t *
sender_tree(const struct hub *hub, int64_t id)
{
	const struct platform *platform = directory_platform(hub_directory(hub), id);
	json_t *object;

	if (id == 0)
		return json_null();
	object = tree_object();
	tree_set_number(object, "platform", id);
	if (platform != NULL)
		tree_set_str(object, "name", platform->name);
	return object;
}

static void
set_digest(json_t *tree, struct str body)
{
	char digest[RH_SHA256_TEXT];

	rh_sha256(body, digest);
	tree_set_text(tree, "sha256", digest);
	tree_set_number(tree, "bytes", (int64_t)body.len);
}

/** What is known of this version; without its bytes. */
json_t *
object_version(const struct hub *hub, const struct store_object *object)
{
	json_t *tree = tree_object();
	struct str to = store_scope_party(object->key.scope);

	tree_set_number(tree, "change", object->change);
	tree_set(tree, "previous",
	        object->previous != 0 ? json_integer(object->previous) : json_null());
	set_digest(tree, object->body);
	tree_set_time(tree, "at", object->at_ms);
	tree_set(tree, "sender", sender_tree(hub, object->sender_platform));
	tree_set_str(tree, "method", object->method);
	tree_set_str(tree, "path", object->suffix);
	tree_set_str(tree, "correlation_id", object->correlation_id);
	tree_set_time(tree, "last_updated", object->last_updated_ns / 1000000);
	tree_set_str(tree, "to", to);
	if (to.p != NULL)
		tree_set_bool(tree, "accepted", object->accepted);
	return tree;
}

json_t *
object_copies(const struct inquiry *inquiry)
{
	const struct objects *objects = inquiry->objects;
	json_t *copies = tree_list();

	for (size_t i = 0; i < objects->copy_count; i++) {
		json_t *copy = object_version(inquiry->admin->hub, &objects->copies[i]);

		if (objects->copies[i].key.type.len > 0)
			tree_set_str(copy, "type", objects->copies[i].key.type);
		tree_set_str(copy, "body", objects->copies[i].body);
		tree_add(copies, copy);
	}
	return copies;
}

/* What was kept of it before it became what it is. */
json_t *
object_earlier(const struct inquiry *inquiry, const struct store_version *version)
{
	json_t *tree = object_version(inquiry->admin->hub, &version->object);

	(void)json_object_del(tree, "previous"); /* as it is not kept */
	(void)json_object_del(tree, "path");
	tree_set_time(tree, "until", version->until_ms);
	return tree;
}

static json_t *
earlier_tree(const struct inquiry *inquiry, const struct store_versions_args *found)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < found->count; i++)
		tree_add(list, object_earlier(inquiry, &found->rows[i]));
	return list;
}

static json_t *
object_tree(const struct inquiry *inquiry)
{
	const struct objects *objects = inquiry->objects;
	json_t *tree = tree_object();

	tree_set_str(tree, "module", objects->copies[0].key.module);
	tree_set_str(tree, "owner", objects->copies[0].key.owner);
	tree_set_str(tree, "id", objects->copies[0].key.id);
	tree_set(tree, "copies", object_copies(inquiry));
	tree_set_bool(tree, "more", objects->more);
	return tree;
}

/* ---- read one after the other ---- */

static void read_next(struct inquiry *inquiry);

static void
came(struct store_op *op)
{
	struct inquiry *inquiry = container_of(op, struct inquiry, op);
	struct objects *objects = inquiry->objects;

	if (op->err == RH_NOT_FOUND || (objects->skips && op->damaged > 0)) {
		objects->damaged += op->err != RH_NOT_FOUND; /* else it went meanwhile */
		if (inquiry_resume(inquiry))
			read_next(inquiry);
		return;
	}
	if (!inquiry_stored(op, &inquiry))
		return;
	objects->copies[objects->copy_count++] = op->u.get.object;
	read_next(inquiry);
}

static void
read_next(struct inquiry *inquiry)
{
	struct objects *objects = inquiry->objects;

	if (objects->at == objects->count || objects->copy_count == MOST_COPIES) {
		objects->more |= objects->at < objects->count;
		objects->ready(inquiry);
		return;
	}
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.get.key = objects->keys[objects->at++];
	inquiry_store(inquiry, STORE_OBJECT_GET, came);
}

/* What is shared stands before what was addressed, as "*" does before letters. */
static void
found(struct store_op *op)
{
	const struct store_find_args args = op->u.find;
	struct inquiry *inquiry;
	struct objects *objects;

	if (!inquiry_stored(op, &inquiry))
		return;
	objects = inquiry->objects;
	objects->keys = args.keys;
	objects->count = args.count;
	objects->more = args.count == args.limit;
	read_next(inquiry);
}

/* ---- what was asked ---- */

enum { MODULE = 3, COUNTRY, PARTY, ID }; /* segments of the path */

bool
object_asked(struct inquiry *inquiry, struct store_key *key, struct ocpi_id *owner)
{
	const struct str *part = inquiry->path.decoded;
	char text[OCPI_ID_TEXT];

	if (ocpi_module_find(hub_modules(inquiry->admin->hub), part[MODULE]) == NULL) {
		refuse_module(inquiry);
		return false;
	}
	if (!asked_party(inquiry, "owner",
	            arena_printf(inquiry->arena, "%.*s*%.*s", STR_ARG(part[COUNTRY]),
	                    STR_ARG(part[PARTY])),
	            owner))
		return false;
	*key = (struct store_key){ .scope = STR("*"),
		.module = part[MODULE],
		.owner = arena_str(inquiry->arena, str_of(ocpi_id_key(owner, text))),
		.id = arena_upper(inquiry->arena, part[ID]) };
	key->type = asked_query(inquiry, "type");
	return true;
}

void
objects_ask(struct inquiry *inquiry, const struct store_key *key,
        void (*ready)(struct inquiry *inquiry))
{
	struct objects *objects = arena_alloc(inquiry->arena, sizeof *objects);

	objects->ready = ready;
	inquiry->objects = objects;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.find.module = key->module;
	inquiry->op.u.find.id = key->id;
	inquiry->op.u.find.owner = key->owner;
	inquiry->op.u.find.type = key->type;
	inquiry->op.u.find.limit = MOST_OF_AN_ID;
	inquiry_store(inquiry, STORE_OBJECT_FIND, found);
}

void
objects_skip_damaged(struct inquiry *inquiry)
{
	inquiry->objects->skips = true;
}

size_t
objects_damaged(const struct inquiry *inquiry)
{
	return inquiry->objects->damaged;
}

bool
objects_more(const struct inquiry *inquiry)
{
	return inquiry->objects->more;
}

bool
objects_none(struct inquiry *inquiry)
{
	if (inquiry->objects->copy_count > 0)
		return false;
	inquiry_refuse(inquiry, 404, "the hub has no such object");
	return true;
}

const struct store_object *
objects_of(const struct inquiry *inquiry, size_t *count)
{
	const struct objects *objects = inquiry->objects;

	*count = objects->copy_count;
	return objects->copies;
}

static void
earlier_came(struct store_op *op)
{
	struct inquiry *inquiry;
	json_t *tree;

	if (!inquiry_stored(op, &inquiry))
		return;
	tree = object_tree(inquiry);
	tree_set(tree, "versions", earlier_tree(inquiry, &op->u.versions));
	inquiry_json(inquiry, 200, tree);
}

static void
answer(struct inquiry *inquiry)
{
	if (objects_none(inquiry))
		return;
	inquiry->op = (struct store_op){ 0 };
	inquiry->op.u.versions.key = inquiry->objects->copies[0].key;
	inquiry->op.u.versions.limit = MOST_VERSIONS;
	inquiry_store(inquiry, STORE_VERSIONS, earlier_came);
}

void
objects_show(struct inquiry *inquiry)
{
	struct store_key key;
	struct ocpi_id owner;

	if (object_asked(inquiry, &key, &owner))
		objects_ask(inquiry, &key, answer);
}
