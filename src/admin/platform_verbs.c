/* platform_verbs: what the operator does to platforms: invite, connect, suspend, resume, remove,
 * set. Each is answered when the registry has committed it. */
#include <string.h>

#include "tally.h"

enum { MOST_CLAIMS = 500, MOST_NAME = 100, MOST_REASON = 200, MOST_DAYS = 3650 };

static bool
fits_a_line(struct str text, size_t most)
{
	bool fits = ocpi_characters(text) <= most;

	for (size_t i = 0; fits && i < text.len; i++)
		fits = (unsigned char)text.p[i] >= 0x20 && text.p[i] != 0x7f;
	return fits;
}

/** A name that fits on a line; absent when it does not, and the refusal is sent. */
static struct str
read_name(struct inquiry *inquiry)
{
	struct str name = str_trim(asked_member(inquiry, "name"));

	if (name.len > 0 && fits_a_line(name, MOST_NAME))
		return name;
	(void)inquiry_bad(inquiry, "name", "expected 1 to 100 characters on one line");
	return (struct str){ 0 };
}

/** From here on a completion of the registry is due. */
static struct hub *
begin(struct inquiry *inquiry, const char *action)
{
	inquiry->action = action;
	inquiry_wait(inquiry);
	return inquiry->admin->hub;
}

/* ---- completions ---- */

struct invite {
	int64_t expires_ms;
	bool sandbox;
	int64_t platform;
	struct str token;
};

static void
answer_invite(struct inquiry *inquiry)
{
	const struct invite *invite = inquiry->work;
	json_t *object = tree_object();

	tree_set_number(object, "platform", invite->platform);
	tree_set_str(object, "token", invite->token);
	tree_set_str(
	        object, "versions_url", hub_link(inquiry->admin->hub, "versions", inquiry->arena));
	tree_set_time(object, "expires", invite->expires_ms);
	if (invite->sandbox)
		tree_set_bool(object, "sandbox", true);
	inquiry_json(inquiry, 201, object);
}

static void
sandbox_set(
        void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct inquiry *inquiry = ctx;

	(void)token;
	if (inquiry_acted(inquiry, err, fault, "platform", platform))
		answer_invite(inquiry);
}

static void
invited(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	const struct str pair = STR("sandbox=auto");
	struct inquiry *inquiry = ctx;
	struct invite *invite = inquiry->work;

	if (!inquiry_acted(inquiry, err, fault, "platform", platform))
		return;
	invite->platform = platform;
	invite->token = arena_str(inquiry->arena, token);
	if (!invite->sandbox) {
		answer_invite(inquiry);
		return;
	}
	inquiry_wait(inquiry);
	registry_set(inquiry->admin->hub, platform, &pair, 1, sandbox_set, inquiry);
}

/** What was done to @id is committed. False: it was not, and that was said, or nobody is there. */
static bool
committed(struct inquiry *inquiry, enum rh_err err, const struct fault *fault, int64_t id,
        const struct platform **platform)
{
	if (!inquiry_acted(inquiry, err, fault, "platform", id))
		return false;
	*platform = directory_platform(hub_directory(inquiry->admin->hub), id);
	return true;
}

static void
connected(void *ctx, enum rh_err err, const struct fault *fault, int64_t id, struct str token)
{
	struct inquiry *inquiry = ctx;
	const struct platform *platform;
	struct fault told;
	json_t *object;

	(void)token;
	if (err != RH_OK && id != 0)
		(void)fault_set(&told, err, fault->field,
		        "%.320s; its steps: roamhubctl party handshake %lld", fault->why,
		        (long long)id);
	if (!committed(inquiry, err, err != RH_OK && id != 0 ? &told : fault, id, &platform))
		return;
	object = tree_object();
	tree_set_number(object, "platform", id);
	if (platform != NULL)
		tree_set(object, "roles", platform_roles(platform));
	inquiry_json(inquiry, 200, object);
}

/** What other processes count of it is not asked for: who changes something waits for nobody. */
static json_t *
whole_tree(const struct admin *admin, const struct platform *platform)
{
	json_t *object = platform_tree(admin, platform, true);
	CLEANUP(tree_drop) json_t *tally = tally_tree(admin, platform->live);

	tally_show(object, tally);
	return object;
}

static void
acted(void *ctx, enum rh_err err, const struct fault *fault, int64_t id, struct str token)
{
	struct inquiry *inquiry = ctx;
	const struct platform *platform;
	json_t *object;

	(void)token;
	if (!committed(inquiry, err, fault, id, &platform))
		return;
	object = platform != NULL ? whole_tree(inquiry->admin, platform) : tree_object();
	tree_set_number(object, "id", id);
	inquiry_json(inquiry, 200, object);
}

/* ---- invite ---- */

static bool
read_claim(struct str text, struct party_claim *claim)
{
	struct str role = text, id = str_cut(&role, ':');

	return role.p != NULL && ocpi_id_parse(id, &claim->id) &&
	       ocpi_role_parse(role, &claim->role) && claim->role != ROLE_NONE;
}

static bool
read_claims(struct inquiry *inquiry, struct party_claim **claims, size_t *count)
{
	const json_t *list = json_object_get(inquiry->body, "parties");

	*count = 0;
	*claims = NULL;
	if (list == NULL)
		return true;
	if (!json_is_array(list) || json_array_size(list) > MOST_CLAIMS)
		return false;
	*claims = arena_alloc(inquiry->arena, (json_array_size(list) + 1) * sizeof **claims);
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!read_claim(str_of(json_string_value(json_array_get(list, i))),
		            &(*claims)[(*count)++]))
			return false;
	return true;
}

