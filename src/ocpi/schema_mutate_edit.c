/* schema_mutate_edit: how a mutation is counted, written and told. */
#include <stdio.h>
#include <string.h>

#include "schema_mutate.h"

bool
mutate_turn(struct mutate *m)
{
	return m->count++ == m->wanted;
}

void
mutate_range(struct mutate *m, size_t at, size_t end, struct str with)
{
	buf_add(m->out, (struct str){ m->doc->text.p, at });
	buf_add(m->out, with);
	buf_add(m->out, str_from(m->doc->text, end));
}

void
mutate_say(struct mutate *m, uint32_t node, const char *lacks, const char *how)
{
	size_t len;

	json_pointer(m->doc, node, m->broken->pointer, sizeof(m->broken->pointer));
	len = strlen(m->broken->pointer);
	if (lacks != NULL)
		snprintf(m->broken->pointer + len, sizeof(m->broken->pointer) - len, "/%s", lacks);
	m->broken->how = how;
}

void
mutate_value(struct mutate *m, uint32_t node, const char *with, const char *how)
{
	if (!mutate_turn(m))
		return;
	mutate_range(m, m->doc->nodes[node].at, m->doc->nodes[node].end, str_of(with));
	mutate_say(m, node, NULL, how);
}

void
mutate_remove(struct mutate *m, uint32_t object, uint32_t value)
{
	const struct json_node *nodes = m->doc->nodes;
	size_t at = nodes[value - 1].at, end = nodes[value].end;

	if (nodes[value].next < nodes[object].next)
		end = nodes[nodes[value].next].at; /* with the comma behind it */
	else if (value - 1 > object + 1)
		for (uint32_t key = object + 1; key < value - 1; key = nodes[key + 1].next)
			at = nodes[key + 1].end; /* with the comma before it */
	mutate_range(m, at, end, STR(""));
}
