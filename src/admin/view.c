/* view: how one platform is shown, wherever an answer has it. */
#include "inside.h"

const char *
platform_status(const struct platform *platform)
{
	return platform->removed ? "REMOVED" : state_name((int)platform_state(platform));
}

static json_t *
party_tree(const struct party *party)
{
	json_t *object = tree_object();

	tree_set_text(object, "country_code", party->id.country);
	tree_set_text(object, "party_id", party->id.party);
	tree_set_text(object, "role", ocpi_role_name(party->role));
	tree_set_text(object, "status", state_name((int)party_state(party)));
	tree_set_time(object, "last_updated", party_updated_ms(party));
	return object;
}

json_t *
platform_roles(const struct platform *platform)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < platform->party_count; i++)
		tree_add(list, party_tree(&platform->parties[i]));
	return list;
}

static json_t *
endpoints_tree(const struct platform *platform)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < platform->endpoint_count; i++) {
		const struct endpoint *endpoint = &platform->endpoints[i];
		json_t *object = tree_object();

		tree_set_str(object, "module", endpoint->module);
		tree_set_text(object, "interface", ocpi_interface_name(endpoint->interface));
		tree_set_str(object, "url", endpoint->url);
		tree_set_bool(object, "by_hand", endpoint->by_hand);
		tree_add(list, object);
	}
	return list;
}

json_t *
platform_failure(const struct live *live)
{
	json_t *object;

	if (live->presence.last_failure_ms == 0)
		return json_null();
	object = tree_object();
	tree_set_time(object, "at", live->presence.last_failure_ms);
	tree_set_text(object, "why", live->presence.last_failure);
	return object;
}

/** As they are stored, the registry wrote them; without what is no setting. */
static json_t *
stored_settings(const struct platform *platform)
{
	json_t *object = platform->settings.len > 0 ? tree_read(platform->settings, NULL) : NULL;

	if (object == NULL)
		return tree_object();
	for (size_t i = 0; registry_notes[i] != NULL; i++)
		(void)json_object_del(object, registry_notes[i]);
	return object;
}

/** Of one that the operator suspended. */
static void
set_suspension(json_t *object, const struct platform *platform)
{
	json_t *suspension;

	if (platform->state != STATE_SUSPENDED || platform->removed)
		return;
	suspension = tree_object();
	tree_set_str(suspension, "reason", platform->suspension.reason);
	tree_set_time(suspension, "until", platform->suspension.until_ms);
	tree_set(object, "suspension", suspension);
}

/** How it is asked whether it lives. */
static json_t *
probe_tree(const struct hub *hub, const struct platform *platform)
{
	json_t *object = tree_object();
	struct hub_probe probe;

	hub_probe(hub, platform, &probe);
	tree_set_number(object, "count", (int64_t)probe.count);
	tree_set_time(object, "next", probe.next_ms);
	tree_set_bool(object, "under_way", probe.under_way);
	return object;
}

bool
pull_is_held(const struct platform *platform)
{
	const struct live_pull *pull = &platform->live->pull;

	return !platform->removed && pull->report.held[0] != '\0' && !pull->accepted;
}

/** What the last pull found; null: there was none. */
static json_t *
pull_tree(const struct platform *platform)
{
	const struct pull_report *report = &platform->live->pull.report;
	json_t *object;

	if (report->at_ms == 0)
		return json_null();
	object = tree_object();
	tree_set_time(object, "at", report->at_ms);
	tree_set_bool(object, "complete", report->complete);
	tree_set_bool(object, "full", report->full);
	tree_set_count(object, "seen", report->seen);
	tree_set_count(object, "shared", report->shared);
	tree_set_count(object, "unchanged", report->unchanged);
	tree_set_count(object, "invalid", report->invalid);
	tree_set_count(object, "foreign", report->foreign);
	tree_set_count(object, "withdrawn", report->withdrawn);
	tree_set_count(object, "fault_count", report->faults);
	tree_set_count(object, "pages", report->pages);
	tree_set_count(object, "bytes", report->bytes);
	tree_set_text(object, "why", report->why);
	tree_set_text(object, "held", report->held);
	tree_set_bool(object, "awaits_accept", pull_is_held(platform));
	tree_set_text(object, "first_invalid", report->first_invalid);
	tree_set_text(object, "first_foreign", report->first_foreign);
	return object;
}

static void
set_live(json_t *object, const struct platform *platform)
{
	const struct live *live = platform->live;

	tree_set_number(object, "failures", (int64_t)atomic_load(&live->failures));
	tree_set(object, "last_failure", platform_failure(live));
	tree_set(object, "pull", pull_tree(platform));
}

