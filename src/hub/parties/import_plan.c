/* import_plan: what a document of registrations has and the registry has not.
 *
 * A platform is one that is here when they accept the same token, or share a party and the versions
 * URL. Its connection is then the newer one here, and only what the operator set is taken over. A
 * party of the document that another platform has here leaves nobody to be right: refused. */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "agreed.h"
#include "foreign.h"
#include "import.h"
#include "record.h"

#include <stdio.h>
#include <string.h>

/* ---- who is here ---- */

struct holder { /* of a party */
	const struct record *record;
	struct holder *next; /* in the order of the registry */
};
struct holders {
	struct holder *first, *last;
};
struct import_here {
	struct table *tokens;  /* digest -> const struct record * */
	struct table *parties; /* "DE*ABC" -> struct holders *, without those that were dropped */
	struct table *ids;     /* that are taken, as bytes */
	int64_t highest;       /* of them, and of those in the document */
};

static struct str
party_key(const struct store_party *party, struct arena *arena)
{
	return arena_upper(arena, arena_printf(arena, "%s*%s", party->country, party->party));
}

static void
take_id(struct import *import, int64_t id)
{
	struct import_here *here = import->here;
	struct str key = { (const char *)&id, sizeof id };

	(void)table_put(here->ids, arena_str(import->arena, key), here);
	if (id > here->highest)
		here->highest = id;
}

static void
index_party(struct import *import, const struct record *record, const struct store_party *party)
{
	struct import_here *here = import->here;
	struct str key = party_key(party, import->arena);
	struct holders *holders = table_get(here->parties, key);
	struct holder *holder = arena_alloc(import->arena, sizeof *holder);

	holder->record = record;
	if (holders == NULL) {
		holders = arena_alloc(import->arena, sizeof *holders);
		(void)table_put(here->parties, key, holders);
		holders->first = holder;
	} else {
		holders->last->next = holder;
	}
	holders->last = holder;
}

static void
index_record(struct import *import, const struct record *record)
{
	const struct store_platform *row = &record->row;

	take_id(import, row->id);
	for (size_t i = 0; !row->removed && i < row->token_count; i++) {
		struct str digest = { (const char *)row->tokens[i].digest, RH_DIGEST_BYTES };

		if (table_get(import->here->tokens, digest) == NULL)
			(void)table_put(import->here->tokens, digest, (void *)(uintptr_t)record);
	}
	for (size_t i = 0; !row->removed && i < row->party_count; i++)
		if (row->parties[i].state != STATE_SUSPENDED)
			index_party(import, record, &row->parties[i]);
}

static void
index_all(struct import *import)
{
	struct import_here *here = arena_alloc(import->arena, sizeof *here);

	import->here = here;
	here->tokens = table_new(1024);
	here->parties = table_new(1024);
	here->ids = table_new(1024);
	list_each (node, &import->hub->registry->records)
		index_record(import, container_of(node, struct record, node));
	for (size_t i = 0; i < import->platform_count; i++)
		if (import->platforms[i].was > here->highest)
			here->highest = import->platforms[i].was;
}

static void
index_free(struct import *import)
{
	table_free(import->here->tokens);
	table_free(import->here->parties);
	table_free(import->here->ids);
	import->here = NULL;
}

static const struct holder *
holders_of(const struct import *import, const struct store_party *party)
{
	const struct holders *holders =
	        table_get(import->here->parties, party_key(party, import->arena));

	return holders != NULL ? holders->first : NULL;
}

/* ---- is it here? ---- */

static const struct record *
find_by_url(const struct import *import, const struct store_platform *row)
{
	for (size_t i = 0; row->versions_url.p != NULL && i < row->party_count; i++)
		for (const struct holder *at = holders_of(import, &row->parties[i]); at != NULL;
		        at = at->next)
			if (str_eq(row->versions_url, at->record->row.versions_url))
				return at->record;
	return NULL;
}

