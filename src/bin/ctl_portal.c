/* ctl_portal: a partner's link to its own pages: the verb party portal. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

enum { MOST_DAYS = 365 };

bool
ask_portal(struct ctl *ctl, struct ctl_request *request)
{
	const char *days = ctl_option(ctl, "days");
	uint64_t number;

	if (ctl_option(ctl, "revoke") != NULL) {
		if (days != NULL)
			ctl_complain("--revoke goes without --days");
		request->method = "DELETE";
		return days == NULL;
	}
	request->body = tree_object();
	if (days == NULL)
		return true;
	if (!str_to_u64(str_of(days), MOST_DAYS, &number) || number == 0) {
		ctl_complain("--days: found '%s', expected 1 to %d", days, MOST_DAYS);
		return false;
	}
	tree_set_count(request->body, "days", number);
	return true;
}

void
ctl_print_portal(const struct ctl *ctl, struct val answer)
{
	const char *url = val_text(ctl, answer, "url");

	if (url == NULL) {
		(void)printf("platform %lld has no link any more, and who came by it is out\n",
		        (long long)val_number(answer, "platform"));
		return;
	}
	(void)printf("link:    %s\nexpires: %s\n"
	             "It is shown this once: hand it over on a way that nobody else can read.\n",
	        url, val_text(ctl, answer, "expires"));
}
