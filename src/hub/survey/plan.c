/* plan: what is asked of a platform, in order, and what of it is left out when the time comes. */
#include "survey.h"

#include <string.h>

#include "../parties/may.h"

static const char *const names[ASK_COUNT] = {
	[ASK_VERSIONS] = "versions",
	[ASK_VERSIONS_AGAIN] = "versions again",
	[ASK_VERSIONS_SLASH] = "versions, other slash",
	[ASK_OTHER_FORM] = "versions, other form of the token",
	[ASK_WRONG_TOKEN] = "versions, unknown token",
	[ASK_HEAD] = "HEAD of versions",
	[ASK_DETAILS] = "version details",
	[ASK_CREDENTIALS] = "credentials",
	[ASK_LIST] = "list",
	[ASK_LIST_SLASH] = "list, other slash",
	[ASK_LIST_OTHER] = "list, from another party",
	[ASK_LIST_BARE] = "list, no routing headers",
	[ASK_OFFSET] = "list, offset",
	[ASK_PAST] = "list, date_from long ago",
	[ASK_FUTURE] = "list, date_from tomorrow",
	[ASK_NEXT] = "list, along Link",
	[ASK_LARGE] = "list, large page",
	[ASK_OBJECT] = "object",
	[ASK_OBJECT_CASE] = "object, other case",
	[ASK_UNKNOWN] = "unknown object",
	[ASK_PUT] = "write",
	[ASK_PUT_OWNER] = "write, from its owner",
	[ASK_GET_BACK] = "read back",
	[ASK_PATCH] = "change",
	[ASK_GET_PATCHED] = "read back the change",
	[ASK_POST] = "post",
	[ASK_LOCATION] = "read at its Location",
	[ASK_AUTHORIZE_UNKNOWN] = "authorize an unknown token",
	[ASK_AUTHORIZE] = "authorize",
	[ASK_COMMAND] = "command",
	[ASK_RESULT] = "result of the command",
	[ASK_TAKE_BACK] = "take back",
};

const char *
survey_ask_name(enum survey_ask ask)
{
	return names[ask];
}

/* ---- the plan ---- */

static void
add(struct survey *survey, enum survey_ask ask, const struct ocpi_module *module,
        enum ocpi_interface interface, const struct ocpi_id *to)
{
	struct survey_step *step = &survey->steps[survey->step_count];

	if (survey->step_count == SURVEY_MOST_STEPS)
		return;
	*step = (struct survey_step){ .ask = ask, .module = module, .interface = interface };
	if (to != NULL)
		step->to = *to;
	survey->step_count++;
}

static void
add_range(struct survey *survey, enum survey_ask from, enum survey_ask last,
        const struct ocpi_module *module, enum ocpi_interface interface, const struct ocpi_id *to)
{
	for (enum survey_ask ask = from; ask <= last; ask++)
		add(survey, ask, module, interface, to);
}

/* The first party of it that such a call is meant for: the others answer by the same software. */
static const struct party *
party_for(const struct platform *platform, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	if (platform_endpoint(platform, str_of(module->id), interface) == NULL)
		return NULL;
	for (size_t i = 0; i < platform->party_count; i++)
		if (platform->parties[i].state != STATE_SUSPENDED &&
		        may_be_called(platform->parties[i].role, module, interface))
			return &platform->parties[i];
	return NULL;
}

static bool
has_route(const struct ocpi_module *module, enum ocpi_interface interface, const char *method,
        const char *path)
{
	for (const struct ocpi_route *route = module->routes; route->interface != 0; route++)
		if (route->interface == interface && strcmp(route->method, method) == 0 &&
		        strcmp(route->path, path) == 0)
			return true;
	return false;
}

bool
survey_is_shared(const struct ocpi_module *module)
{
	for (const struct ocpi_route *route = module->routes; route->interface != 0; route++)
		if ((route->flags & ROUTE_SHARE) != 0)
			return true;
	return false;
}

static void
plan_reads(struct survey *survey, const struct platform *platform, const struct ocpi_module *module)
{
	const struct party *sender = party_for(platform, module, IFACE_SENDER);
	const struct party *receiver = party_for(platform, module, IFACE_RECEIVER);

	if (sender != NULL && has_route(module, IFACE_SENDER, "GET", ""))
		add_range(survey, ASK_LIST, ASK_LARGE, module, IFACE_SENDER, &sender->id);
	if (sender != NULL && has_route(module, IFACE_SENDER, "GET", "{id}"))
		add_range(survey, ASK_OBJECT, ASK_OBJECT_CASE, module, IFACE_SENDER, &sender->id);
	if (receiver != NULL && has_route(module, IFACE_RECEIVER, "GET", "{cc}/{party}/{id}"))
		add(survey, ASK_UNKNOWN, module, IFACE_RECEIVER, &receiver->id);
}

