/* roamhubctl: the operator's command line, a client of the daemon's admin API. Composition only. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roamhub/tree.h"

#include "ctl_ask.h"

static void
print_fault(void *ctx, const char *message)
{
	(void)ctx;
	ctl_complain("%s", message);
}

static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && (no == NULL || no[0] == '\0') && term != NULL &&
	       strcmp(term, "dumb") != 0;
}

static int
show(const struct ctl *ctl, struct str answer)
{
	struct fault fault = { 0 };
	CLEANUP(tree_drop) json_t *tree = tree_read(answer, &fault);
	int status = CTL_OK;

	if (tree == NULL) {
		ctl_complain("the hub's answer cannot be read: %s", fault.why);
		return CTL_FAILED;
	}
	if (ctl->verb->also != NULL && !ctl->verb->also(ctl, (struct val){ .node = tree }))
		return CTL_FAILED;
	if (ctl->json)
		(void)fwrite(answer.p, 1, answer.len, stdout);
	else
		ctl->verb->print(ctl, (struct val){ .node = tree });
	if (ctl->verb->exit_status != NULL)
		status = ctl->verb->exit_status((struct val){ .node = tree });
	return fflush(stdout) == 0 ? status : CTL_FAILED;
}

static void
ignore_fault(void *ctx, const char *message)
{
	(void)ctx, (void)message;
}

/* What leads to the hub has to be there; else it is refused for good, fault by fault. */
struct config_file *
ctl_load_rest(const struct ctl *ctl)
{
	struct config_file *file = rh_alloc(sizeof *file);

	(void)!conf_load(settings_keys, ctl->config, ctl->sets, ctl->set_count, &file->settings,
	        NULL, ignore_fault, NULL);
	if (file->settings.admin_listen != NULL && file->settings.store_url != NULL)
		return file;
	config_file_free(file);
	return NULL;
}

/* Those are typed with the command, and can be typed anew. */
static bool
sets_are_good(const struct ctl *ctl)
{
	struct config_file *file =
	        config_file_load(NULL, ctl->sets, ctl->set_count, ignore_fault, NULL);
	bool good = file != NULL;

	config_file_free(file);
	return good;
}

/* A hub that runs with what it read before is to be asked although its file has a fault by now; of
 * a reload the hub finds the faults, and its verdict is the answer. */
static struct config_file *
load(const struct ctl *ctl)
{
	bool readable = ctl->config == NULL || access(ctl->config, R_OK) == 0;
	conf_fault_fn report = ctl->verb->judges_config && readable ? ignore_fault : print_fault;
	struct config_file *file =
	        config_file_load(ctl->config, ctl->sets, ctl->set_count, report, NULL);

	if (file != NULL || !readable || !sets_are_good(ctl))
		return file;
	file = ctl_load_rest(ctl);
	if (file != NULL && report == print_fault)
		ctl_complain("going on with the rest of it");
	return file;
}

static bool
ask_all(struct ctl *ctl, struct ctl_request *request)
{
	return ask_begin(ctl, request) &&
	       (ctl->verb->request == NULL || ctl->verb->request(ctl, request));
}

static int
ask_hub(struct ctl *ctl, const struct ctl_request *request)
{
	struct str answer = { 0 };
	int status;

	if (ctl->verb->follow != NULL)
		return ctl->verb->follow(ctl, request);
	if (ctl->verb->is_meant != NULL && !ctl->verb->is_meant(ctl, request))
		return CTL_FAILED;
	status = ctl_call(ctl, request, &answer);
	return status == CTL_OK ? show(ctl, answer) : status;
}

static int
perform(struct ctl *ctl)
{
	struct ctl_request request = { 0 };
	struct fault fault = { 0 };
	int status = CTL_USAGE;

	ctl->file = load(ctl);
	if (ctl->file != NULL && ask_all(ctl, &request))
		status = rh_crypt_init(&fault) == RH_OK ? ask_hub(ctl, &request) : CTL_FAILED;
	tree_drop(&request.body);
	config_file_free(ctl->file);
	return status;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {
		.arena = arena_new(65536), .verbs = ctl_verbs, .colour = wants_colour()
	};
	int status = ctl_args_read(&ctl, argc, argv);

	if (status == CTL_OK && ctl.version)
		(void)printf("roamhubctl %s\n", ROAMHUB_VERSION);
	else if (status == CTL_OK && ctl.help && ctl.verb != NULL)
		ctl_usage_verb(ctl.verb, stdout);
	else if (status == CTL_OK && ctl.help)
		ctl_usage(&ctl, stdout);
	else if (status == CTL_OK)
		status = ctl.verb->alone != NULL ? ctl.verb->alone(&ctl) : perform(&ctl);
	arena_free(ctl.arena);
	return status;
}
