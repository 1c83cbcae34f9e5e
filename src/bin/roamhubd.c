/* roamhubd: the hub daemon. Composition only: arguments, configuration, signals, run, exit. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "roamhub/tree.h"

#include "arguments.h"
#include "config_file.h"
#include "roamhub/admin.h"
#include "roamhub/portal.h"
#include "roamhub/schema.h"
#include "roamhub/store_move.h"
#include "service.h"

struct daemon {
	const char *path;
	const char *const *sets;
	size_t set_count;
	struct hub_choices choices;
	struct config_file *config; /* newest first: a turn may still read the ones before */
	struct hub *hub;
	struct admin *admin;
	struct admin_tokens *tokens; /* until the admin API has them */
	struct net_watch signals;
	struct service service;
	bool stands_by, gave_up;
};

static void
print_fault(void *ctx, const char *message)
{
	(void)ctx;
	(void)fprintf(stderr, "%s\n", message);
}

/* ---- reload ---- */

/* A reload that was refused is the operator's to mend; the log says what the answer says. */
static void
log_verdict(enum rh_level level, const char *verdict, const json_t *report)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	tree_print(report, &text);
	LOG(level, "reload", KV("verdict", verdict), KVS("report", buf_str(&text)));
}

static void
add_fault(void *ctx, const char *message)
{
	tree_add(ctx, tree_text(message));
}

/** @fresh and the tokens that it names; NULL: they have faults, and @report says which. */
static struct config_file *
with_tokens(struct config_file *fresh, struct admin_tokens **tokens, json_t *report)
{
	json_t *faults = tree_list();

	*tokens = admin_tokens_read(fresh->settings.admin_tokens_file, add_fault, faults);
	if (*tokens == NULL) {
		config_file_refuse(fresh, faults, report);
		return NULL;
	}
	tree_drop(&faults);
	return fresh;
}

static enum rh_err
reload(void *ctx, struct str who, json_t **report)
{
	struct daemon *daemon = ctx;
	struct fault fault = { 0 };
	struct admin_tokens *tokens = NULL;
	struct config_file *fresh = config_file_reload(
	        daemon->config, daemon->path, daemon->sets, daemon->set_count, report);

	if (fresh != NULL)
		fresh = with_tokens(fresh, &tokens, *report);
	if (fresh != NULL && hub_take_settings(daemon->hub, &fresh->settings, &fault) != RH_OK) {
		config_file_refuse(fresh, config_file_fault(&fault), *report);
		fresh = NULL;
	}
	if (fresh != NULL && admin_take_tokens(daemon->admin, &tokens))
		config_file_changed(*report, "admin.tokens_file");
	admin_tokens_free(tokens);
	admin_reloaded(daemon->admin, fresh != NULL, who, *report);
	if (fresh == NULL) {
		log_verdict(LOG_WARNING, "refused, nothing changed", *report);
		return RH_BAD_CONFIG;
	}
	daemon->config = fresh;
	rh_log_setup((enum rh_level)fresh->settings.log_level,
	        (enum rh_log_format)fresh->settings.log_format);
	log_verdict(LOG_INFO, "taken over", *report);
	return RH_OK;
}

static json_t *
show_config(void *ctx)
{
	const struct daemon *daemon = ctx;

	return config_file_show(daemon->config);
}

/* ---- signals ---- */

static void
on_signal(struct net_watch *watch, uint32_t events)
{
	struct daemon *daemon = container_of(watch, struct daemon, signals);
	struct signalfd_siginfo info;
	json_t *report = NULL;

	(void)events;
	while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP) {
			(void)reload(daemon, STR("SIGHUP"), &report);
			tree_drop(&report);
		} else {
			service_stopping();
			admin_stop(daemon->admin);
			hub_stop(daemon->hub, 0);
		}
	}
}

static int
block_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	(void)pthread_sigmask(
	        SIG_BLOCK, &set, NULL); /* before any thread is made: they inherit it */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write, no more */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- standing by ---- */

/* False: SIGTERM or SIGINT came. There is nothing that a reload could take over. */
static bool
goes_on(struct daemon *daemon, int64_t ms)
{
	struct pollfd pollfd = { .fd = daemon->signals.fd, .events = POLLIN };
	struct signalfd_siginfo info;

	if (poll(&pollfd, 1, (int)ms) <= 0)
		return true;
	while (read(daemon->signals.fd, &info, sizeof info) == (ssize_t)sizeof info)
		if (info.ssi_signo != SIGHUP)
			daemon->gave_up = true;
	return !daemon->gave_up;
}