static void
plan_objects(struct survey *survey, const struct ocpi_module *module, const struct ocpi_id *to)
{
	bool patched = has_route(module, IFACE_RECEIVER, "PATCH", "{cc}/{party}/{id}");

	add_range(survey, ASK_PUT, ASK_GET_BACK, module, IFACE_RECEIVER, to);
	if (patched)
		add_range(survey, ASK_PATCH, ASK_GET_PATCHED, module, IFACE_RECEIVER, to);
	add(survey, ASK_TAKE_BACK, module, IFACE_RECEIVER, to);
}

static void
plan_writes(
        struct survey *survey, const struct platform *platform, const struct ocpi_module *module)
{
	const struct party *sender = party_for(platform, module, IFACE_SENDER);
	const struct party *receiver = party_for(platform, module, IFACE_RECEIVER);
	bool commands = strcmp(module->id, "commands") == 0;

	if (sender != NULL && has_route(module, IFACE_SENDER, "POST", "{id}/authorize"))
		add_range(survey, ASK_AUTHORIZE_UNKNOWN, ASK_AUTHORIZE, module, IFACE_SENDER,
		        &sender->id);
	if (receiver == NULL)
		return;
	if (has_route(module, IFACE_RECEIVER, "PUT", "{cc}/{party}/{id}"))
		plan_objects(survey, module, &receiver->id);
	if (has_route(module, IFACE_RECEIVER, "POST", ""))
		add_range(survey, ASK_POST, ASK_LOCATION, module, IFACE_RECEIVER, &receiver->id);
	if (commands)
		add_range(survey, ASK_COMMAND, ASK_RESULT, module, IFACE_RECEIVER, &receiver->id);
	if (commands || has_route(module, IFACE_RECEIVER, "POST", ""))
		add(survey, ASK_TAKE_BACK, module, IFACE_RECEIVER, &receiver->id);
}

void
survey_plan(struct survey *survey, const struct platform *platform)
{
	const struct ocpi_module *const *modules = survey->hub->modules;

	add_range(survey, ASK_VERSIONS, ASK_CREDENTIALS, NULL, IFACE_NONE, NULL);
	for (size_t i = 0; modules[i] != NULL; i++)
		plan_reads(survey, platform, modules[i]);
	for (size_t i = 0; survey->write && modules[i] != NULL; i++)
		plan_writes(survey, platform, modules[i]);
}

/* ---- what of it is asked ---- */

static bool
has_letter(struct str id)
{
	for (size_t i = 0; i < id.len; i++)
		if ((id.p[i] | 0x20) >= 'a' && (id.p[i] | 0x20) <= 'z')
			return true;
	return false;
}

static bool
is_taken(const struct survey *survey, const struct survey_step *step)
{
	if (strcmp(step->module->id, "cdrs") == 0)
		return survey->cdr_taken;
	if (strcmp(step->module->id, "commands") == 0)
		return survey->command_taken;
	return survey->put_taken;
}

static bool
wants_write(const struct survey *survey, const struct survey_step *step)
{
	switch (step->ask) {
	case ASK_PUT_OWNER:
		return survey->put_refused && !survey->from_owner && survey_is_shared(step->module);
	case ASK_GET_BACK:
	case ASK_PATCH:
	case ASK_GET_PATCHED:
		return survey->put_taken;
	case ASK_LOCATION:
		return survey->cdr_url.p != NULL;
	case ASK_AUTHORIZE:
		return survey->token_uid.p != NULL;
	case ASK_COMMAND:
		return survey->location_id.p != NULL;
	case ASK_RESULT:
		return survey->command_taken;
	case ASK_TAKE_BACK:
		return is_taken(survey, step);
	default:
		return true;
	}
}

bool
survey_wants(const struct survey *survey, const struct survey_step *step)
{
	const struct survey_list *list = &survey->list;

	switch (step->ask) {
	case ASK_DETAILS:
		return survey->details_url.p != NULL;
	case ASK_LIST_OTHER:
	case ASK_LIST_BARE:
		return list->refused && !list->answered;
	case ASK_OFFSET:
	case ASK_PAST:
	case ASK_FUTURE:
	case ASK_LARGE:
		return list->answered;
	case ASK_NEXT:
		return list->next.p != NULL;
	case ASK_OBJECT:
		return list->answered && list->id.p != NULL;
	case ASK_OBJECT_CASE:
		return list->has_object && has_letter(list->id);
	default:
		return wants_write(survey, step);
	}
}
