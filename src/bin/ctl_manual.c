/* ctl_manual: the manual pages that are made of tables, in the macros of man(7): of the verbs, and
 * of the keys of the configuration. */
#include "ctl_manual.h"

#include <string.h>

/** @text as roff reads it: a backslash is one, a minus is no hyphen, and no line is a request. */
static void
print_roff(const char *text)
{
	if (text[0] == '.' || text[0] == '\'')
		(void)fputs("\\&", stdout);
	for (; *text != '\0'; text++) {
		if (*text == '\\' || *text == '-')
			(void)fputc('\\', stdout);
		(void)fputc(*text == '\\' ? 'e' : *text, stdout);
	}
}

static void
print_line(const char *before, const char *text, const char *after)
{
	(void)fputs(before, stdout);
	print_roff(text);
	(void)fputs(after, stdout);
}

static void
print_verb(const struct ctl_verb *verb)
{
	CLEANUP(buf_free) struct buf arguments = { 0 };

	ctl_add_arguments(verb, &arguments);
	buf_addc(&arguments, '\0');
	print_line(".TP\n\\fB", verb->words, "\\fR");
	print_line("", arguments.p, "\n");
	print_line("", verb->help, ".\n");
	print_line(".RS\n.PP\n.EX\n", verb->example, "\n.EE\n.RE\n");
}

static void
print_options(const struct ctl_option *options)
{
	for (const struct ctl_option *option = options; option->name != NULL; option++) {
		print_line(".TP\n.B \\-\\-", option->name, "");
		if (option->takes != NULL)
			print_line(" ", option->takes, "");
		print_line("\n", option->help, ".\n");
	}
}

static void
print_ctl_page(const struct ctl *ctl)
{
	(void)fputs(
	        ".TH ROAMHUBCTL 1 \"\" \"roamhub " ROAMHUB_VERSION "\"\n"
	        ".SH NAME\nroamhubctl \\- what the operator of an OCPI hub asks and tells it\n"
	        ".SH SYNOPSIS\n.B roamhubctl\n[\\-\\-config FILE] [\\-\\-json] COMMAND "
	        "[ARGUMENT]...\n"
	        ".SH DESCRIPTION\nA client of the admin API of\n.BR roamhubd (8).\n"
	        "Options stand anywhere. A table goes to a terminal in colours, unless NO_COLOR "
	        "is set.\n"
	        ".SH OPTIONS\n",
	        stdout);
	print_options(ctl_global_options);
	(void)fputs(".SH COMMANDS\n", stdout);
	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL; verb++)
		print_verb(verb);
	(void)fputs(
	        ".SH EXIT STATUS\n0 done, 1 failed with the reason on standard error, 2 called "
	        "wrongly or a bad configuration.\n"
	        ".SH SEE ALSO\n.BR roamhubd (8),\n.BR roamhub.conf (5),\n.BR roamhub\\-sim (1)\n",
	        stdout);
}

static void
print_conf_page(const struct ctl *ctl)
{
	(void)ctl;
	(void)fputs(
	        ".TH ROAMHUB.CONF 5 \"\" \"roamhub " ROAMHUB_VERSION "\"\n"
	        ".SH NAME\nroamhub.conf \\- configuration of roamhubd\n"
	        ".SH DESCRIPTION\nSections in brackets, a key and its value on a line, comments "
	        "behind # on lines of their own. Each key may be given on the command line too: "
	        "\\-\\-set SECTION.KEY=VALUE. A key that is not known, and a value that cannot "
	        "be read, is a fault that names file and line; roamhubd \\-\\-check finds all of "
	        "them.\n"
	        ".PP\nWhat is reloadable is taken over by roamhubctl reload.\n"
	        ".SH KEYS\n",
	        stdout);
	conf_print_manual(settings_keys, stdout);
	(void)fputs(".SH SEE ALSO\n.BR roamhubd (8),\n.BR roamhubctl (1)\n", stdout);
}

int
ctl_one_of(const struct ctl *ctl, const char *const *words)
{
	const char *near = ctl_nearest(ctl->operands[0], words);

	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], ctl->operands[0]) == 0)
			return i;
	ctl_complain("'%s' is not one of %s%s%s%s", ctl->operands[0], ctl->verb->operands,
	        near != NULL ? ", did you mean " : "", near != NULL ? near : "",
	        near != NULL ? "?" : "");
	return -1;
}

int
ctl_manual(struct ctl *ctl)
{
	static const char *const pages[] = { "roamhubctl", "roamhub.conf", NULL };
	static void (*const print[])(const struct ctl *ctl) = { print_ctl_page, print_conf_page };
	int page = ctl_one_of(ctl, pages);

	if (page < 0)
		return CTL_USAGE;
	print[page](ctl);
	return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}
