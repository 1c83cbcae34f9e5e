/* ctl_secret: a token that need not stand on the command line, where others can read it. */
#include <errno.h>
#include <string.h>

#include "ctl.h"

enum { SECRET_MAX = 4096 };

bool
ctl_secret(struct ctl *ctl, const char *given, const char **token)
{
	char text[SECRET_MAX];
	bool named = given[0] == '@';
	FILE *in;
	size_t len;

	*token = given;
	if (!named && strcmp(given, "-") != 0)
		return true;
	in = named ? fopen(given + 1, "re") : stdin;
	if (in == NULL) {
		ctl_complain("cannot read %s: %s", given + 1, strerror(errno));
		return false;
	}
	len = fgets(text, sizeof text, in) != NULL ? strcspn(text, "\r\n") : 0;
	if (named)
		(void)fclose(in);
	*token = arena_cstr(ctl->arena, str_trim((struct str){ text, len }));
	if ((*token)[0] != '\0')
		return true;
	ctl_complain("no token in %s", named ? given + 1 : "standard input");
	return false;
}
