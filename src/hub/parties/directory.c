/* directory: who is connected, as one immutable block; built whole, swapped by pointer, freed when
 * no turn can see it.
 *
 * A pointer to it never outlives the loop turn that read it. The control thread replaces it and
 * keeps the old one until the turn counter of every worker has moved on (a worker that sleeps in
 * epoll reads the pointer anew when it wakes), so readers pay neither a lock nor a count. */
#include <stdlib.h>
#include <string.h>

#include "directory.h"
#include "registry.h"

struct token_entry {
	const struct platform *platform;
	enum store_token_kind kind;
	int64_t expires_ms;
};

static struct str
setting_text(const struct json_doc *doc, const char *key, struct arena *arena)
{
	return json_member_string(doc, 0, key, arena);
}

static int
mode_of(struct str text)
{
	if (str_is(text, "strict"))
		return VALIDATION_STRICT;
	if (str_is(text, "lenient"))
		return VALIDATION_LENIENT;
	return str_is(text, "off") ? VALIDATION_OFF : -1;
}

/* "validation.tokens": for one module. */
static void
build_module_validation(struct platform *platform, const struct json_doc *doc, struct arena *arena)
{
	struct module_validation *rows =
	        arena_alloc(arena, (doc->nodes[0].count + 1) * sizeof *rows);

	platform->validation_of = rows;
	for (uint32_t key = 1; key < doc->nodes[0].next; key = doc->nodes[key + 1].next) {
		struct str name = json_string(doc, key, arena);
		int mode = mode_of(json_string(doc, key + 1, arena));

		if (str_starts(name, "validation.") && mode >= 0)
			rows[platform->validation_count++] = (struct module_validation){
				str_from(name, sizeof "validation." - 1), mode
			};
	}
}

static void
build_settings(struct platform *platform, struct arena *arena)
{
	struct json_doc doc;

	platform->validation = -1;
	platform->pull_ms = -1;
	platform->encoding = ENCODING_AUTO;
	if (platform->settings.p == NULL ||
	        json_scan(platform->settings, 1000, arena, &doc, NULL) != RH_OK)
		return;
	struct str validation = setting_text(&doc, "validation", arena);
	struct str encoding = setting_text(&doc, "token_encoding", arena);
	struct str pull = setting_text(&doc, "pull", arena);
	uint64_t seconds;
	if (str_to_u64(pull, 10000000, &seconds))
		platform->pull_ms = (int64_t)seconds * 1000;
	platform->catch_up_skip = str_is(setting_text(&doc, "catch_up", arena), "skip");
	platform->initial_sync = str_is(setting_text(&doc, "initial_sync", arena), "push");
	platform->no_offline_authorize =
	        str_is(setting_text(&doc, "offline_authorize", arena), "off");
	platform->lists_want_to = str_is(setting_text(&doc, "lists_without_to", arena), "refuse");
	platform->errors_data = str_is(setting_text(&doc, "errors_detail", arena), "data");
	platform->validation = mode_of(validation);
	build_module_validation(platform, &doc, arena);
	if (str_is(encoding, "base64"))
		platform->encoding = ENCODING_BASE64;
	else if (str_is(encoding, "plain"))
		platform->encoding = ENCODING_PLAIN;
}

static void
add_host(struct platform *platform, struct str *hosts, struct str url, struct arena *arena)
{
	struct net_url parsed;

	if (url.p == NULL || net_url_parse(url, arena, &parsed, NULL) != RH_OK)
		return;
	if (!platform_owns_host(platform, parsed.host))
		hosts[platform->host_count++] = parsed.host;
}

static void
build_endpoints(struct platform *platform, const struct store_platform *row, struct arena *arena)
{
	struct endpoint *endpoints =
	        arena_alloc(arena, (row->endpoint_count + 1) * sizeof *endpoints);
	struct str *hosts = arena_alloc(arena, (row->endpoint_count + 1) * sizeof *hosts);
	struct net_url url;

	platform->endpoints = endpoints;
	platform->hosts = hosts;
	add_host(platform, hosts, platform->versions_url, arena);
	for (size_t i = 0; i < row->endpoint_count; i++) {
		const struct store_endpoint *from = &row->endpoints[i];
		struct endpoint *to = &endpoints[platform->endpoint_count];

		if (net_url_parse(from->url, arena, &url, NULL) != RH_OK)
			continue;
		to->module = arena_str(arena, from->module);
		to->interface = (enum ocpi_interface)from->interface;
		to->url = arena_str(arena, from->url);
		to->origin = url.origin;
		to->target = url.target;
		platform->endpoint_count++;
		add_host(platform, hosts, from->url, arena);
	}
}

