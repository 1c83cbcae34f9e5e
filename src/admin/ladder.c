/* ladder: rows of check and doctor, each good, a warning or critical, and the worst of them. */
#include "inside.h"

static const char *const rung_names[] = { "good", "warning", "critical" };

void
ladder_add(struct ladder *ladder, const char *check, enum rung rung, const char *detail)
{
	json_t *object = tree_object();

	if (rung > ladder->worst)
		ladder->worst = rung;
	tree_set_text(object, "check", check);
	tree_set_number(object, "level", rung);
	tree_set_text(object, "status", rung_names[rung]);
	tree_set_text(object, "detail", detail);
	tree_add(ladder->list, object);
}

json_t *
ladder_tree(const struct ladder *ladder)
{
	json_t *object = tree_object();

	tree_set(object, "checks", ladder->list);
	tree_set_number(object, "level", ladder->worst);
	tree_set_text(object, "status", rung_names[ladder->worst]);
	return object;
}
