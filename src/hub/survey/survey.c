/* survey: when a platform is asked, by whom, and what becomes of the report. */
#include "survey.h"

#include <stdlib.h>
#include <string.h>

#include "../client.h"
#include "../parties/directory.h"
#include "tick.h"

enum {
	MOST_SURVEYS = 16, /* at once */
	MOST_BY_ITSELF = 4,
	SLICE = 512, /* platforms looked at in a tick */
	ID_CHARS = 8,
	AFTER_MS = 3000, /* a handshake: the partner keeps what it was answered */
};

/* Read beside those that the hub needs. */
static const char *const more_headers[SEEN_COUNT - OUT_COUNT] = {
	[SEEN_CONTENT_TYPE - OUT_COUNT] = "Content-Type",
	[SEEN_CONTENT_ENCODING - OUT_COUNT] = "Content-Encoding",
	[SEEN_CONNECTION - OUT_COUNT] = "Connection",
	[SEEN_REQUEST_ID - OUT_COUNT] = "X-Request-ID",
	[SEEN_CORRELATION_ID - OUT_COUNT] = "X-Correlation-ID",
	[SEEN_FROM_COUNTRY - OUT_COUNT] = "OCPI-from-country-code",
	[SEEN_FROM_PARTY - OUT_COUNT] = "OCPI-from-party-id",
	[SEEN_SERVER - OUT_COUNT] = "Server",
};
_Static_assert((int)SEEN_COUNT <= (int)NET_ANSWER_HEADERS, "the client captures as many headers");

/* ---- the end ---- */

static void
log_report(const struct survey *survey)
{
	unsigned faults = 0, warnings = 0;

	for (size_t i = 0; i < survey->rung_count; i++) {
		const struct survey_rung *rung = &survey->rungs[i];

		faults += rung->found > 0 && rung->rule->level == SURVEY_FAULT;
		warnings += rung->found > 0 && rung->rule->level == SURVEY_WARNING;
	}
	LOG(faults > 0 ? LOG_WARNING : LOG_INFO, "check", KVN("platform", survey->platform),
	        KV("by", survey->by_itself ? "handshake" : "operator"), KVN("faults", faults),
	        KVN("warnings", warnings), KVN("requests", survey->requests),
	        KVN("cures", survey->cure_count),
	        KV("why", survey->why[0] != '\0' ? survey->why : NULL));
}

static void
tell(struct survey *survey, enum rh_err err, const struct fault *fault)
{
	list_each_safe (node, after, &survey->waiters) {
		struct survey_waiter *waiter = container_of(node, struct survey_waiter, node);

		list_remove(node);
		waiter->done(waiter->ctx, err, fault, survey->report);
		free(waiter);
	}
}

static void
drop(struct survey *survey)
{
	struct hub *hub = survey->hub;

	survey->live->survey.under_way = false;
	list_remove(&survey->node);
	hub->survey_count--;
	hub->control_work--;
	if (survey->client != NULL)
		net_client_free(survey->client);
	net_egress_free(survey->egress);
	arena_free(survey->page);
	arena_free(survey->arena);
	free(survey);
}

/* One that could not be kept was made nevertheless, and is told. */
static void
kept(struct store_op *op)
{
	struct survey *survey = container_of(op, struct survey, op);
	struct fault none = { 0 };

	if (op->err != RH_OK)
		LOG(LOG_WARNING, "check", KVN("platform", survey->platform),
		        KV("error", "the report could not be kept"), KV("why", op->why));
	tell(survey, RH_OK, &none);
	drop(survey);
}

struct str
survey_key(int64_t platform, struct arena *arena)
{
	return arena_printf(arena, SURVEY_KEYS "%lld", (long long)platform);
}

static void
keep(struct survey *survey, bool applied)
{
	struct fault none = { 0 };

	survey_report(survey, applied);
	log_report(survey);
	if (survey->hub->stopping) { /* it says less than the one before */
		tell(survey, RH_OK, &none);
		drop(survey);
		return;
	}
	survey->op = (struct store_op){ .verb = STORE_META_PUT, .done = kept };
	survey->op.u.meta.key = survey_key(survey->platform, survey->arena);
	survey->op.u.meta.value = survey->report;
	store_submit(survey->hub->session, &survey->op);
}