/** How it stands with the tokens. */
static void
set_tokens(json_t *object, const struct hub *hub, const struct platform *platform)
{
	const struct live_rotation *live = &platform->live->rotation;
	json_t *rotation = tree_object();
	struct hub_rotation now;

	hub_rotation(hub, platform, &now);
	tree_set_time(rotation, "token_made", now.made_ms);
	tree_set_number(rotation, "days", now.days);
	tree_set_time(rotation, "next", platform->token.p != NULL ? now.next_ms : 0);
	tree_set_bool(rotation, "overdue", now.overdue);
	tree_set_bool(rotation, "untold", now.untold);
	tree_set_bool(rotation, "under_way", live->under_way || live->elsewhere);
	tree_set_number(rotation, "failures", (int64_t)live->failures);
	tree_set_text(rotation, "why", live->failures > 0 ? live->last_failure : NULL);
	tree_set_time(rotation, "failed_at", live->last_failure_ms);
	tree_set_time(rotation, "again", now.retry_ms);
	tree_set(object, "rotation", rotation);
	if (live->farewell[0] != '\0')
		tree_set_text(object, "farewell", live->farewell);
}

/** Of one that did not register yet. */
static void
set_invite(json_t *object, const struct platform *platform)
{
	if (platform->state != STATE_PLANNED)
		return;
	tree_set_time(object, "invite_expires", platform->invite_until_ms);
	tree_set_bool(object, "invite_expired", platform_invite_expired(platform));
}

static void
set_rest(json_t *object, const struct hub *hub, const struct platform *platform)
{
	tree_set_str(object, "versions_url", platform->versions_url);
	tree_set_bool(object, "claims_bound", platform->claims_bound);
	tree_set_time(object, "created", platform->created_ms);
	tree_set_time(object, "updated", platform->updated_ms);
	tree_set(object, "settings", stored_settings(platform));
	tree_set_text(object, "validation", platform_validation(hub, platform));
	tree_set_text(object, "token_encoding", platform_encoding(platform));
	tree_set_bool(object, "raw_token_proven", atomic_load(&platform->live->plain_token));
	tree_set(object, "endpoints", endpoints_tree(platform));
	set_live(object, platform);
	set_tokens(object, hub, platform);
}

static int64_t
last_contact_ms(const struct platform *platform)
{
	int64_t heard_ms = live_heard_wall_ms(platform->live);

	return heard_ms > platform->last_contact_ms ? heard_ms : platform->last_contact_ms;
}

json_t *
platform_tree(const struct admin *admin, const struct platform *platform, bool whole)
{
	json_t *object = tree_object();

	tree_set_number(object, "id", platform->id);
	tree_set_str(object, "name", platform->name);
	tree_set_text(object, "status", platform_status(platform));
	tree_set_str(object, "version", platform->version);
	tree_set_time(object, "last_contact", last_contact_ms(platform));
	tree_set(object, "roles", platform_roles(platform));
	standing_set(object, admin->hub, platform);
	tree_set(object, "probe", probe_tree(admin->hub, platform));
	set_invite(object, platform);
	set_suspension(object, platform);
	if (platform->sandbox_of != 0)
		tree_set_number(object, "sandbox_of", platform->sandbox_of);
	if (whole) {
		set_rest(object, admin->hub, platform);
		tree_set(object, "audience", audience_tree(admin, platform));
	}
	return object;
}

/** What an operator can change of it. */
json_t *
platform_view(const struct inquiry *inquiry, int64_t id)
{
	const struct platform *platform =
	        id != 0 ? directory_platform(hub_directory(inquiry->admin->hub), id) : NULL;
	json_t *object, *parties;
	char party[OCPI_ID_TEXT];

	if (platform == NULL)
		return NULL;
	object = tree_object();
	parties = tree_list();
	for (size_t i = 0; i < platform->party_count; i++)
		tree_add(parties, tree_str(arena_printf(inquiry->arena, "%s %s",
		                          ocpi_id_key(&platform->parties[i].id, party),
		                          ocpi_role_name(platform->parties[i].role))));
	tree_set_str(object, "name", platform->name);
	tree_set_text(
	        object, "status", platform->removed ? "REMOVED" : state_name((int)platform->state));
	tree_set_str(object, "version", platform->version);
	tree_set_str(object, "versions_url", platform->versions_url);
	tree_set(object, "settings", stored_settings(platform));
	if (platform->suspension.reason.len > 0 || platform->suspension.until_ms != 0)
		set_suspension(object, platform);
	tree_set(object, "parties", parties);
	return object;
}

const struct platform *
platform_of(struct inquiry *inquiry)
{
	const struct directory *directory = hub_directory(inquiry->admin->hub);
	const struct platform *platform = directory_platform(directory, inquiry->id);
	struct fault fault;

	if (platform != NULL)
		return platform;
	(void)fault_set(&fault, RH_NOT_FOUND, "platform", "there is no platform %lld",
	        (long long)inquiry->id);
	inquiry_fail(inquiry, &fault);
	return NULL;
}

const struct platform *
platform_present(struct inquiry *inquiry)
{
	const struct platform *platform = platform_of(inquiry);
	struct fault fault;

	if (platform == NULL || !platform->removed)
		return platform;
	(void)fault_set(
	        &fault, RH_NOT_FOUND, "platform", "%lld was removed", (long long)inquiry->id);
	inquiry_fail(inquiry, &fault);
	return NULL;
}