static const struct record *
find_same(const struct import *import, const struct store_platform *row)
{
	for (size_t i = 0; i < row->token_count; i++) {
		struct str digest = { (const char *)row->tokens[i].digest, RH_DIGEST_BYTES };
		const struct record *record = table_get(import->here->tokens, digest);

		if (record != NULL)
			return record;
	}
	return find_by_url(import, row);
}

/* Whoever else has one of its parties here; claims of an invite that is not bound hold nothing. */
static const struct record *
find_rival(const struct import *import, const struct import_platform *platform,
        const struct record *same, size_t *party)
{
	const struct store_platform *row = &platform->row;

	for (*party = 0; *party < row->party_count; ++*party) {
		const struct holder *at = row->parties[*party].state != STATE_SUSPENDED
		                                  ? holders_of(import, &row->parties[*party])
		                                  : NULL;

		for (; at != NULL; at = at->next)
			if (at->record != same && at->record->row.state != STATE_PLANNED)
				return at->record;
	}
	return NULL;
}

/* ---- ids ---- */

/* The one that it had, or the next. */
static int64_t
choose_id(struct import *import, size_t at)
{
	int64_t id = import->platforms[at].was;
	struct str key = { (const char *)&id, sizeof id };

	if (table_get(import->here->ids, key) != NULL)
		id = import->here->highest + 1;
	take_id(import, id);
	return id;
}

/* ---- the report ---- */

static void
report_platform(
        const struct import *import, const struct import_platform *platform, const char *change)
{
	json_t *object = tree_object(), *parties = tree_list();

	for (size_t i = 0; i < platform->row.party_count; i++) {
		const struct store_party *party = &platform->row.parties[i];
		char text[OCPI_ID_TEXT];

		(void)snprintf(text, sizeof text, "%s*%s", party->country, party->party);
		tree_add(parties, tree_text(text));
	}
	tree_set_number(object, "platform", platform->row.id);
	tree_set_number(object, "was", platform->was);
	tree_set_str(object, "name", platform->row.name);
	tree_set(object, "parties", parties);
	tree_set_text(object, "status", state_name((int)platform->row.state));
	tree_set_text(object, "action", change);
	tree_add(json_object_get(import->report, "platforms"), object);
}

/* null: all of them */
static json_t *
modules_tree(struct str modules)
{
	json_t *list;

	if (modules.len == 0)
		return json_null();
	list = tree_list();
	while (modules.p != NULL)
		tree_add(list, tree_str(str_cut(&modules, ',')));
	return list;
}

static void
report_agreement(const struct import *import, const struct store_agreement *row, bool made)
{
	json_t *object = tree_object();
	char text[OCPI_ID_TEXT];

	(void)snprintf(text, sizeof text, "%s*%s", row->cpo_country, row->cpo_party);
	tree_set_text(object, "cpo", text);
	(void)snprintf(text, sizeof text, "%s*%s", row->emsp_country, row->emsp_party);
	tree_set_text(object, "emsp", text);
	tree_set(object, "modules", modules_tree(row->modules));
	tree_set_text(object, "action", made ? "new" : "none");
	tree_add(json_object_get(import->report, "agreements"), object);
}

/* ---- the plan ---- */

static bool
same_settings(struct str a, struct str b)
{
	CLEANUP(tree_drop) json_t *one = tree_read_any(a.len > 0 ? a : STR("{}"));
	CLEANUP(tree_drop) json_t *other = tree_read_any(b.len > 0 ? b : STR("{}"));

	return json_equal(one, other);
}

static void
merge(struct import_platform *platform, const struct record *record)
{
	struct str settings = platform->row.settings;

	platform->row = record->row;
	platform->changed = !same_settings(settings, record->row.settings);
	if (!platform->changed)
		return;
	platform->row.settings = settings;
	platform->row.updated_ms = rh_wall_ms();
}

