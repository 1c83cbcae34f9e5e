/* roamhub-sim: simulated OCPI platforms. Here are its arguments; the rest is in src/sim.
 * Exit status: 0 every expectation held, 1 one did not, 2 wrong arguments or a scenario that cannot
 * be read. */
#include "../sim/files.h"
#include "../sim/steps.h"
#include "sim_generate.h"
#include "sim_sandbox.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SETS = 128, EXIT_USAGE = 2 };

static const char help[] =
        "usage: roamhub-sim SCENARIO [--set NAME=VALUE]... [--keep] [--pid-file FILE] [--quiet]\n"
        "                   [--json]\n"
        "       roamhub-sim generate CLASS [--seed N] [--count N] [--broken]\n"
        "       roamhub-sim generate --sense [CLASS] [--seed N] [--count N]\n"
        "       roamhub-sim serve --party CC*PID:ROLE [--party ...] --hub-versions URL\n"
        "                   --token-a TOKEN|@FILE|- [--listen ADDRESS:PORT] [--public-url URL]\n"
        "                   [--page-size N] [--load SCENARIO] [--set NAME=VALUE]... [--quiet]\n"
        "\n"
        "Plays a scenario file (docs/simulator.md), or is one platform that registers and stays.\n"
        "  --set NAME=VALUE  a variable of the scenario, ${NAME}\n"
        "  --keep            when the story is over, go on serving until SIGTERM\n"
        "  --pid-file FILE   made when the story is over and the platforms stay\n"
        "  --quiet           failures alone\n"
        "  --json            one JSON line a step\n"
        "  --load SCENARIO   steps to play once registered, for the platform called 'me'\n"
        "Exit status: 0 all expectations held, 1 not, 2 wrong arguments or scenario.\n";

struct arguments {
	struct arena *arena;
	struct story_options options;
	const char *sets[MOST_SETS + 1];
	size_t set_count;
	const char *scenario;
	/* serve */
	struct buf parties; /* lines of a scenario */
	const char *versions_url, *token_a, *listen, *public_url, *page_size, *load;
};

static int
usage(const char *why, const char *what)
{
	fprintf(stderr, "roamhub-sim: %s%s\n%s", why, what, help);
	return EXIT_USAGE;
}

static bool
add_set(struct arguments *arguments, const char *set)
{
	if (strchr(set, '=') == NULL || arguments->set_count == MOST_SETS)
		return false;
	arguments->sets[arguments->set_count++] = set;
	return true;
}

static bool
add_party(struct arguments *arguments, const char *text)
{
	struct str role = str_of(text), id = str_cut(&role, ':');
	struct ocpi_id parsed;
	enum ocpi_role known;

	if (!ocpi_id_parse(id, &parsed) || !ocpi_role_parse(role, &known))
		return false;
	buf_printf(&arguments->parties, "party %.*s %.*s\n", STR_ARG(id), STR_ARG(role));
	return true;
}

/** One option with its value; false when it is none or its value is wrong. */
static bool
read_option(struct arguments *arguments, bool serve, const char *name, const char *value)
{
	struct {
		const char *name;
		const char **value;
	} plain[] = { { "--hub-versions", &arguments->versions_url },
		{ "--token-a", &arguments->token_a }, { "--listen", &arguments->listen },
		{ "--public-url", &arguments->public_url },
		{ "--page-size", &arguments->page_size }, { "--load", &arguments->load } };

	if (strcmp(name, "--set") == 0)
		return add_set(arguments, value);
	if (strcmp(name, "--pid-file") == 0) {
		arguments->options.pid_file = value;
		return true;
	}
	if (!serve)
		return false;
	if (strcmp(name, "--party") == 0)
		return add_party(arguments, value);
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (strcmp(name, plain[i].name) != 0)
			continue;
		*plain[i].value = value;
		return true;
	}
	return false;
}

static bool
read_flag(struct arguments *arguments, const char *name)
{
	if (strcmp(name, "--keep") == 0)
		arguments->options.keep = true;
	else if (strcmp(name, "--quiet") == 0)
		arguments->options.quiet = true;
	else if (strcmp(name, "--json") == 0)
		arguments->options.json = true;
	else
		return false;
	return true;
}

