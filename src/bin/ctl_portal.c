/* ctl_portal: a partner's link to its own pages: the verb party portal. */
#include "roamhub/tree.h"

#include "ctl_ask.h"

enum { MOST_DAYS = 365 };

bool
ask_portal(struct ctl *ctl, struct ctl_request *request)
{
	const char *days = ctl_option(ctl, "days");
	bool revoke = ctl_option(ctl, "revoke") != NULL, show = ctl_option(ctl, "show") != NULL;
	uint64_t number;

	if (revoke + show + (days != NULL) > 1) {
		ctl_complain("of --days, --revoke and --show one at most");
		return false;
	}
	if (revoke || show) {
		request->method = revoke ? "DELETE" : "GET";
		return true;
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

/* Of one that was made before. */
static void
print_standing(const struct ctl *ctl, struct val answer)
{
	const char *expires = val_text(ctl, answer, "expires");
	long long platform = (long long)val_number(answer, "platform");

	if (expires != NULL)
		(void)printf("platform %lld has a link, until %s\n", platform, expires);
	else
		(void)printf("platform %lld has no link%s\n", platform,
		        ctl_option(ctl, "revoke") != NULL ? " any more, and who came by it is out"
		                                          : "");
}

void
ctl_print_portal(const struct ctl *ctl, struct val answer)
{
	const char *url = val_text(ctl, answer, "url");

	if (url == NULL) {
		print_standing(ctl, answer);
		return;
	}
	(void)printf("link:    %s\nexpires: %s\n"
	             "It is shown this once: hand it over on a way that nobody else can read.\n",
	        url, val_text(ctl, answer, "expires"));
}