static enum rh_err
plan_platform(struct import *import, size_t at, struct fault *fault)
{
	struct import_platform *platform = &import->platforms[at];
	const struct record *same, *rival;
	char field[96];
	size_t party;

	platform->row = platform->document;
	platform->changed = false;
	same = find_same(import, &platform->row);
	rival = find_rival(import, platform, same, &party);
	if (rival != NULL) {
		(void)snprintf(
		        field, sizeof field, "platforms[%zu].parties[%zu].party_id", at, party);
		return fault_set(fault, RH_BAD_FIELD, field,
		        "%s*%s is a party of platform %lld (%.*s) here, which is another one",
		        platform->row.parties[party].country, platform->row.parties[party].party,
		        (long long)rival->row.id, STR_ARG(rival->row.name));
	}
	platform->made = same == NULL;
	if (same != NULL)
		merge(platform, same);
	else
		platform->row.id = choose_id(import, at);
	report_platform(import, platform,
	        platform->made      ? "new"
	        : platform->changed ? "settings"
	                            : "none");
	return RH_OK;
}

static bool
is_agreed(const struct import *import, const struct store_agreement *row)
{
	list_each (node, &import->hub->registry->agreements)
		if (agreement_same(&container_of(node, struct agreement_record, node)->row, row))
			return true;
	return false;
}

/* What is written is what differs. */
static void
collect(struct import *import, struct store_agreement *agreements, size_t agreement_count)
{
	struct store_platform *rows =
	        arena_alloc(import->arena, (import->platform_count + 1) * sizeof *rows);
	size_t count = 0;

	for (size_t i = 0; i < import->platform_count; i++)
		if (import->platforms[i].made || import->platforms[i].changed)
			rows[count++] = import->platforms[i].row;
	import->rows.platforms = rows;
	import->rows.platform_count = count;
	import->rows.agreements = agreements;
	import->rows.agreement_count = agreement_count;
	tree_set_count(import->report, "changes", count + agreement_count);
}

static void
plan_agreements(struct import *import)
{
	struct store_agreement *made =
	        arena_alloc(import->arena, (import->agreement_count + 1) * sizeof *made);
	size_t count = 0;

	for (size_t i = 0; i < import->agreement_count; i++) {
		const struct store_agreement *row = &import->agreements[i];
		bool is_new = !is_agreed(import, row);

		report_agreement(import, row, is_new);
		if (is_new)
			made[count++] = *row;
	}
	collect(import, made, count);
}

static enum rh_err
plan_keys(struct import *import, struct fault *fault)
{
	const struct hub *hub = import->hub;
	bool room = true;
	size_t before = hub->registry->foreign.count;

	import->foreign = hub->registry->foreign;
	for (size_t i = 0; room && i < import->digests.count; i++)
		room = rh_same_bytes(import->digests.keys[i], hub->digest_key, RH_KEY_BYTES) ||
		       foreign_add(&import->foreign, import->digests.keys[i]);
	if (!room)
		return fault_set(fault, RH_BAD_FIELD, "seal",
		        "this hub has platforms of %d others already", MOST_FOREIGN);
	if (import->foreign.count == before)
		return RH_OK;
	import->rows.meta_key = STR(FOREIGN_KEY);
	import->rows.meta_value = foreign_seal(hub, &import->foreign, import->arena);
	return RH_OK;
}

static enum rh_err
plan_all(struct import *import, struct fault *fault)
{
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < import->platform_count; i++)
		err = plan_platform(import, i, fault);
	if (err != RH_OK)
		return err;
	plan_agreements(import);
	return plan_keys(import, fault);
}

enum rh_err
import_plan(struct import *import, struct fault *fault)
{
	enum rh_err err;

	tree_drop(&import->report);
	import->rows = (struct store_import_args){ 0 };
	import->report = tree_object();
	tree_set(import->report, "platforms", tree_list());
	tree_set(import->report, "agreements", tree_list());
	tree_set_bool(import->report, "dry_run", import->dry_run);
	index_all(import);
	err = plan_all(import, fault);
	index_free(import);
	return err;
}
