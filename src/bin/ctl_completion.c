/* ctl_completion: what a shell offers behind the words that were typed: the next words of the
 * verbs, and behind a whole verb its options. The shells differ in how a table is written down and
 * asked. */
#include "ctl_manual.h"

struct shell {
	const char *name, *begin;
	const char *row, *between, *row_end; /* around a verb's words, and its options */
	const char *offered, *end;           /* around the options of all verbs */
};

static const char bash_begin[] =
        "# bash completion of roamhubctl\n"
        "_roamhubctl() {\n"
        "	local cur=${COMP_WORDS[COMP_CWORD]} typed='' skip='' word verb offered\n"
        "	local -A options=(\n";
static const char bash_offered[] =
        "	)\n"
        "	for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        "		if [[ -n $skip ]]; then skip=''\n"
        "		elif [[ $word == --config || $word == --set || $word == --token-file ]]; "
        "then "
        "skip=1\n"
        "		elif [[ $word != -* ]]; then typed+=\"$word \"; fi\n"
        "	done\n"
        "	offered='";
static const char bash_end[] =
        "'\n"
        "	for verb in \"${!options[@]}\"; do\n"
        "		if [[ $typed == \"$verb \"* ]]; then offered+=\" ${options[$verb]}\"\n"
        "		elif [[ \"$verb \" == \"$typed\"* ]]; then verb=${verb#\"$typed\"}; "
        "offered+=\" ${verb%% *}\"; fi\n"
        "	done\n"
        "	mapfile -t COMPREPLY < <(compgen -W \"$offered\" -- \"$cur\")\n"
        "}\n"
        "complete -o default -F _roamhubctl roamhubctl\n";
static const char zsh_begin[] = "#compdef roamhubctl\n"
                                "local -A options=(\n";
static const char zsh_offered[] = ")\n"
                                  "local typed='' skip='' word verb\n"
                                  "for word in ${words[2,CURRENT-1]}; do\n"
                                  "	if [[ -n $skip ]]; then skip=''\n"
                                  "	elif [[ $word == --config || $word == --set || $word == "
                                  "--token-file ]]; then skip=1\n"
                                  "	elif [[ $word != -* ]]; then typed+=\"$word \"; fi\n"
                                  "done\n"
                                  "local -aU offered=(";
static const char zsh_end[] =
        ")\n"
        "for verb in ${(k)options}; do\n"
        "	if [[ \"$typed\" == \"$verb \"* ]]; then offered+=(${=options[$verb]})\n"
        "	elif [[ \"$verb \" == \"$typed\"* ]]; then verb=${verb#\"$typed\"}; "
        "offered+=(${verb%% *}); fi\n"
        "done\n"
        "compadd -- $offered\n"
        "_files\n";
static const char fish_begin[] =
        "# fish completion of roamhubctl\n"
        "function __roamhubctl_offer\n"
        "	set -l typed\n"
        "	set -l skip\n"
        "	for word in (commandline -opc)[2..]\n"
        "		if test -n \"$skip\"\n"
        "			set skip\n"
        "		else if contains -- $word --config --set --token-file\n"
        "			set skip 1\n"
        "		else if not string match -q -- '-*' $word\n"
        "			set -a typed $word\n"
        "		end\n"
        "	end\n"
        "	set typed (string join ' ' $typed)' '\n"
        "	test \"$typed\" = ' '; and set typed ''\n"
        "	__roamhubctl_rows | while read -d \\t -l verb options\n"
        "		if string match -q -- \"$verb *\" $typed\n"
        "			string split -n ' ' -- $options\n"
        "		else if string match -q -- \"$typed*\" \"$verb \"\n"
        "			string split -f 1 ' ' -- (string sub -s (math (string length -- "
        "\"$typed\") + 1) -- $verb)\n"
        "		end\n"
        "	end\n"
        "end\n"
        "function __roamhubctl_rows\n"
        "	printf '%s\\t%s\\n' \\\n";
static const char fish_offered[] = "	''\n"
                                   "end\n"
                                   "complete -c roamhubctl -a '(__roamhubctl_offer) ";
static const char fish_end[] = "'\n";

static const struct shell shells[] = {
	{ "bash", bash_begin, "		['", "']='", "'\n", bash_offered, bash_end },
	{ "zsh", zsh_begin, "	'", "' '", "'\n", zsh_offered, zsh_end },
	{ "fish", fish_begin, "		'", "' '", "' \\\n", fish_offered, fish_end },
};

static void
print_options(const struct ctl_option *options)
{
	const char *gap = "";

	for (; options != NULL && options->name != NULL; options++, gap = " ")
		(void)printf("%s--%s", gap, options->name);
}

static void
print_row(const struct shell *shell, const struct ctl_verb *verb)
{
	(void)printf("%s%s%s", shell->row, verb->words, shell->between);
	print_options(verb->options);
	(void)fputs(shell->row_end, stdout);
}

int
ctl_completion(struct ctl *ctl)
{
	static const char *const names[] = { "bash", "zsh", "fish", NULL };
	int chosen = ctl_one_of(ctl, names);
	const struct shell *shell = &shells[chosen < 0 ? 0 : chosen];

	if (chosen < 0)
		return CTL_USAGE;
	(void)fputs(shell->begin, stdout);
	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL; verb++)
		print_row(shell, verb);
	(void)fputs(shell->offered, stdout);
	print_options(ctl_global_options);
	(void)fputs(shell->end, stdout);
	return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}
