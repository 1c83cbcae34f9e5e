/* arguments: the command line of roamhubd. */
#include "arguments.h"

#include <getopt.h>
#include <stdio.h>

#include "config_file.h"

static void
usage(FILE *out)
{
	(void)fputs(
	        "usage: roamhubd --config FILE [--set SECTION.KEY=VALUE]... [OPTION]...\n"
	        "\n"
	        "  roamhubd --config /etc/roamhub.conf\n"
	        "  roamhubd --set http.listen=127.0.0.1:0 --set store.url=sqlite:/tmp/hub.db\n"
	        "\n"
	        "  --config FILE   the configuration file; without it the defaults\n"
	        "  --set S.K=V     override one setting, may be repeated\n"
	        "  --check         check the configuration and exit: 0 good, 2 bad\n"
	        "  --migrate-only  bring the database to this version, after a copy, and exit\n"
	        "  --export FILE   write all that the database holds to a new file, and exit; the\n"
	        "                  hub is stopped meanwhile\n"
	        "  --skip-damaged  with --export: leave out what the disk has changed, exit 1\n"
	        "  --import FILE   read it into an empty database, SQLite or PostgreSQL, and exit\n"
	        "  --new-key       start although the key file is not the one of the database\n"
	        "  --passive       call nobody until roamhubctl resume-hub: for a restored copy\n"
	        "  --sample        print the commented sample configuration and exit\n"
	        "  --version       print the version and exit\n",
	        out);
}

/* Some are of others, and some exclude one another. */
static void
check_pairs(struct arguments *args)
{
	if (args->export_to != NULL && args->import_from != NULL) {
		(void)fprintf(stderr, "roamhubd: --export and --import are two runs\n");
		args->exit_with = 2;
	}
	if (args->skip_damaged && args->export_to == NULL) {
		(void)fprintf(stderr, "roamhubd: --skip-damaged is of --export\n");
		args->exit_with = 2;
	}
}

struct arguments
arguments_read(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "set", required_argument, NULL, 's' },
		{ "check", no_argument, NULL, 'k' },
		{ "passive", no_argument, NULL, 'a' },
		{ "new-key", no_argument, NULL, 'n' },
		{ "migrate-only", no_argument, NULL, 'm' },
		{ "export", required_argument, NULL, 'e' },
		{ "skip-damaged", no_argument, NULL, 'd' },
		{ "import", required_argument, NULL, 'i' },
		{ "sample", no_argument, NULL, 'p' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	struct arguments args = { .exit_with = -1,
		.sets = rh_alloc((size_t)argc * sizeof *args.sets) };
	int option;

	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			args.config = optarg;
			break;
		case 's':
			args.sets[args.set_count++] = optarg;
			break;
		case 'k':
			args.check = true;
			break;
		case 'm':
			args.migrate_only = true;
			break;
		case 'e':
			args.export_to = optarg;
			break;
		case 'd':
			args.skip_damaged = true;
			break;
		case 'i':
			args.import_from = optarg;
			break;
		case 'a':
			args.choices.passive = true;
			break;
		case 'n':
			args.choices.new_key = true;
			break;
		case 'p':
			conf_print_sample(settings_keys, stdout);
			args.exit_with = 0;
			return args;
		case 'v':
			(void)printf("roamhubd %s\n", ROAMHUB_VERSION);
			args.exit_with = 0;
			return args;
		case 'h':
			usage(stdout);
			args.exit_with = 0;
			return args;
		default:
			usage(stderr);
			args.exit_with = 2;
			return args;
		}
	}
	check_pairs(&args);
	if (optind < argc) {
		(void)fprintf(stderr, "roamhubd: unexpected argument '%s'\n", argv[optind]);
		usage(stderr);
		args.exit_with = 2;
	}
	return args;
}
