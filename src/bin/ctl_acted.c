/* ctl_acted: what a verb on a party or platform did, printed for people. */
#include <string.h>

#include "ctl.h"

static const char *
settings_text(const struct ctl *ctl, struct val settings)
{
	struct buf text = { .arena = ctl->arena };
	struct val value = { 0 };
	const char *key, *word;

	while (val_member(ctl, settings, &value, &key)) {
		word = val_string(ctl, value);
		buf_printf(
		        &text, "%s%s=%s", text.len > 0 ? " " : "", key, word != NULL ? word : "?");
	}
	return text.p;
}

void
ctl_print_acted(const struct ctl *ctl, struct val answer)
{
	const char *status = val_text(ctl, answer, "status"), *name = val_text(ctl, answer, "name");
	const char *settings = settings_text(ctl, val_get(answer, "settings"));
	const char *farewell = val_text(ctl, answer, "farewell");

	(void)printf("platform %lld (%s) is %s%s%s\n", (long long)val_number(answer, "id"),
	        name != NULL ? name : "?",
	        ctl_paint(ctl, status != NULL ? status : "?", ctl_status_colour(status)),
	        settings != NULL ? ", settings: " : "", settings != NULL ? settings : "");
	if (farewell != NULL)
		(void)puts(farewell);
}

void
ctl_print_told(const struct ctl *ctl, struct val answer)
{
	const char *until = val_text(ctl, val_get(answer, "suspension"), "until");
	const char *told = ctl_audience_text(ctl, answer);

	ctl_print_acted(ctl, answer);
	if (until != NULL)
		(void)printf("until %s\n", until);
	if (told != NULL)
		(void)printf("told: %s\n", told);
	else
		(void)puts("nobody is told: no other platform listens to changes of its status");
}

void
ctl_print_rotated(const struct ctl *ctl, struct val answer)
{
	struct val rotation = val_get(answer, "rotation");

	(void)printf("the tokens of platform %lld were exchanged, %s\n",
	        (long long)val_number(answer, "id"), ctl_next_exchange(ctl, rotation));
}

void
ctl_print_accept(const struct ctl *ctl, struct val answer)
{
	(void)ctl;
	(void)printf("platform %lld is pulled now, and what two full walks did not find is "
	             "withdrawn\n",
	        (long long)val_number(answer, "platform"));
}

void
ctl_print_release(const struct ctl *ctl, struct val answer)
{
	(void)printf("%s is free: any platform may register it; platform %lld had dropped it\n",
	        val_text(ctl, answer, "party"), (long long)val_number(answer, "platform"));
}

void
ctl_print_move(const struct ctl *ctl, struct val answer)
{
	(void)printf("what was addressed to %s at platform %lld is platform %lld's now\n",
	        val_text(ctl, answer, "party"), (long long)val_number(answer, "from_platform"),
	        (long long)val_number(answer, "to_platform"));
}
