/* walk: question after question, until there is none left or it has to be left. */
#include "survey.h"

#include <stdio.h>
#include <string.h>

#include "../parties/outcome.h"

enum {
	MOST_UNREACHABLE = 3, /* answers that did not come: the rest would be lost time */
	PAUSE_MOST_MS = 5000, /* when it asks for a pause */
	RESULT_WITHIN_MS = 30 * 1000,
	RESULT_LOOK_MS = 250, /* whether another process has it */
	RESULT_LIFE_MS = 10 * 60 * 1000,
	ID_CHARS = 32,
	MOST_NODES = 2000,
};

static void go_on(struct survey *survey);

static const struct platform *
platform_of(const struct survey *survey)
{
	return directory_platform(hub_directory(survey->hub), survey->platform);
}

static const struct survey_step *
step_of(const struct survey *survey)
{
	return &survey->steps[survey->at];
}

void
survey_give_up(struct survey *survey, const char *why)
{
	if (survey->why[0] == '\0')
		(void)snprintf(survey->why, sizeof survey->why, "%s", why);
	if (survey->calling)
		net_call_cancel(survey->client, &survey->call.net);
	else if (survey->timer.slot != 0)
		net_timer_set(survey->hub->loop, &survey->timer, rh_mono_ms());
}

static void
give_up_over(struct survey *survey, const char *what, long long number)
{
	survey_give_up(survey, arena_printf(survey->arena, what, number).p);
}

/* NULL: it is over. */
static const struct platform *
may_go_on(struct survey *survey)
{
	const struct platform *platform = platform_of(survey);

	if (survey->hub->stopping)
		survey_give_up(survey, "the hub stops");
	else if (platform == NULL || platform->removed || platform->state != STATE_CONNECTED ||
	         platform->token.p == NULL)
		survey_give_up(survey, "the platform is not registered any more");
	else if (survey->requests >= SURVEY_MOST_REQUESTS)
		give_up_over(survey, "it took %lld requests", survey->requests);
	else if (survey->bytes > SURVEY_MOST_BYTES)
		give_up_over(survey, "it sent %lld bytes", (long long)survey->bytes);
	else if (rh_mono_ms() >= survey->end_by_ms)
		give_up_over(survey, "it took %lld s", SURVEY_MOST_MS / 1000);
	return survey->why[0] == '\0' ? platform : NULL;
}

static void
timer_fired(struct net_timer *timer)
{
	struct survey *survey = container_of(timer, struct survey, timer);

	survey->later(survey);
}

static void
do_later(struct survey *survey, int64_t in_ms, void (*later)(struct survey *survey))
{
	survey->later = later;
	survey->timer.fire = timer_fired;
	net_timer_set(survey->hub->loop, &survey->timer, rh_mono_ms() + in_ms);
}

/* ---- the answer ---- */

static void
trace(struct survey *survey)
{
	const struct survey_step *step = step_of(survey);
	const struct partner_call *call = &survey->call;
	struct buf doc = { .arena = survey->page };
	struct store_trace leg = {
		.at_ms = rh_wall_ms(),
		.platform = survey->platform,
		.outcome = outcome_of_call(call),
		.module = step->module != NULL ? str_of(step->module->id) : STR("versions"),
		.correlation_id = call->correlation_id,
		.request_id = call->request_id,
	}, *row;
	const struct store_trace_claim claim = {
		.platform = survey->platform, .failed = leg.outcome != TRACE_OK, .rows = 1
	};

	if (!store_trace_wanted(survey->hub->store, &claim))
		return;
	json_put_object(&doc, NULL);
	json_put_text(&doc, "leg", STR("check"));
	json_put_text(&doc, "platform", platform_of(survey)->name);
	json_put_text(&doc, "asks", str_of(survey_ask_name(step->ask)));
	outcome_put_call(&doc, call);
	json_put_number(&doc, "us", call->net.done_us - call->net.start_us);
	json_end_object(&doc);
	leg.doc = buf_str(&doc);
	row = store_trace_new(&leg);
	store_trace_put(survey->hub->store, &row);
}

