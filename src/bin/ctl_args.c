/* ctl_args: the command line of roamhubctl. Options stand anywhere, before and after the words of
 * the verb. */
#include <stdlib.h>
#include <string.h>

#include "ctl_manual.h"

enum { MOST_NAMES = 256 }; /* that are looked at for one that was meant */

const struct ctl_option ctl_global_options[] = {
	{ "config", "FILE", false, false,
	        "the configuration file of the hub: where its admin API and token are" },
	{ "set", "SECTION.KEY=VALUE", false, true, "override one setting, may be repeated" },
	{ "token-file", "FILE", false, false,
	        "the token to ask with, instead of that of the configuration" },
	{ "json", NULL, false, false, "print the answer as JSON" },
	{ "help", NULL, false, false, "say what a command does, and exit" },
	{ "version", NULL, false, false, "print the version and exit" },
	{ 0 },
};

static const struct ctl_option *
find_in(const struct ctl_option *options, struct str name)
{
	for (const struct ctl_option *option = options; option != NULL && option->name != NULL;
	        option++)
		if (str_is(name, option->name))
			return option;
	return NULL;
}

/* While the verb is not known yet, an option may be any verb's: what it takes is the same
 * everywhere. */
static const struct ctl_option *
find_option(const struct ctl *ctl, struct str name)
{
	const struct ctl_option *option = find_in(ctl_global_options, name);

	for (const struct ctl_verb *verb = ctl->verbs; option == NULL && verb->words != NULL;
	        verb++)
		option = find_in(verb->options, name);
	return option;
}

static void
add_names(const char **names, size_t *count, size_t room, const struct ctl_option *options)
{
	for (const struct ctl_option *option = options; option != NULL && option->name != NULL;
	        option++)
		if (*count + 1 < room)
			names[(*count)++] = option->name;
}

static int
unknown_option(struct ctl *ctl, struct str name)
{
	const char *names[MOST_NAMES] = { 0 }, *near;
	size_t count = 0;

	add_names(names, &count, COUNT(names), ctl_global_options);
	if (ctl->verb != NULL)
		add_names(names, &count, COUNT(names), ctl->verb->options);
	for (const struct ctl_verb *verb = ctl->verbs; ctl->verb == NULL && verb->words != NULL;
	        verb++)
		add_names(names, &count, COUNT(names), verb->options);
	near = ctl_nearest(arena_cstr(ctl->arena, name), names);
	ctl_complain("unknown option --%.*s%s%s%s", STR_ARG(name),
	        near != NULL ? ", did you mean --" : "", near != NULL ? near : "",
	        near != NULL ? "?" : "");
	return CTL_USAGE;
}

static void
take(struct ctl *ctl, const struct ctl_option *option, const char *value)
{
	if (strcmp(option->name, "config") == 0)
		ctl->config = value;
	else if (strcmp(option->name, "set") == 0)
		ctl->sets[ctl->set_count++] = value;
	else if (strcmp(option->name, "token-file") == 0)
		ctl->token_file = value;
	else if (strcmp(option->name, "json") == 0)
		ctl->json = true;
	else if (strcmp(option->name, "help") == 0)
		ctl->help = true;
	else if (strcmp(option->name, "version") == 0)
		ctl->version = true;
	else
		ctl->values[ctl->value_count++] = (struct ctl_value){ option->name, value };
}

/** Read the option at argv[*at]; *at moves on when the next argument is its value. */
static int
read_option(struct ctl *ctl, int argc, char **argv, int *at)
{
	struct str value = str_of(argv[*at] + 2), name = str_cut(&value, '=');
	const struct ctl_option *option = find_option(ctl, name);

	if (option == NULL)
		return unknown_option(ctl, name);
	if (option->takes == NULL && value.p != NULL) {
		ctl_complain("--%s takes no value", option->name);
		return CTL_USAGE;
	}
	if (option->takes != NULL && value.p == NULL) {
		if (*at + 1 >= argc) {
			ctl_complain("--%s needs a value: --%s %s", option->name, option->name,
			        option->takes);
			return CTL_USAGE;
		}
		value.p = argv[++*at];
	}
	take(ctl, option, value.p);
	return CTL_OK;
}

static int
read_words(struct ctl *ctl, int argc, char **argv)
{
	bool options = true;
	int status = CTL_OK;

	for (int i = 1; status == CTL_OK && i < argc; i++) {
		if (options && strcmp(argv[i], "--") == 0)
			options = false;
		else if (options && strcmp(argv[i], "-h") == 0)
			ctl->help = true;
		else if (options && strncmp(argv[i], "--", 2) == 0)
			status = read_option(ctl, argc, argv, &i);
		else
			ctl->operands[ctl->operand_count++] = argv[i];
	}
	return status;
}

/* ---- the verb ---- */

/** How many words of the operands are the words of @verb; 0: it is another one. */
static size_t
words_of(const struct ctl *ctl, const struct ctl_verb *verb)
{
	struct str left = str_of(verb->words);
	size_t count = 0;

	while (left.p != NULL) {
		struct str word = str_cut(&left, ' ');

		if (count >= ctl->operand_count || !str_is(word, ctl->operands[count]))
			return 0;
		count++;
	}
	return count;
}