static void
build_parties(
        struct directory *directory, struct platform *platform, const struct store_platform *row)
{
	struct party *parties =
	        arena_alloc(directory->arena, (row->party_count + 1) * sizeof *parties);
	char key[OCPI_ID_TEXT];

	platform->parties = parties;
	platform->party_count = row->party_count;
	for (size_t i = 0; i < row->party_count; i++) {
		const struct store_party *from = &row->parties[i];
		struct party *party = &parties[i];

		memcpy(party->id.country, from->country, sizeof party->id.country);
		memcpy(party->id.party, from->party, sizeof party->id.party);
		party->role = (enum ocpi_role)from->role;
		party->state = from->state;
		party->last_updated_ms = from->last_updated_ms;
		party->business = arena_str(directory->arena, from->business);
		party->platform = platform;
		struct str name = arena_str(directory->arena, str_of(ocpi_id_key(&party->id, key)));
		party->same = table_get(directory->parties, name);
		(void)table_put(directory->parties, name, party);
	}
}

static void
build_tokens(
        struct directory *directory, struct platform *platform, const struct store_platform *row)
{
	for (size_t i = 0; i < row->token_count; i++) {
		struct token_entry *entry = arena_alloc(directory->arena, sizeof *entry);
		char *digest = arena_take(directory->arena, RH_DIGEST_BYTES);

		memcpy(digest, row->tokens[i].digest, RH_DIGEST_BYTES);
		entry->platform = platform;
		entry->kind = row->tokens[i].kind;
		entry->expires_ms = row->tokens[i].expires_ms;
		if (entry->kind == TOKEN_PREVIOUS)
			platform->has_previous = true;
		(void)table_put(directory->tokens, (struct str){ digest, RH_DIGEST_BYTES }, entry);
	}
}

static void
build_platform(struct directory *directory, struct platform *platform, const struct record *record)
{
	struct arena *arena = directory->arena;
	const struct store_platform *row = &record->row;

	platform->id = row->id;
	platform->name = arena_str(arena, row->name);
	platform->state = row->state;
	platform->removed = row->removed;
	platform->claims_bound = row->claims_bound;
	platform->version = arena_str(arena, row->version);
	platform->versions_url = arena_str(arena, row->versions_url);
	platform->settings = arena_str(arena, row->settings);
	platform->created_ms = row->created_ms;
	platform->updated_ms = row->updated_ms;
	platform->last_contact_ms = row->last_contact_ms;
	platform->live = record->live;
	if (record->token.p != NULL) {
		platform->token = arena_str(arena, record->token);
		platform->auth_base64 = ocpi_authorization_write(platform->token, false, arena);
		platform->auth_plain = ocpi_authorization_write(platform->token, true, arena);
	}
	build_settings(platform, arena);
	build_endpoints(platform, row, arena);
	build_parties(directory, platform, row);
	build_tokens(directory, platform, row);
}

static void
build_agreements(struct directory *directory, const struct list *agreements)
{
	size_t count = 0;

	list_each (node, agreements)
		count++;
	directory->agreements =
	        arena_alloc(directory->arena, (count + 1) * sizeof *directory->agreements);
	list_each (node, agreements) {
		struct store_agreement *to = &directory->agreements[directory->agreement_count++];

		*to = container_of(node, struct agreement_record, node)->row;
		to->modules = arena_str(directory->arena, to->modules);
	}
}

struct directory *
directory_build(const struct list *records, const struct list *agreements)
{
	struct directory *directory = rh_alloc(sizeof *directory);
	size_t count = 0;

	list_each (node, records)
		count++;
	directory->arena = arena_new(4096);
	directory->platforms =
	        arena_alloc(directory->arena, (count + 1) * sizeof *directory->platforms);
	directory->tokens = table_new(count * 2);
	directory->parties = table_new(count * 2);
	list_each (node, records) {
		const struct record *record = container_of(node, struct record, node);
		build_platform(
		        directory, &directory->platforms[directory->platform_count++], record);
	}
	build_agreements(directory, agreements);
	return directory;
}

void
directory_free(struct directory *directory)
{
	if (directory == NULL)
		return;
	table_free(directory->tokens);
	table_free(directory->parties);
	arena_free(directory->arena);
	free(directory->retired_turns);
	free(directory);
}

