/* sim_sandbox: the simulated counterpart that a hub starts for a platform: a scenario that is
 * written here, played by a process that its hub can trust to end.
 *
 * Standard input is the line to the hub: the token A comes first, and when it ends the process
 * does. It gets the socket that it listens on, so that the hub knows its address before it runs. It
 * calls the hub and nobody else, whatever URL it is given, and has so much memory and no more. */
#include "sim_sandbox.h"

#include "../sim/steps.h"
#include "sim_visit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, PLACES = 5, TOKENS = 3, MB = 1 << 20, NICE = 10, DESCRIPTORS = 128 };

struct sandbox {
	struct arena *arena;
	struct visit_parties parties;
	enum ocpi_role role;
	const struct ocpi_id *own;
	const char *party, *hub_versions, *hub_at, *listen, *charge, *memory;
};

static int
usage(const char *what)
{
	(void)fprintf(stderr,
	        "roamhub-sim: sandbox: %s\n"
	        "usage: roamhub-sim sandbox --party CC*PID:ROLE --hub-versions URL\n"
	        "                   --listen ADDRESS:PORT|fd:N [--hub-at ORIGIN] [--charge TIME]\n"
	        "                   [--memory MB]\n"
	        "It is started by roamhubd: its token A is the first line of standard input, and "
	        "it\n"
	        "ends when that does.\n",
	        what);
	return EXIT_USAGE;
}

/* ---- arguments ---- */

static bool
read_arguments(struct sandbox *sandbox, int argc, char **argv)
{
	struct {
		const char *name;
		const char **value;
	} options[] = { { "--party", &sandbox->party },
		{ "--hub-versions", &sandbox->hub_versions }, { "--hub-at", &sandbox->hub_at },
		{ "--listen", &sandbox->listen }, { "--charge", &sandbox->charge },
		{ "--memory", &sandbox->memory } };

	for (int i = 0; i < argc; i += 2) {
		size_t at = 0;

		while (at < COUNT(options) && strcmp(argv[i], options[at].name) != 0)
			at++;
		if (at == COUNT(options) || i + 1 == argc)
			return false;
		*options[at].value = argv[i + 1];
	}
	return sandbox->party != NULL && sandbox->hub_versions != NULL && sandbox->listen != NULL;
}

/* The other side has no part in what is made here but for its name in ids. */
static bool
read_party(struct sandbox *sandbox)
{
	struct str role = str_of(sandbox->party), id = str_cut(&role, ':');
	bool good;

	good = ocpi_role_parse(role, &sandbox->role);
	sandbox->own = sandbox->role == ROLE_CPO ? &sandbox->parties.cpo : &sandbox->parties.emsp;
	return good && (sandbox->role == ROLE_CPO || sandbox->role == ROLE_EMSP) &&
	       ocpi_id_parse(id, &sandbox->parties.cpo) &&
	       ocpi_id_parse(id, &sandbox->parties.emsp);
}

static bool
bound(const struct sandbox *sandbox)
{
	struct rlimit descriptors = { DESCRIPTORS, DESCRIPTORS };
	uint64_t megabytes = 0;

	if (sandbox->memory != NULL && !str_to_u64(str_of(sandbox->memory), 1 << 20, &megabytes))
		return false;
	(void)setpriority(PRIO_PROCESS, 0, NICE); /* real messages go before it */
	(void)setrlimit(RLIMIT_NOFILE, &descriptors);
	return megabytes == 0 || rh_memory_bound((size_t)megabytes * MB);
}

