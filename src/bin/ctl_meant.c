/* ctl_meant: what cannot be taken back is asked about on a terminal, with what follows from it. A
 * program that calls has nobody to answer, and means it. */
#include <string.h>
#include <unistd.h>

#include "roamhub/tree.h"

#include "ctl.h"

enum { MOST_NAMED = 5 };

const char *
ctl_audience_text(const struct ctl *ctl, struct val platform)
{
	struct val audience = val_get(platform, "audience"), one = { 0 };
	struct buf text = { .arena = ctl->arena };
	int64_t count = val_number(audience, "count"), named = 0;

	while (named < MOST_NAMED && val_each(val_get(audience, "platforms"), &one)) {
		const char *name = val_text(ctl, one, "name");

		buf_printf(&text, "%s%s", named > 0 ? ", " : "", name != NULL ? name : "?");
		named++;
	}
	if (count > named)
		buf_printf(&text, " and %lld more", (long long)(count - named));
	return text.p;
}

static bool
is_said(struct ctl *ctl)
{
	const char *given;
	size_t cursor = 0;

	return ctl_option_each(ctl, "yes", &cursor, &given) || isatty(STDIN_FILENO) == 0 ||
	       isatty(STDERR_FILENO) == 0;
}

static bool
answer_is_yes(void)
{
	char answer[16] = "";

	if (fgets(answer, sizeof answer, stdin) == NULL)
		return false;
	answer[strcspn(answer, "\r\n")] = '\0';
	return strcmp(answer, "y") == 0 || strcmp(answer, "yes") == 0;
}

static bool
ask_removal(struct ctl *ctl, struct val platform)
{
	const char *name = val_text(ctl, platform, "name"),
	           *status = val_text(ctl, platform, "status"),
	           *told = ctl_audience_text(ctl, platform);

	(void)fprintf(stderr,
	        "remove platform %lld (%s), which is %s? Its tokens are forgotten and it is told "
	        "so;\nits parties are SUSPENDED for the others. Told: %s\n[y/N] ",
	        (long long)val_number(platform, "id"), name != NULL ? name : "?",
	        status != NULL ? status : "?", told != NULL ? told : "nobody");
	(void)fflush(stderr);
	if (answer_is_yes())
		return true;
	ctl_complain("nothing was removed");
	return false;
}

bool
ctl_removal_is_meant(struct ctl *ctl, const struct ctl_request *request)
{
	const struct ctl_request look = { .method = "GET", .target = request->target };
	CLEANUP(tree_drop) json_t *tree = NULL;
	struct str answer;

	if (is_said(ctl))
		return true;
	if (ctl_call(ctl, &look, &answer) != CTL_OK)
		return false;
	tree = tree_read(answer, NULL);
	return ask_removal(ctl, (struct val){ .node = tree });
}