static bool
stand_by(void *ctx, int64_t ms)
{
	struct daemon *daemon = ctx;

	if (!daemon->stands_by) {
		daemon->stands_by = true;
		(void)fprintf(stderr, "roamhubd %s, standing by: another hub has the database\n",
		        ROAMHUB_VERSION);
		service_stands_by();
	}
	service_beat();
	return goes_on(daemon, ms);
}

/* ---- run ---- */

static void
raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
could_not(const char *what, const struct fault *fault)
{
	(void)fprintf(stderr, "roamhubd: could not %s: %s%s%s\n", what, fault->field,
	        fault->field[0] != '\0' ? ": " : "",
	        fault->why[0] != '\0' ? fault->why : rh_err_info(fault->err)->text);
	return 1;
}

static int
could_not_start(const struct fault *fault)
{
	return could_not("start", fault);
}

/* Before the database is touched, as all else that may be wrong. */
static enum rh_err
try_token(const struct daemon *daemon, struct fault *fault)
{
	char token_file[4096];

	config_file_admin_token(&daemon->config->settings, token_file, sizeof token_file);
	return admin_token_try(token_file, fault);
}

static int
migrate_only(struct daemon *daemon)
{
	struct settings *settings = &daemon->config->settings;
	struct fault fault = { 0 };
	size_t pending;

	if (hub_migrate(settings, &daemon->choices, &pending, &fault) != RH_OK)
		return could_not_start(&fault);
	(void)fprintf(stderr, "roamhubd %s: %s %s\n", ROAMHUB_VERSION, settings->store_url,
	        pending == 0 ? "needs no migration" : "is migrated");
	return 0;
}

/* The digest is the same on both sides when the rows are. */
static int
tell_moved(const char *how, const char *where, const struct store_moved *moved)
{
	(void)fprintf(stderr, "roamhubd %s: %s %s: %llu rows up to change %lld, digest %.32s\n",
	        ROAMHUB_VERSION, where, how, (unsigned long long)moved->rows,
	        (long long)moved->change, moved->digest);
	return 0;
}

/* A signal may end either: a file without an end is refused, and a transaction undone. */
static void
let_signals_end(void)
{
	sigset_t none;

	(void)sigemptyset(&none);
	(void)pthread_sigmask(SIG_SETMASK, &none, NULL);
}

static int
export_store(struct daemon *daemon, const char *path, bool skip_damaged)
{
	struct store_moved moved;
	struct fault fault = { 0 };

	let_signals_end();
	if (hub_move_out(&daemon->config->settings, path, skip_damaged, &moved, &fault) != RH_OK)
		return could_not("export", &fault);
	(void)tell_moved("is exported", path, &moved);
	if (moved.damaged == 0)
		return 0;
	(void)fprintf(stderr, "roamhubd: %s lacks %llu rows that the disk has changed\n", path,
	        (unsigned long long)moved.damaged);
	return 1;
}

static int
import_store(struct daemon *daemon, const char *path)
{
	struct settings *settings = &daemon->config->settings;
	struct store_moved moved;
	struct fault fault = { 0 };

	let_signals_end();
	if (hub_move_in(settings, path, &moved, &fault) != RH_OK)
		return could_not("import anything", &fault);
	return tell_moved("is imported", path, &moved);
}

static struct admin *
open_admin(struct daemon *daemon, struct fault *fault)
{
	char token_file[4096];
	struct admin_conf conf = {
		.hub = daemon->hub,
		.listen_fd = hub_admin_listener(daemon->hub),
		.portal_fd = hub_portal_listener(daemon->hub),
		.classes = ocpi_classes,
		.token_file = token_file,
		.tokens = daemon->tokens,
		.version = ROAMHUB_VERSION,
		.reload = reload,
		.show_config = show_config,
		.ctx = daemon,
	};

	config_file_admin_token(&daemon->config->settings, token_file, sizeof token_file);
	if (!config_file_write_address(
	            &daemon->config->settings, hub_admin_address(daemon->hub), fault))
		return NULL;
	daemon->tokens = NULL;
	return admin_open(&conf, fault);
}

