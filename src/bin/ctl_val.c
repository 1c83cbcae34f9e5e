/* ctl_val: the values of the hub's answer, without a tree. */
#include "ctl.h"

static bool
is(struct val value, enum json_type type)
{
	return value.doc != NULL && value.doc->nodes[value.at].type == type;
}

struct val
val_get(struct val object, const char *key)
{
	uint32_t at = is(object, JSON_OBJECT) ? json_member(object.doc, object.at, key) : 0;

	return at == 0 ? (struct val){ 0 } : (struct val){ object.doc, at };
}

size_t
val_count(struct val value)
{
	return is(value, JSON_ARRAY) || is(value, JSON_OBJECT) ? value.doc->nodes[value.at].count
	                                                       : 0;
}

bool
val_each(struct val list, struct val *at)
{
	uint32_t next;

	if (!is(list, JSON_ARRAY))
		return false;
	next = at->doc == NULL ? list.at + 1 : at->doc->nodes[at->at].next;
	*at = (struct val){ list.doc, next };
	return next < list.doc->nodes[list.at].next;
}

bool
val_member(const struct ctl *ctl, struct val object, struct val *at, const char **key)
{
	uint32_t next;

	if (!is(object, JSON_OBJECT))
		return false;
	next = at->doc == NULL ? object.at + 1 : at->doc->nodes[at->at].next;
	if (next >= object.doc->nodes[object.at].next)
		return false;
	*key = val_string(ctl, (struct val){ object.doc, next });
	*at = (struct val){ object.doc, next + 1 };
	return true;
}

int64_t
val_number(struct val object, const char *key)
{
	struct val value = val_get(object, key);
	int64_t number = 0;

	return value.doc != NULL && json_int(value.doc, value.at, &number) ? number : 0;
}

bool
val_true(struct val object, const char *key)
{
	return is(val_get(object, key), JSON_TRUE);
}

const char *
val_string(const struct ctl *ctl, struct val value)
{
	if (!is(value, JSON_STRING))
		return NULL;
	return ctl_clean(ctl, arena_cstr(ctl->arena, json_string(value.doc, value.at, ctl->arena)));
}

const char *
val_text(const struct ctl *ctl, struct val object, const char *key)
{
	return val_string(ctl, val_get(object, key));
}