static void
judge(struct survey *survey)
{
	const struct survey_step *step = step_of(survey);
	bool other = step->ask == ASK_OTHER_FORM;
	const struct survey_seen seen = {
		.ask = step->ask,
		.module = step->module,
		.interface = step->interface,
		.to = step->module != NULL ? &step->to : NULL,
		.call = &survey->call,
		.plain = other ? !survey->plain : survey->plain,
		.plain_before = survey->plain_at_first,
		.usual_refused = survey->usual_refused,
		.platform = platform_of(survey),
		.list = step->module != NULL ? &survey->list : NULL,
		.wrote = survey->wrote,
		.now_ms = rh_wall_ms(),
		.arena = survey->page,
	};

	if (seen.platform == NULL)
		return;
	survey_judge(survey, &seen);
	survey_learn(survey, &seen);
}

/* Asked once more behind a pause; its answer is judged, whatever it is. */
static bool
wants_pause(struct survey *survey)
{
	const struct net_call *net = &survey->call.net;
	uint64_t seconds = 1;

	if (net->result != NET_DONE || net->status != 429 || survey->repeated)
		return false;
	if (!str_to_u64(net->header[OUT_RETRY_AFTER], 3600, &seconds))
		seconds = 1;
	survey->repeated = true;
	do_later(survey, seconds * 1000 > PAUSE_MOST_MS ? PAUSE_MOST_MS : (int64_t)seconds * 1000,
	        go_on);
	return true;
}

/* What does not answer once is asked nothing more of the same module, but to take back what it has.
 */
static void
skip_module(struct survey *survey)
{
	const struct ocpi_module *module = step_of(survey)->module;

	while (module != NULL && survey->at + 1 < survey->step_count &&
	        survey->steps[survey->at + 1].module == module &&
	        survey->steps[survey->at + 1].ask != ASK_TAKE_BACK)
		survey->at++;
}

static void
next(struct survey *survey)
{
	survey->at++;
	survey->repeated = false;
	go_on(survey);
}

static void
answered(struct partner_call *call)
{
	struct survey *survey = container_of(call, struct survey, call);

	survey->calling = false;
	survey->requests++;
	survey->bytes += call->net.answer.len;
	if (call->result == PARTNER_OURS || platform_of(survey) == NULL) {
		survey_give_up(survey, call->why);
		go_on(survey);
		return;
	}
	trace(survey);
	judge(survey);
	if (call->result == PARTNER_UNREACHABLE) {
		skip_module(survey);
		if (++survey->unreachable >= MOST_UNREACHABLE)
			survey_give_up(survey, call->why);
	}
	if (survey->why[0] != '\0' || !wants_pause(survey))
		next(survey);
}

/* ---- the question ---- */

static void
start(struct survey *survey, struct str method, struct str body)
{
	int64_t left_ms = survey->end_by_ms - rh_mono_ms();
	int64_t call_ms = hub_settings(survey->hub)->call_ms;

	survey->call.done = answered;
	survey->calling = true;
	partner_start(&survey->call, survey->client, method, body,
	        left_ms < call_ms ? left_ms : call_ms, SURVEY_PAGE_BYTES, false);
}

/* False: it cannot be asked. */
static bool
ask(struct survey *survey, const struct platform *platform)
{
	const struct survey_step *step = step_of(survey);
	struct str body = { 0 }, method = STR("GET");

	if (!survey_request(survey, platform, step))
		return false;
	if (step->ask == ASK_HEAD) {
		method = STR("HEAD");
	} else if (step->ask == ASK_AUTHORIZE) {
		method = STR("POST");
	} else if (step->ask >= ASK_PUT) {
		method = survey_method(step);
		body = survey_body(survey, step, survey->page);
	}
	/* A body behind HEAD, or work behind a command, would spoil what is asked next. */
	survey->call.net.last = step->ask == ASK_HEAD || step->ask == ASK_COMMAND;
	start(survey, method, body);
	return true;
}

/* ---- a command with its result ---- */

/* It did not come, or it does not read: no answer, and why. */
static void
judge_result(struct survey *survey)
{
	struct partner_call *call = &survey->call;
	struct fault fault = { 0 };

	survey->awaits_result = false;
	arena_reset(survey->page);
	partner_prepare(call, survey->hub, NULL, PARTNER_PULL, survey->page);
	call->net.method = STR("POST");
	call->net.target = survey->response_url;
	if (survey->result.p != NULL && json_scan(survey->result, MOST_NODES, survey->page,
	                                        &call->envelope.doc, &fault) == RH_OK) {
		call->net.status = 200;
		call->result = PARTNER_ANSWERED;
	} else {
		call->net.result = NET_LATE;
		call->result = PARTNER_UNREACHABLE;
		(void)snprintf(call->why, sizeof call->why, "%s",
		        survey->result.p == NULL ? "no result came within 30 s" : fault.why);
	}
	judge(survey);
	next(survey);
}