static void
print_ready(const struct hub *hub)
{
	const char *portal = hub_portal_address(hub);

	(void)fprintf(stderr,
	        "roamhubd %s, console on http://%s/, %s%s%sready on %s (%s), admin on http://%s\n",
	        ROAMHUB_VERSION, hub_admin_address(hub), portal != NULL ? "portal on http://" : "",
	        portal != NULL ? portal : "", portal != NULL ? "/, " : "", hub_url(hub),
	        hub_address(hub), hub_admin_address(hub));
}

static void
tell_start(const struct daemon *daemon)
{
	CLEANUP(tree_drop) json_t *data = tree_object();
	CLEANUP(buf_free) struct buf text = { 0 };
	struct store_event event = {
		.type = STR("hub.start"), .what = STR(ROAMHUB_VERSION), .subject = STR("hub")
	};

	tree_set_text(data, "address", hub_address(daemon->hub));
	tree_set_text(data, "admin", hub_admin_address(daemon->hub));
	if (hub_portal_address(daemon->hub) != NULL)
		tree_set_text(data, "portal", hub_portal_address(daemon->hub));
	tree_set_bool(data, "passive", hub_passive(daemon->hub).is);
	tree_print(data, &text);
	event.data = buf_str(&text);
	hub_event(daemon->hub, &event);
}

static int
run(struct daemon *daemon, int signal_fd)
{
	struct fault fault = { 0 };
	int status;

	if (try_token(daemon, &fault) != RH_OK)
		return could_not_start(&fault);
	daemon->signals.fd = signal_fd;
	daemon->choices.version = ROAMHUB_VERSION;
	daemon->choices.waiting = (struct store_waiting){ stand_by, daemon };
	daemon->hub = hub_open(&daemon->config->settings, &daemon->choices, ocpi_modules, &fault);
	if (daemon->hub == NULL)
		return daemon->gave_up ? 0 : could_not_start(&fault);
	daemon->admin = open_admin(daemon, &fault);
	if (daemon->admin == NULL) {
		hub_stop(daemon->hub, 1);
		hub_run(daemon->hub);
		hub_close(daemon->hub);
		return could_not_start(&fault);
	}
	daemon->signals.ready = on_signal;
	net_watch_add(hub_loop(daemon->hub), &daemon->signals, EPOLLIN);
	print_ready(daemon->hub);
	tell_start(daemon);
	if (daemon->stands_by)
		service_leads();
	service_ready(&daemon->service, daemon->hub);
	hub_run(daemon->hub);
	net_watch_remove(hub_loop(daemon->hub), &daemon->signals);
	service_end(&daemon->service);
	status = hub_exit_status(daemon->hub);
	admin_close(daemon->admin);
	hub_close(daemon->hub);
	LOG(LOG_INFO, "hub", KV("state", "stopped"), KVN("status", status));
	return status;
}

static int
act(struct daemon *daemon, const struct arguments *args, int signal_fd)
{
	if (args->export_to != NULL)
		return export_store(daemon, args->export_to, args->skip_damaged);
	if (args->import_from != NULL)
		return import_store(daemon, args->import_from);
	return args->migrate_only ? migrate_only(daemon) : run(daemon, signal_fd);
}

/* For --check, which starts nothing that would find out. */
static int
try_files(const struct daemon *daemon)
{
	return config_file_try(&daemon->config->settings, print_fault, NULL) == 0 ? 0 : 2;
}

int
main(int argc, char **argv)
{
	struct arguments args = arguments_read(argc, argv);
	struct daemon daemon = { .path = args.config,
		.sets = args.sets,
		.set_count = args.set_count,
		.choices = args.choices };
	struct fault fault = { 0 };
	int status = args.exit_with, signal_fd;

	tree_init();
	if (status < 0) {
		daemon.config =
		        config_file_load(args.config, args.sets, args.set_count, print_fault, NULL);
		if (daemon.config != NULL)
			daemon.tokens = admin_tokens_read(
			        daemon.config->settings.admin_tokens_file, print_fault, NULL);
		status = daemon.tokens == NULL ? 2 : args.check ? try_files(&daemon) : -1;
	}
	if (status < 0) {
		signal_fd = block_signals();
		raise_descriptors();
		rh_log_setup((enum rh_level)daemon.config->settings.log_level,
		        (enum rh_log_format)daemon.config->settings.log_format);
		status = rh_crypt_init(&fault) != RH_OK ? could_not_start(&fault)
		                                        : act(&daemon, &args, signal_fd);
		(void)close(signal_fd);
	}
	admin_tokens_free(daemon.tokens);
	config_file_free(daemon.config);
	free(args.sets);
	return status;
}