/* For how many days it is good; 0: for ever. */
static bool
read_expiry(struct inquiry *inquiry, int64_t *expires_ms)
{
	const json_t *node = json_object_get(inquiry->body, "expires_days");
	int64_t days = node != NULL ? json_integer_value(node)
	                            : hub_settings(inquiry->admin->hub)->invite_days;
	struct invite *invite;

	if ((node != NULL && !json_is_integer(node)) || days < 0 || days > MOST_DAYS)
		return inquiry_bad(inquiry, "expires_days", "expected 0 (never) to %d", MOST_DAYS);
	*expires_ms = days == 0 ? 0 : rh_schedule_ms() + days * 24 * 3600 * 1000;
	inquiry->work = invite = arena_alloc(inquiry->arena, sizeof *invite);
	invite->expires_ms = *expires_ms;
	return asked_flag(inquiry, "sandbox", &invite->sandbox);
}

void
platforms_reinvite(struct inquiry *inquiry)
{
	int64_t expires_ms = 0;

	if (read_expiry(inquiry, &expires_ms))
		registry_reinvite(begin(inquiry, "invite replace"), inquiry->id, expires_ms,
		        invited, inquiry);
}

void
platforms_invite(struct inquiry *inquiry)
{
	struct str name = read_name(inquiry);
	int64_t expires_ms = 0;
	struct party_claim *claims;
	size_t count;

	if (name.p == NULL)
		return;
	if (!read_claims(inquiry, &claims, &count)) {
		(void)inquiry_bad(inquiry, "parties",
		        "expected a list of CC*PID:ROLE with a role of CPO, EMSP, HUB, NAP, NSP, "
		        "OTHER or "
		        "SCSP");
		return;
	}
	if (read_expiry(inquiry, &expires_ms))
		registry_invite(begin(inquiry, "invite"), name, claims, count, expires_ms, invited,
		        inquiry);
}

/* ---- connect ---- */

static bool
read_platform(struct inquiry *inquiry, int64_t *id)
{
	const json_t *node = json_object_get(inquiry->body, "platform");

	*id = json_integer_value(node);
	if (node == NULL || *id > 0)
		return true;
	(void)inquiry_bad(inquiry, "platform", "expected the id of a platform");
	return false;
}

void
platforms_connect(struct inquiry *inquiry)
{
	struct str url = asked_member(inquiry, "versions_url"),
	           token = asked_member(inquiry, "token");
	struct str name = { 0 };
	int64_t id;

	if (!read_platform(inquiry, &id))
		return;
	if (id == 0) {
		name = read_name(inquiry);
		if (name.p == NULL)
			return;
		if (url.len == 0 || token.len == 0) {
			(void)inquiry_bad(inquiry, url.len == 0 ? "versions_url" : "token",
			        "expected what the platform handed over");
			return;
		}
	}
	handshake_connect(begin(inquiry, "connect"), id, name, url, token, connected, inquiry);
}

/* ---- the others ---- */

static bool
read_suspension(struct inquiry *inquiry, struct suspension *suspension)
{
	struct str until;

	if (!asked_text(inquiry, "reason", &suspension->reason) ||
	        !asked_text(inquiry, "until", &until) ||
	        !asked_time(inquiry, "until", until, &suspension->until_ms))
		return false;
	suspension->reason = str_trim(suspension->reason);
	if (!fits_a_line(suspension->reason, MOST_REASON))
		return inquiry_bad(inquiry, "reason", "expected at most %d characters on one line",
		        MOST_REASON);
	if (until.p != NULL && suspension->until_ms <= rh_schedule_ms())
		return inquiry_bad(inquiry, "until", "expected a time to come");
	return true;
}

void
platforms_suspend(struct inquiry *inquiry)
{
	struct suspension suspension = { 0 };

	if (read_suspension(inquiry, &suspension))
		registry_suspend(
		        begin(inquiry, "suspend"), inquiry->id, &suspension, acted, inquiry);
}

void
platforms_resume(struct inquiry *inquiry)
{
	registry_resume(begin(inquiry, "resume"), inquiry->id, acted, inquiry);
}

void
platforms_remove(struct inquiry *inquiry)
{
	handshake_remove(begin(inquiry, "remove"), inquiry->id, acted, inquiry);
}

void
platforms_rotate(struct inquiry *inquiry)
{
	struct str none = { 0 };

	handshake_connect(begin(inquiry, "rotate"), inquiry->id, none, none, none, acted, inquiry);
}

void
platforms_set(struct inquiry *inquiry)
{
	size_t count = 0;
	struct str *pairs =
	        arena_alloc(inquiry->arena, (json_object_size(inquiry->body) + 1) * sizeof *pairs);
	const char *key;
	json_t *value;

	json_object_foreach(inquiry->body, key, value)
	{
		if (!json_is_string(value)) {
			(void)inquiry_bad(inquiry, "settings", "expected each value as a string");
			return;
		}
		pairs[count++] =
		        arena_printf(inquiry->arena, "%s=%s", key, json_string_value(value));
	}
	if (count == 0) {
		(void)inquiry_bad(inquiry, "settings", "expected at least one KEY and VALUE");
		return;
	}
	registry_set(begin(inquiry, "set"), inquiry->id, pairs, count, acted, inquiry);
}