const struct directory *
hub_directory(const struct hub *hub)
{
	return atomic_load_explicit(&hub->directory, memory_order_seq_cst);
}

void
directory_publish(struct hub *hub, struct directory *fresh)
{
	struct directory *old;

	fresh->generation = ++hub->registry->generations;
	old = (struct directory *)(uintptr_t)atomic_exchange_explicit(
	        &hub->directory, (const struct directory *)fresh, memory_order_seq_cst);

	if (old == NULL)
		return;
	old->retired_turns = rh_alloc((size_t)(hub->worker_count + 1) * sizeof *old->retired_turns);
	for (int i = 0; i < hub->worker_count; i++)
		old->retired_turns[i] = net_loop_turns(hub->workers[i].loop);
	old->retired_next = hub->registry->retired;
	hub->registry->retired = old;
}

static bool
unseen(const struct hub *hub, const struct directory *directory)
{
	for (int i = 0; i < hub->worker_count; i++) {
		uint64_t then = directory->retired_turns[i],
		         now = net_loop_turns(hub->workers[i].loop);

		if (then != UINT64_MAX && now != UINT64_MAX && now <= then)
			return false;
	}
	return true;
}

void
directory_reclaim(struct hub *hub, bool all)
{
	struct directory **at = &hub->registry->retired;

	while (*at != NULL) {
		struct directory *old = *at;

		if (all || unseen(hub, old)) {
			*at = old->retired_next;
			directory_free(old);
		} else {
			at = &old->retired_next;
		}
	}
}

size_t
directory_platforms(const struct directory *directory, const struct platform **first)
{
	*first = directory->platforms;
	return directory->platform_count;
}

size_t
directory_agreements(const struct directory *directory, const struct store_agreement **first)
{
	*first = directory->agreements;
	return directory->agreement_count;
}

const struct platform *
directory_platform(const struct directory *directory, int64_t id)
{
	size_t low = 0, high = directory->platform_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (directory->platforms[middle].id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < directory->platform_count && directory->platforms[low].id == id
	               ? &directory->platforms[low]
	               : NULL;
}

const struct platform *
directory_token(const struct directory *directory, const uint8_t digest[RH_DIGEST_BYTES],
        enum store_token_kind *kind)
{
	const struct token_entry *entry =
	        table_get(directory->tokens, (struct str){ (const char *)digest, RH_DIGEST_BYTES });

	if (entry == NULL || (entry->expires_ms != 0 && entry->expires_ms <= rh_wall_ms()))
		return NULL;
	*kind = entry->kind;
	return entry->platform;
}

const struct party *
directory_party(const struct directory *directory, const struct ocpi_id *id)
{
	char key[OCPI_ID_TEXT];

	return table_get(directory->parties, str_of(ocpi_id_key(id, key)));
}

const struct endpoint *
platform_endpoint(const struct platform *platform, struct str module, enum ocpi_interface interface)
{
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (platform->endpoints[i].interface == interface &&
		        str_eq(platform->endpoints[i].module, module))
			return &platform->endpoints[i];
	return NULL;
}

bool
platform_owns_host(const struct platform *platform, struct str host)
{
	for (size_t i = 0; i < platform->host_count; i++)
		if (str_eq(platform->hosts[i], host))
			return true;
	return false;
}

bool
platform_has_party(const struct platform *platform, const struct ocpi_id *id)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (ocpi_id_same(&platform->parties[i].id, id))
			return true;
	return false;
}

struct str
platform_authorization(const struct platform *platform)
{
	bool plain =
	        platform->encoding == ENCODING_PLAIN ||
	        (platform->encoding == ENCODING_AUTO && atomic_load(&platform->live->plain_token));

	return plain ? platform->auth_plain : platform->auth_base64;
}

enum store_state
platform_state(const struct platform *platform)
{
	if (platform->state != STATE_CONNECTED)
		return platform->state;
	return (enum store_state)atomic_load_explicit(&platform->live->state, memory_order_relaxed);
}

enum store_state
party_state(const struct party *party)
{
	if (party->state == STATE_SUSPENDED || party->state == STATE_PLANNED)
		return party->state;
	return platform_state(party->platform);
}

const char *
state_name(int state)
{
	static const char *const names[] = { "PLANNED", "CONNECTED", "OFFLINE", "SUSPENDED" };

	return state >= STATE_PLANNED && state <= STATE_SUSPENDED ? names[state] : "unknown";
}
