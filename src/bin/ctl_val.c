/* ctl_val: the values of the hub's answer. */
#include "roamhub/tree.h"

#include "ctl.h"

struct val
val_get(struct val object, const char *key)
{
	return (struct val){ .node = json_object_get(object.node, key) };
}

size_t
val_count(struct val value)
{
	return json_is_array(value.node) ? json_array_size(value.node)
	                                 : json_object_size(value.node);
}

double
val_real(struct val object, const char *key)
{
	return json_number_value(json_object_get(object.node, key));
}

bool
val_each(struct val list, struct val *at)
{
	at->node = json_array_get(list.node, at->at++);
	return at->node != NULL;
}

bool
val_member(const struct ctl *ctl, struct val object, struct val *at, const char **key)
{
	json_t *members = (json_t *)object.node; /* jansson's iterators can change what they walk */

	at->iter = at->iter == NULL ? json_object_iter(members)
	                            : json_object_iter_next(members, at->iter);
	if (at->iter == NULL)
		return false;
	at->node = json_object_iter_value(at->iter);
	*key = ctl_clean(ctl, json_object_iter_key(at->iter));
	return true;
}

bool
val_integer(struct val value, int64_t *out)
{
	*out = json_integer_value(value.node);
	return json_is_integer(value.node);
}

int64_t
val_number(struct val object, const char *key)
{
	return json_integer_value(json_object_get(object.node, key));
}

bool
val_true(struct val object, const char *key)
{
	return json_is_true(json_object_get(object.node, key));
}

const char *
val_string(const struct ctl *ctl, struct val value)
{
	return json_is_string(value.node) ? ctl_clean(ctl, json_string_value(value.node)) : NULL;
}

const char *
val_text(const struct ctl *ctl, struct val object, const char *key)
{
	return val_string(ctl, val_get(object, key));
}
