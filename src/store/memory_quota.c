/* memory_quota: how much each platform has. Counted when somebody asks: nobody keeps so much here
 * that it would take long. */
#include "memory.h"

#include "quota.h"

int64_t
memory_count_objects(const struct memory_objects *objects, int64_t platform)
{
	int64_t count = 0;

	list_each (pos, &objects->by_seq)
		count += container_of(pos, struct memory_object, in_seq)->row.sender_platform ==
		         platform;
	return count;
}

bool
memory_has_room(struct backend *backend, struct store_op *op)
{
	struct store_share_args *args = &op->u.share;
	int64_t has;

	args->full = false;
	if (!args->limited || (int64_t)table_count(backend->objects->by_name) + 1 < args->quota)
		return true;
	has = memory_count_objects(backend->objects, args->sender_platform);
	args->full = has + 1 >= args->quota;
	return quota_allows(op, has, args->quota, "objects", &args->fault);
}