/** 0, or the exit status after a message. */
static int
read_arguments(struct arguments *arguments, bool serve, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (read_flag(arguments, argv[i]))
			continue;
		if (strncmp(argv[i], "--", 2) == 0) {
			if (i + 1 == argc || !read_option(arguments, serve, argv[i], argv[i + 1]))
				return usage("unknown option, or its value is wrong: ", argv[i]);
			i++;
		} else if (arguments->scenario != NULL) {
			return usage("one scenario at a time: ", argv[i]);
		} else {
			arguments->scenario = argv[i];
		}
	}
	arguments->options.sets = arguments->sets;
	return 0;
}

static int
play_file(struct arguments *arguments)
{
	struct str text;

	if (arguments->scenario == NULL)
		return usage("a scenario is missing", "");
	if (!file_read(".", str_of(arguments->scenario), arguments->arena, &text)) {
		fprintf(stderr, "roamhub-sim: %s cannot be read\n", arguments->scenario);
		return EXIT_USAGE;
	}
	return story_play(text, arguments->scenario, verbs, &arguments->options);
}

static bool
add_token(struct arguments *arguments)
{
	struct str token = str_of(arguments->token_a);

	if (str_is(token, "-")) {
		if (!file_read(".", token, arguments->arena, &token))
			return false;
	} else if (str_starts(token, "@")) {
		if (!file_read(".", str_from(token, 1), arguments->arena, &token))
			return false;
	}
	while (token.len > 0 && (token.p[token.len - 1] == '\n' || token.p[token.len - 1] == '\r'))
		token.len--;
	return token.len > 0 &&
	       add_set(arguments,
	               arena_printf(arguments->arena, "SERVE_TOKEN=%.*s", STR_ARG(token)).p);
}

/* A platform that stays is a scenario of a few lines with --keep. */
static int
serve(struct arguments *arguments)
{
	struct buf text = { .arena = arguments->arena };
	struct str more = STR("");

	if (arguments->parties.len == 0 || arguments->versions_url == NULL ||
	        arguments->token_a == NULL)
		return usage("serve needs --party, --hub-versions and --token-a", "");
	if (!add_token(arguments))
		return usage("the token cannot be read: ", arguments->token_a);
	if (arguments->load != NULL &&
	        !file_read(".", str_of(arguments->load), arguments->arena, &more))
		return usage("the file cannot be read: ", arguments->load);
	buf_add(&text, STR("platform me\n"));
	buf_add(&text, buf_str(&arguments->parties));
	if (arguments->listen != NULL)
		buf_printf(&text, "listen %s\n", arguments->listen);
	if (arguments->public_url != NULL)
		buf_printf(&text, "public-url %s\n", arguments->public_url);
	if (arguments->page_size != NULL)
		buf_printf(&text, "page-size %s\n", arguments->page_size);
	buf_printf(&text, "register me at %s with ${SERVE_TOKEN}\n", arguments->versions_url);
	buf_add(&text, more);
	arguments->options.keep = true;
	return story_play(buf_str(&text), arguments->load == NULL ? "serve" : arguments->load,
	        verbs, &arguments->options);
}

int
main(int argc, char **argv)
{
	struct arguments arguments = { 0 };
	bool serving = argc > 1 && strcmp(argv[1], "serve") == 0;
	struct fault fault = { 0 };
	int status;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(help, stdout);
		return 0;
	}
	if (rh_crypt_init(&fault) != RH_OK) {
		fprintf(stderr, "roamhub-sim: %s\n", fault.why);
		return 1;
	}
	if (argc > 1 && strcmp(argv[1], "generate") == 0)
		return sim_generate(argc - 2, argv + 2);
	rh_log_setup(LOG_WARNING, LOG_TEXT);
	if (argc > 1 && strcmp(argv[1], "sandbox") == 0)
		return sim_sandbox(argc - 2, argv + 2);
	arguments.arena = arena_new(16384);
	status = read_arguments(
	        &arguments, serving, serving ? argc - 1 : argc, serving ? argv + 1 : argv);
	if (status == 0)
		status = serving ? serve(&arguments) : play_file(&arguments);
	buf_free(&arguments.parties);
	arena_free(arguments.arena);
	return status;
}