static bool
in_group(const struct ctl_verb *verb, const char *group)
{
	size_t len = strlen(group);

	return strncmp(verb->words, group, len) == 0 && verb->words[len] == ' ';
}

/** "party invite, party connect, ..."; nothing when @group is none. */
static struct str
group_words(const struct ctl *ctl, const char *group)
{
	struct buf names = { .arena = ctl->arena };

	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL; verb++)
		if (in_group(verb, group))
			buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", verb->words);
	return buf_str(&names);
}

static int
unknown_verb(const struct ctl *ctl)
{
	const char *words[MOST_NAMES] = { 0 }, *near, *typed = ctl->operands[0];
	struct str group = group_words(ctl, typed);
	size_t count = 0;

	for (const struct ctl_verb *verb = ctl->verbs;
	        verb->words != NULL && count + 1 < COUNT(words); verb++)
		if (group.len == 0 || in_group(verb, ctl->operands[0]))
			words[count++] = verb->words;
	if (ctl->operand_count > 1)
		typed = arena_printf(ctl->arena, "%s %s", typed, ctl->operands[1]).p;
	near = group.len > 0 && ctl->operand_count == 1 ? NULL : ctl_nearest(typed, words);
	if (near == NULL && group.len == 0)
		near = ctl_nearest(ctl->operands[0], words);
	if (near != NULL)
		ctl_complain("unknown command '%s', did you mean '%s'?", typed, near);
	else if (group.len > 0)
		ctl_complain("unknown command '%s', expected one of: %.*s", typed, STR_ARG(group));
	else
		ctl_complain("unknown command '%s', see roamhubctl help", typed);
	return CTL_USAGE;
}

static int
find_verb(struct ctl *ctl)
{
	size_t words = 0;

	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL && words == 0; verb++) {
		words = words_of(ctl, verb);
		if (words > 0)
			ctl->verb = verb;
	}
	if (ctl->verb == NULL)
		return unknown_verb(ctl);
	ctl->operands += words;
	ctl->operand_count -= words;
	return CTL_OK;
}

static int
check_values(struct ctl *ctl)
{
	for (size_t i = 0; i < ctl->value_count; i++) {
		const struct ctl_option *option =
		        find_in(ctl->verb->options, str_of(ctl->values[i].option));

		if (option == NULL)
			return unknown_option(ctl, str_of(ctl->values[i].option));
		for (size_t k = 0; !option->repeats && k < i; k++) {
			if (strcmp(ctl->values[k].option, option->name) == 0) {
				ctl_complain("--%s is given twice", option->name);
				return CTL_USAGE;
			}
		}
	}
	for (const struct ctl_option *option = ctl->verb->options;
	        option != NULL && option->name != NULL; option++) {
		if (option->required && ctl_option(ctl, option->name) == NULL) {
			ctl_complain(
			        "%s needs --%s %s", ctl->verb->words, option->name, option->takes);
			return CTL_USAGE;
		}
	}
	return CTL_OK;
}

static int
check_operands(const struct ctl *ctl)
{
	const struct ctl_verb *verb = ctl->verb;

	if (ctl->operand_count < verb->operands_min) {
		ctl_complain("%s needs %s", verb->words, verb->operands);
		return CTL_USAGE;
	}
	if (ctl->operand_count > verb->operands_max) {
		ctl_complain("%s: unexpected argument '%s'", verb->words,
		        ctl->operands[verb->operands_max]);
		return CTL_USAGE;
	}
	return CTL_OK;
}

int
ctl_args_read(struct ctl *ctl, int argc, char **argv)
{
	size_t room = (size_t)argc + 1;
	int status;

	ctl->sets = arena_alloc(ctl->arena, room * sizeof *ctl->sets);
	ctl->operands = arena_alloc(ctl->arena, room * sizeof *ctl->operands);
	ctl->values = arena_alloc(ctl->arena, room * sizeof *ctl->values);
	status = read_words(ctl, argc, argv);
	if (status == CTL_OK && ctl->operand_count > 0 && strcmp(ctl->operands[0], "help") == 0) {
		ctl->help = true;
		ctl->operands++;
		ctl->operand_count--;
	}
	if (status != CTL_OK || ctl->version || (ctl->help && ctl->operand_count == 0))
		return status;
	if (ctl->operand_count == 0) {
		ctl_usage(ctl, stderr);
		return CTL_USAGE;
	}
	status = find_verb(ctl);
	if (status == CTL_OK && !ctl->help)
		status = check_values(ctl);
	if (status == CTL_OK && !ctl->help)
		status = check_operands(ctl);
	return status;
}

const char *
ctl_option(const struct ctl *ctl, const char *name)
{
	const char *value = NULL;
	size_t cursor = 0;

	return ctl_option_each(ctl, name, &cursor, &value) ? value : NULL;
}

bool
ctl_option_each(const struct ctl *ctl, const char *name, size_t *cursor, const char **value)
{
	while (*cursor < ctl->value_count) {
		const struct ctl_value *at = &ctl->values[(*cursor)++];

		if (strcmp(at->option, name) != 0)
			continue;
		*value = at->value != NULL ? at->value : "";
		return true;
	}
	return false;
}
