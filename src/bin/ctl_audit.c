/* ctl_audit: who did what, and the tokens by which the hub knows who it is. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

#include <string.h>

enum { MOST_ROWS = 1000, MOST_TEXT = 60 };

/* ---- asked ---- */

static bool
add_number(struct ctl *ctl, struct ctl_request *request, const char *name, uint64_t most)
{
	const char *given = ctl_option(ctl, name);
	uint64_t number;

	if (given == NULL)
		return true;
	if (!str_to_u64(str_of(given), most, &number) || number == 0) {
		ctl_complain("--%s: '%s' is none, expected a number from 1 to %llu", name, given,
		        (unsigned long long)most);
		return false;
	}
	ask_query(ctl, request, name, given);
	return true;
}

bool
ask_audit(struct ctl *ctl, struct ctl_request *request)
{
	const char *since = ctl_option(ctl, "since"), *who = ctl_option(ctl, "who"),
	           *verb = ctl_option(ctl, "verb");

	if (since != NULL && !ask_time(ctl, "--since", since, &since))
		return false;
	if (since != NULL)
		ask_query(ctl, request, "since", since);
	if (who != NULL)
		ask_query(ctl, request, "who", who);
	if (verb != NULL)
		ask_query(ctl, request, "verb", verb);
	return add_number(ctl, request, "platform", INT32_MAX) &&
	       add_number(ctl, request, "limit", MOST_ROWS);
}

bool
ask_history(struct ctl *ctl, struct ctl_request *request)
{
	return add_number(ctl, request, "limit", MOST_ROWS);
}

bool
ask_admin_token(struct ctl *ctl, struct ctl_request *request)
{
	ask_body(request, "name", ctl->operands[0]);
	ask_body(request, "role", ctl_option(ctl, "role"));
	return true;
}

/* ---- answered ---- */

/** On one line; a text without its quotes. */
static const char *
value_text(const struct ctl *ctl, struct val value)
{
	const char *plain = val_string(ctl, value);
	struct buf text = { .arena = ctl->arena };

	if (plain != NULL)
		return plain;
	if (value.node == NULL)
		return "-";
	tree_print(value.node, &text);
	return ctl_clean(ctl, text.p);
}

static void
add_part(struct buf *text, const char *key, const char *was, const char *is)
{
	buf_printf(text, "%s%s: %.*s", text->len > 0 ? "; " : "", key, MOST_TEXT, was);
	if (is != NULL)
		buf_printf(text, " -> %.*s", MOST_TEXT, is);
}

/** "status: CONNECTED -> SUSPENDED" of what differs; of the rest what came of it. */
static const char *
change_text(const struct ctl *ctl, struct val row)
{
	struct val before = val_get(row, "before"), after = val_get(row, "after"), at = { 0 };
	const char *error = val_text(ctl, row, "error"), *key;
	struct buf text = { .arena = ctl->arena };

	if (error != NULL)
		return error;
	while (val_member(ctl, after, &at, &key)) {
		struct val was = val_get(before, key);

		if (before.node != NULL)
			add_part(&text, key, value_text(ctl, was), value_text(ctl, at));
		else
			add_part(&text, key, value_text(ctl, at), NULL);
	}
	return text.p;
}

static enum ctl_colour
result_colour(const char *result)
{
	if (result == NULL || strcmp(result, "begun") == 0)
		return YELLOW;
	return strcmp(result, "done") == 0 ? GREEN : RED;
}

void
ctl_print_audit(const struct ctl *ctl, struct val answer)
{
	static const char *const titles[] = { "AT", "WHO", "FROM", "VERB", "SUBJECT", "RESULT",
		"CHANGE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(answer, &row)) {
		const char *who = val_text(ctl, row, "who"), *result = val_text(ctl, row, "result");
		const char *subject = val_text(ctl, row, "subject");

		ctl_grid_add(grid, val_text(ctl, row, "at"), PLAIN);
		ctl_grid_add(grid, who != NULL && who[0] != '\0' ? who : NULL, PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "address"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "what"), PLAIN);
		ctl_grid_add(grid, subject != NULL && subject[0] != '\0' ? subject : NULL, PLAIN);
		ctl_grid_add(grid, result, result_colour(result));
		ctl_grid_add(grid, change_text(ctl, row), PLAIN);
	}
	ctl_grid_print(grid);
}

void
ctl_print_admin_token(const struct ctl *ctl, struct val answer)
{
	(void)printf("token  %s\nline   %s\n\n", val_text(ctl, answer, "token"),
	        val_text(ctl, answer, "line"));
	(void)puts("The token is shown this once. The line goes into the file of "
	           "admin.tokens_file; roamhubctl reload takes it over.");
}