/* Byte by byte: what is behind the line is not for it. */
static struct str
read_line(struct arena *arena)
{
	struct buf line = { .arena = arena };
	char byte;

	while (line.len < 256 && read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
		buf_addc(&line, byte);
	return buf_str(&line);
}

/* ---- the scenario ---- */

/* Ids of one sandbox are not those of another, and the same whenever it is begun. */
static uint64_t
first_seed(const struct sandbox *sandbox)
{
	uint64_t sum = 0;

	for (const char *at = sandbox->party; *at != '\0'; at++)
		sum = (sum * 131 + (unsigned char)*at) % 1000000;
	return sum * 1000 + 1;
}

static void
send_object(const struct sandbox *sandbox, struct buf *text, uint64_t seed,
        enum visit_object object, const char *module, struct str id)
{
	const struct ocpi_id *own = sandbox->own;
	struct buf body = { .arena = sandbox->arena };

	sim_visit(seed, &sandbox->parties, object, &body);
	buf_printf(text, "send me %s*%s to nobody PUT %s %s/%s/%.*s %.*s\n", own->country,
	        own->party, module, own->country, own->party, STR_ARG(id), STR_ARG(buf_str(&body)));
}

static void
send_place(const struct sandbox *sandbox, struct buf *text, uint64_t seed)
{
	struct arena *arena = sandbox->arena;

	send_object(sandbox, text, seed, VISIT_TARIFF, "tariffs",
	        arena_printf(arena, "TARIFF-%" PRIu64, seed));
	send_object(sandbox, text, seed, VISIT_LOCATION, "locations",
	        arena_printf(arena, "LOC-%" PRIu64, seed));
}

static void
send_all(const struct sandbox *sandbox, struct buf *text)
{
	uint64_t seed = first_seed(sandbox);
	bool cpo = sandbox->role == ROLE_CPO;

	for (uint64_t i = 0; i < (cpo ? PLACES : TOKENS); i++)
		if (cpo)
			send_place(sandbox, text, seed + i);
		else
			send_object(sandbox, text, seed + i, VISIT_TOKEN, "tokens",
			        arena_printf(sandbox->arena, "04%012" PRIX64, seed + i));
}

static struct str
write_scenario(const struct sandbox *sandbox)
{
	struct buf text = { .arena = sandbox->arena };
	const struct ocpi_id *own = sandbox->own;

	buf_printf(&text,
	        "platform me\nparty %s*%s %s \"Sandbox %s\"\nlisten %s\nlenient\n"
	        "live me for %s\nregister me at %s with ${TOKEN_A}\n",
	        own->country, own->party, ocpi_role_name(sandbox->role),
	        ocpi_role_name(sandbox->role), sandbox->listen,
	        sandbox->charge != NULL ? sandbox->charge : "60s", sandbox->hub_versions);
	send_all(sandbox, &text);
	return buf_str(&text);
}

/* ---- run ---- */

static bool
find_hub(const struct sandbox *sandbox, struct story_options *options)
{
	struct net_url url;

	if (net_url_parse(str_of(sandbox->hub_versions), sandbox->arena, &url, NULL) != RH_OK)
		return false;
	options->only = options->only_at = url.origin;
	if (sandbox->hub_at == NULL)
		return true;
	if (net_url_parse(str_of(sandbox->hub_at), sandbox->arena, &url, NULL) != RH_OK)
		return false;
	options->only_at = url.origin;
	return true;
}

static int
play(struct sandbox *sandbox)
{
	struct story_options options = { .keep = true, .quiet = true, .lifeline = true };
	struct str token = read_line(sandbox->arena);
	const char *sets[] = { arena_printf(sandbox->arena, "TOKEN_A=%.*s", STR_ARG(token)).p,
		NULL };

	if (token.len == 0)
		return usage("the token A is missing");
	if (!find_hub(sandbox, &options))
		return usage("expected URLs of the hub");
	options.sets = sets;
	return story_play(write_scenario(sandbox), "sandbox", verbs, &options);
}

int
sim_sandbox(int argc, char **argv)
{
	struct sandbox sandbox = { 0 };
	int status;

	if (!read_arguments(&sandbox, argc, argv) || !read_party(&sandbox))
		return usage("unknown option, or one is missing or wrong");
	if (!bound(&sandbox))
		return usage("expected how many megabytes of memory it may have");
	sandbox.arena = arena_new(16384);
	status = play(&sandbox);
	arena_free(sandbox.arena);
	return status;
}
