/* A hub with its admin API and a client of it. */
#include "roamhub/tree.h"

#include "rig.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ANSWER_MAX = 8 << 20, DEADLINE_MS = 60000 };

static const char *const no_headers[] = { NULL };

static void
fail_fault(void *ctx, const char *message)
{
	(void)ctx;
	ck_abort_msg("%s", message);
}

static enum rh_err
reload(void *ctx, struct str who, json_t **report)
{
	struct rig *rig = ctx;

	rig->reloads++;
	*report = tree_read(
	        rig->verdict == RH_OK
	                ? STR("{\"changed\":[\"log.level\"],\"needs_restart\":[\"http.listen\"]}")
	                : STR("{\"config_faults\":[\"hub.conf:3: [log] level: no such level\"]}"),
	        NULL);
	admin_reloaded(rig->admin, rig->verdict == RH_OK, who, *report);
	return rig->verdict;
}

static json_t *
show_config(void *ctx)
{
	(void)ctx;
	return tree_read(
	        STR("[{\"key\":\"hub.name\",\"value\":\"Roaming Hub\",\"origin\":\"default\"}]"),
	        NULL);
}

static void
load_settings(struct rig *rig)
{
	char url[128];
	const char *sets[] = { "http.listen=127.0.0.1:0", "admin.listen=127.0.0.1:0",
		"http.workers=1", "egress.allow_private=true", url, "log.level=error" };

	(void)snprintf(url, sizeof url, "store.url=sqlite:%s/hub.db", rig->dir);
	ck_assert_uint_eq(
	        settings_load(NULL, sets, COUNT(sets), &rig->settings, NULL, fail_fault, NULL), 0);
}

static void
read_token(struct rig *rig)
{
	FILE *in = fopen(rig->token_file, "re");
	char token[128];

	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(token, sizeof token, in));
	(void)fclose(in);
	token[strcspn(token, "\n")] = '\0';
	(void)snprintf(rig->authorization, sizeof rig->authorization, "Bearer %s", token);
}

static void
open_client(struct rig *rig)
{
	struct net_client_conf conf = { .connect_ms = DEADLINE_MS,
		.headers = no_headers,
		.max_per_origin = 8,
		.max_waiting = 64,
		.idle_ms = 1000 };
	struct fault fault = { 0 };

	rig->egress = net_egress_new(true, NULL, &fault);
	conf.egress = rig->egress;
	rig->client = net_client_new(hub_loop(rig->hub), &conf, &fault);
	ck_assert_msg(rig->client != NULL, "%s", fault.why);
}

struct rig *
rig_new(void)
{
	struct rig *rig = rh_alloc(sizeof *rig);
	struct admin_conf conf = {
		.version = "9.8.7", .reload = reload, .show_config = show_config, .ctx = rig
	};
	struct fault fault = { 0 };

	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	(void)snprintf(rig->dir, sizeof rig->dir, "/tmp/test-admin-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(rig->dir));
	(void)snprintf(rig->token_file, sizeof rig->token_file, "%s/admin.token", rig->dir);
	load_settings(rig);
	rig->arena = arena_new(4096);
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	rig->hub = hub_open(&rig->settings, &(struct hub_choices){ 0 }, ocpi_modules, &fault);
	ck_assert_msg(rig->hub != NULL, "%s: %s", fault.field, fault.why);
	conf.hub = rig->hub;
	conf.listen_fd = hub_admin_listener(rig->hub);
	conf.portal_fd = -1;
	conf.token_file = rig->token_file;
	rig->admin = admin_open(&conf, &fault);
	ck_assert_msg(rig->admin != NULL, "%s: %s", fault.field, fault.why);
	read_token(rig);
	open_client(rig);
	return rig;
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st, (void)type, (void)at;
	return remove(path);
}

void
rig_end(struct rig *rig)
{
	admin_stop(rig->admin);
	hub_stop(rig->hub, 0);
	hub_run(rig->hub);
	net_client_free(rig->client);
	admin_close(rig->admin);
	hub_close(rig->hub);
	net_egress_free(rig->egress);
	conf_free(settings_keys, &rig->settings);
	arena_free(rig->arena);
	(void)nftw(rig->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(rig);
}

static void
on_done(struct net_call *call)
{
	(void)call;
}

void
rig_call(struct rig *rig, struct net_call *call)
{
	call->done = on_done;
	net_call_start(rig->client, call);
	while (net_client_calls(rig->client) > 0)
		net_loop_turn(hub_loop(rig->hub), 1000);
}

static void
fill(struct rig *rig, struct net_call *call, const char *method, const char *target,
        const char *body)
{
	call->method = str_of(method);
	call->origin = arena_printf(rig->arena, "http://%s", hub_admin_address(rig->hub));
	call->target = str_of(target);
	call->body = str_of(body);
	call->deadline_ms = rh_mono_ms() + DEADLINE_MS;
	call->max_answer = ANSWER_MAX;
	call->arena = rig->arena;
	call->done = on_done;
}

void
rig_begin(struct rig *rig, struct net_call *call, const char *method, const char *target,
        const char *body)
{
	struct net_header *header = arena_alloc(rig->arena, sizeof *header);

	*header = (struct net_header){ STR("Authorization"), str_of(rig->authorization) };
	call->headers = header;
	call->header_count = 1;
	fill(rig, call, method, target, body);
	net_call_start(rig->client, call);
}

struct answer
rig_ask_as(struct rig *rig, const char *authorization, const char *method, const char *target,
        const char *body)
{
	struct net_header header = { STR("Authorization"), str_of(authorization) };
	struct net_call call = { .headers = &header,
		.header_count = authorization != NULL ? 1 : 0 };

	fill(rig, &call, method, target, body);
	rig_call(rig, &call);
	ck_assert_msg(call.result == NET_DONE, "%s %s: %s", method, target, call.why);
	return (struct answer){ call.status, arena_str(rig->arena, call.answer) };
}

struct answer
rig_ask(struct rig *rig, const char *method, const char *target, const char *body)
{
	return rig_ask_as(rig, rig->authorization, method, target, body);
}

bool
has(struct answer answer, const char *text)
{
	return answer.body.p != NULL && strstr(answer.body.p, text) != NULL;
}

void
check_all(struct rig *rig, const struct expectation *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct expectation *row = &rows[i];
		struct answer answer = rig_ask(rig, row->method, row->target, row->body);

		ck_assert_msg(answer.status == row->status && has(answer, row->text),
		        "%s %s %.500s: expected %d with %s, got %d: %.3000s", row->method,
		        row->target, row->body != NULL ? row->body : "", row->status, row->text,
		        answer.status, answer.body.p);
	}
}