void
survey_result_came(struct survey *survey, struct str body)
{
	if (survey->result.p == NULL)
		survey->result = arena_str(survey->arena, body);
	if (survey->awaits_result && survey->timer.slot != 0) /* else it is looked for just now */
		net_timer_set(survey->hub->loop, &survey->timer, rh_mono_ms());
}

static void await_result(struct survey *survey);

static void
result_looked_for(struct store_op *op)
{
	struct survey *survey = container_of(op, struct survey, op);

	if (op->err == RH_OK && survey->result.p == NULL)
		survey->result = arena_str(survey->arena, op->u.relink.relink.target);
	do_later(survey, survey->result.p != NULL || survey->why[0] != '\0' ? 0 : RESULT_LOOK_MS,
	        await_result);
}

/* The platform may post it to another process, which keeps it in the store. */
static void
await_result(struct survey *survey)
{
	int64_t left_ms = survey->result_by_ms - rh_mono_ms();

	if (survey->result.p != NULL || survey->why[0] != '\0' || left_ms <= 0) {
		judge_result(survey);
		return;
	}
	if (!hub_is_together(survey->hub)) {
		do_later(survey, left_ms, await_result);
		return;
	}
	arena_reset(survey->page);
	survey->op = (struct store_op){
		.verb = STORE_RELINK_GET, .done = result_looked_for, .arena = survey->page
	};
	survey->op.u.relink.id = hub_result_id(survey->relink.id, survey->page);
	survey->op.u.relink.now_ms = rh_wall_ms();
	store_submit(survey->hub->session, &survey->op);
}

static void
handed_out(struct store_op *op)
{
	struct survey *survey = container_of(op, struct survey, op);

	if (op->err != RH_OK)
		survey_give_up(survey, op->why);
	go_on(survey);
}

/* A URL of the hub, bound to the platform; target_platform 0 stands for the hub itself. */
static void
hand_out(struct survey *survey, const struct survey_step *step)
{
	struct store_relink *relink = &survey->relink;
	char random[ID_CHARS + 1];

	rh_random_text(random, ID_CHARS);
	*relink = (struct store_relink){
		.id = arena_printf(survey->arena, "%s-CommandResult", random),
		.kind = RELINK_RESPONSE_URL,
		.target = STR("check"),
		.caller_platform = survey->platform,
		.module = str_of(step->module->id),
		.interface = (int)step->interface,
		.created_ms = rh_wall_ms(),
		.expires_ms = rh_wall_ms() + RESULT_LIFE_MS,
	};
	memcpy(relink->caller_country, step->to.country, sizeof relink->caller_country);
	memcpy(relink->caller_party, step->to.party, sizeof relink->caller_party);
	memcpy(relink->target_country, survey->as.country, sizeof relink->target_country);
	memcpy(relink->target_party, survey->as.party, sizeof relink->target_party);
	survey->response_url = hub_link(survey->hub,
	        arena_printf(survey->arena, OCPI_VERSION "/relink/%s", relink->id.p).p,
	        survey->arena);
	survey->op = (struct store_op){ .verb = STORE_RELINK_PUT, .done = handed_out };
	survey->op.u.relink_put.relink = relink;
	store_submit(survey->hub->session, &survey->op);
}

/* ---- the way ---- */

/* True: something is under way now. */
static bool
take_step(struct survey *survey, const struct platform *platform)
{
	const struct survey_step *step = step_of(survey);

	if (!survey_wants(survey, step))
		return false;
	if (step->ask == ASK_COMMAND && survey->response_url.p == NULL) {
		hand_out(survey, step);
		return true;
	}
	if (step->ask == ASK_RESULT) {
		survey->awaits_result = true;
		survey->result_by_ms = rh_mono_ms() + RESULT_WITHIN_MS;
		do_later(survey, 0, await_result);
		return true;
	}
	return ask(survey, platform);
}

/* Not from inside of the client, which goes with it. */
static void
go_on(struct survey *survey)
{
	const struct platform *platform;

	while (survey->at < survey->step_count && (platform = may_go_on(survey)) != NULL) {
		if (take_step(survey, platform))
			return;
		survey->at++;
	}
	survey->ending = true;
	do_later(survey, 0, survey->ended);
}

void
survey_begin(struct survey *survey)
{
	do_later(survey, 0, go_on);
}
