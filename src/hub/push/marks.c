/* marks: of which objects of a receiver the store has a row, parked or refused. */
#include "marks.h"

#include <stdlib.h>
#include <string.h>

bool
marks_has(const struct marks *marks, struct str key)
{
	return marks->many || (marks->keys != NULL && table_get(marks->keys, key) != NULL);
}

void
marks_add(struct marks *marks, struct str key)
{
	char *copy;

	if (marks->many || marks_has(marks, key))
		return;
	if (marks->keys == NULL)
		marks->keys = table_new(16);
	if (table_count(marks->keys) == MARKS_MOST) {
		marks_free(marks);
		marks->many = true;
		return;
	}
	copy = rh_alloc(key.len + 1);
	memcpy(copy, key.p, key.len);
	(void)table_put(marks->keys, (struct str){ copy, key.len }, copy);
}

void
marks_drop(struct marks *marks, struct str key)
{
	if (marks->keys != NULL)
		free(table_remove(marks->keys, key));
}

void
marks_free(struct marks *marks)
{
	struct str key;
	void *copy;

	if (marks->keys == NULL)
		return;
	for (size_t at = 0; table_next(marks->keys, &at, &key, &copy);)
		free(copy);
	table_free(marks->keys);
	marks->keys = NULL;
}