static void
applied(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct survey *survey = ctx;

	(void)platform, (void)token;
	if (err != RH_OK)
		survey->apply_fault = *fault;
	keep(survey, err == RH_OK);
}

static void
ended(struct survey *survey)
{
	if (survey->apply && survey->cure_count > 0 && !survey->hub->stopping)
		registry_set(survey->hub, survey->platform, survey->cures, survey->cure_count,
		        applied, survey);
	else
		keep(survey, false);
}

/* ---- the beginning ---- */

static void
add_waiter(struct survey *survey, survey_done_fn done, void *ctx)
{
	struct survey_waiter *waiter;

	if (done == NULL)
		return;
	waiter = rh_alloc(sizeof *waiter);
	waiter->done = done;
	waiter->ctx = ctx;
	list_add_tail(&survey->waiters, &waiter->node);
}

static struct survey *
survey_new(struct hub *hub, const struct platform *platform, const struct survey_wish *wish)
{
	struct survey *survey = rh_alloc(sizeof *survey);
	struct str test = STR("TST");
	char random[ID_CHARS + 1];

	survey->hub = hub;
	survey->platform = platform->id;
	survey->live = platform->live;
	survey->live->survey.under_way = true;
	survey->live->survey.shaken_ms = 0;
	list_init(&survey->waiters);
	list_add_tail(&hub->surveys, &survey->node);
	hub->survey_count++;
	hub->control_work++;
	survey->arena = arena_new(16384);
	survey->page = arena_new(65536);
	survey->left.arena = survey->arena;
	survey->write = wish->write;
	survey->apply = wish->apply;
	survey->as = wish->as;
	if (!wish->has_as)
		(void)ocpi_id_make(str_of(hub->id.country), test, &survey->as);
	rh_random_text(random, ID_CHARS);
	survey->id = arena_printf(survey->arena, "ROAMHUB-CHECK-%s", random);
	return survey;
}

static enum rh_err
open_client(struct survey *survey, struct fault *fault)
{
	for (size_t i = 0; i < SEEN_COUNT; i++)
		survey->headers[i] =
		        i < OUT_COUNT ? ocpi_answer_headers[i] : more_headers[i - OUT_COUNT];
	survey->client = client_make_alone(
	        survey->hub, survey->hub->loop, survey->headers, &survey->egress, fault);
	return survey->client != NULL ? RH_OK : fault->err;
}

static void
set_out(struct survey *survey, const struct platform *platform)
{
	survey->plain = survey->plain_at_first =
	        str_eq(platform_authorization(platform), platform->auth_plain);
	survey->from_owner = survey_is_set(platform, "from", "owner");
	survey->began_wall_ms = rh_wall_ms();
	survey->began_ms = rh_mono_ms();
	survey->end_by_ms = survey->began_ms + SURVEY_MOST_MS;
	survey->ended = ended;
	survey_rungs(survey);
	survey_plan(survey, platform);
	survey_begin(survey);
}

static struct survey *
find(const struct hub *hub, int64_t platform)
{
	list_each (node, &hub->surveys) {
		struct survey *survey = container_of(node, struct survey, node);

		if (survey->platform == platform)
			return survey;
	}
	return NULL;
}

/* A sandbox is one, and who was given one tries things. */
static bool
is_test_system(const struct hub *hub, const struct platform *platform)
{
	return platform->sandbox_of != 0 || directory_sandboxed(hub_directory(hub), platform->id);
}

static enum rh_err
check_wish(const struct hub *hub, const struct platform *platform, const struct survey_wish *wish,
        struct fault *fault)
{
	const struct survey *running = find(hub, wish->platform);

	if (platform == NULL || platform->removed)
		return fault_set(fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
		        (long long)wish->platform);
	if (platform->state != STATE_CONNECTED || platform->token.p == NULL)
		return fault_set(fault, RH_BAD_FIELD, "platform",
		        "is %s, expected one that is registered", state_name((int)platform->state));
	if (atomic_load(&hub->passive) || hub->stopping)
		return fault_set(fault, RH_BUSY, "hub", "%s",
		        hub->stopping ? "it stops" : "it is passive, and calls nobody");
	if (wish->write && !wish->test_system && !is_test_system(hub, platform))
		return fault_set(fault, RH_BAD_FIELD, "write",
		        "would send it objects of a test party, expected a test system: "
		        "--yes-this-is-a-test-system says that it is one");
	if (running != NULL && (running->ending || wish->write != running->write))
		return fault_set(fault, RH_BUSY, "platform", "a check of it is under way");
	if (running == NULL && hub->survey_count >= MOST_SURVEYS)
		return fault_set(fault, RH_BUSY, "hub", "%d checks are under way", MOST_SURVEYS);
	return RH_OK;
}

void
survey_start(struct hub *hub, const struct survey_wish *wish, survey_done_fn done, void *ctx)
{
	const struct platform *platform = directory_platform(hub_directory(hub), wish->platform);
	struct survey *survey = find(hub, wish->platform);
	struct str none = { 0 };
	struct fault fault = { 0 };

	if (check_wish(hub, platform, wish, &fault) != RH_OK) {
		done(ctx, fault.err, &fault, none);
		return;
	}
	if (survey != NULL) { /* it is what was wished for */
		survey->apply |= wish->apply;
		add_waiter(survey, done, ctx);
		return;
	}
	survey = survey_new(hub, platform, wish);
	if (open_client(survey, &fault) != RH_OK) {
		drop(survey);
		done(ctx, fault.err, &fault, none);
		return;
	}
	add_waiter(survey, done, ctx);
	set_out(survey, platform);
}

/* ---- by itself, behind a handshake ---- */

static void
ignore(void *ctx, enum rh_err err, const struct fault *fault, struct str report)
{
	(void)ctx, (void)err, (void)fault, (void)report;
}

static void
begin_due(struct hub *hub, const struct platform *platform)
{
	struct survey_wish wish = { .platform = platform->id };
	struct survey *survey;

	survey_start(hub, &wish, ignore, NULL);
	survey = find(hub, platform->id);
	if (survey != NULL)
		survey->by_itself = true;
}

void
survey_tick(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	size_t looks = count < SLICE ? count : SLICE;
	int64_t now_ms = rh_boot_ms();

	for (size_t i = 0; i < looks && hub->survey_count < MOST_BY_ITSELF; i++) {
		const struct platform *platform = &platforms[hub->survey_next++ % count];
		struct live_survey *state = &platform->live->survey;

		if (state->shaken_ms == 0 || state->shaken_ms + AFTER_MS > now_ms)
			continue;
		state->shaken_ms = 0; /* every process hears of it, and one makes the check */
		if (hub_settings(hub)->check_platforms && !state->under_way &&
		        platform->sandbox_of == 0 && hub_holds(hub, platform->id))
			begin_due(hub, platform);
	}
}

void
survey_stop(struct hub *hub)
{
	list_each (node, &hub->surveys)
		survey_give_up(container_of(node, struct survey, node), "the hub stops");
}

/* ---- results of commands, from workers ---- */

struct result_mail {
	struct mail mail;
	struct hub *hub;
	int64_t platform;
	size_t len;
	char body[];
};

static void
result_delivered(struct mail *mail)
{
	struct result_mail *result = container_of(mail, struct result_mail, mail);
	struct survey *survey = find(result->hub, result->platform);

	if (survey != NULL && survey->response_url.p != NULL)
		survey_result_came(survey, (struct str){ result->body, result->len });
	free(result);
}

void
survey_result(struct hub *hub, int64_t platform, struct str body)
{
	struct result_mail *result = rh_alloc(sizeof *result + body.len);

	result->hub = hub;
	result->platform = platform;
	result->len = body.len;
	if (body.len > 0)
		memcpy(result->body, body.p, body.len);
	result->mail.deliver = result_delivered;
	mailbox_post(net_loop_mailbox(hub->loop), &result->mail);
}
