/* export: who is registered, as a document that tells nobody a token.
 *
 * What partners present is in it as the digests that the database has, which tell nothing without
 * the hub's key; what the hub presents to them is sealed with a key that is made for the document.
 * These keys stand in it, sealed with a key of the operator's or with the hub's (docs/adr/0034). */
#include "roamhub/tree.h" /* before what includes ocpi.h */

#include "directory.h"
#include "import.h"
#include "record.h"

#include <stdio.h>
#include <string.h>

struct sealing {
	const struct hub *hub;
	struct arena *arena;
	uint8_t key[RH_KEY_BYTES]; /* of the tokens in the document */
};

const char *
export_token_kind(int kind)
{
	static const char *const kinds[] = { "A", "pending", "current", "previous" };

	return kind >= TOKEN_A && kind <= TOKEN_PREVIOUS ? kinds[kind] : NULL;
}

void
export_mac(const json_t *document, const uint8_t seal_key[RH_KEY_BYTES], char mac[EXPORT_MAC_BYTES])
{
	struct arena *arena = arena_new(65536);
	struct buf text = { .arena = arena };
	/* of the whole a copy that is not deep: it may be large */
	json_t *bare = json_copy((json_t *)(uintptr_t)document);
	json_t *seal = json_copy(json_object_get(document, "seal"));
	uint8_t digest[RH_DIGEST_BYTES];

	(void)json_object_del(seal, "mac");
	tree_set(bare, "seal", seal);
	buf_add(&text, STR(EXPORT_FORMAT " "));
	tree_print(bare, &text);
	rh_digest(seal_key, buf_str(&text), digest);
	for (size_t i = 0; i < sizeof digest; i++)
		(void)snprintf(mac + 2 * i, 3, "%02x", digest[i]);
	tree_drop(&bare);
	arena_free(arena);
}

/* ---- one platform ---- */

/* What is kept as JSON; null when there is none. */
static json_t *
kept_tree(struct str text)
{
	json_t *tree = text.len > 0 ? tree_read_any(text) : NULL;

	return tree != NULL ? tree : json_null();
}

static json_t *
parties_tree(const struct store_platform *row)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < row->party_count; i++) {
		const struct store_party *party = &row->parties[i];
		json_t *object = tree_object();

		tree_set_text(object, "country_code", party->country);
		tree_set_text(object, "party_id", party->party);
		tree_set_text(object, "role", ocpi_role_name((enum ocpi_role)party->role));
		tree_set_text(object, "status", state_name((int)party->state));
		tree_set_time(object, "last_updated", party->last_updated_ms);
		tree_set(object, "business_details", kept_tree(party->business));
		tree_add(list, object);
	}
	return list;
}

static json_t *
endpoints_tree(const struct store_platform *row)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < row->endpoint_count; i++) {
		const struct store_endpoint *endpoint = &row->endpoints[i];
		json_t *object = tree_object();

		tree_set_str(object, "module", endpoint->module);
		tree_set_text(object, "interface",
		        ocpi_interface_name((enum ocpi_interface)endpoint->interface));
		tree_set_str(object, "url", endpoint->url);
		tree_add(list, object);
	}
	return list;
}

static json_t *
accepted_tree(const struct store_platform *row, struct arena *arena)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < row->token_count; i++) {
		const struct store_token *token = &row->tokens[i];
		struct str digest = { (const char *)token->digest, RH_DIGEST_BYTES };
		json_t *object = tree_object();

		tree_set_text(object, "kind", export_token_kind((int)token->kind));
		tree_set_str(object, "digest", rh_base64(digest, arena));
		tree_set_time(object, "expires", token->expires_ms);
		tree_set_time(object, "made", token->made_ms);
		tree_add(list, object);
	}
	return list;
}

static json_t *
platform_export(const struct sealing *sealing, const struct record *record)
{
	const struct store_platform *row = &record->row;
	json_t *object = tree_object();

	tree_set_number(object, "id", row->id);
	tree_set_str(object, "name", row->name);
	tree_set_text(object, "status", state_name((int)row->state));
	tree_set_str(object, "version", row->version);
	tree_set_str(object, "versions_url", row->versions_url);
	tree_set_time(object, "created", row->created_ms);
	tree_set_time(object, "updated", row->updated_ms);
	tree_set_time(object, "last_contact", row->last_contact_ms);
	tree_set_bool(object, "claims_bound", row->claims_bound);
	tree_set_str(object, "told", row->told);
	tree_set(object, "settings", kept_tree(row->settings));
	tree_set(object, "parties", parties_tree(row));
	tree_set(object, "endpoints", endpoints_tree(row));
	tree_set_str(object, "sends",
	        record->token.p == NULL
	                ? (struct str){ 0 }
	                : rh_base64(rh_seal(sealing->key, record->token, sealing->arena),
	                          sealing->arena));
	tree_set(object, "accepts", accepted_tree(row, sealing->arena));
	return object;
}

/* A sandbox is this hub's own, and begun anew by the other one. */
static bool
is_exported(const struct hub *hub, const struct store_platform *row)
{
	const struct platform *known = directory_platform(hub_directory(hub), row->id);

	return !row->removed && !row->damaged && (known == NULL || known->sandbox_of == 0);
}

static json_t *
platforms_export(const struct sealing *sealing)
{
	json_t *list = tree_list();

	list_each (node, &sealing->hub->registry->records) {
		const struct record *record = container_of(node, struct record, node);

		if (is_exported(sealing->hub, &record->row))
			tree_add(list, platform_export(sealing, record));
	}
	return list;
}

/* ---- agreements ---- */

static json_t *
agreements_export(const struct hub *hub)
{
	const struct store_agreement *rows;
	size_t count = directory_agreements(hub_directory(hub), &rows);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++) {
		json_t *object = tree_object();
		char text[OCPI_ID_TEXT];

		(void)snprintf(text, sizeof text, "%s*%s", rows[i].cpo_country, rows[i].cpo_party);
		tree_set_text(object, "cpo", text);
		(void)snprintf(
		        text, sizeof text, "%s*%s", rows[i].emsp_country, rows[i].emsp_party);
		tree_set_text(object, "emsp", text);
		tree_set_str(object, "modules",
		        rows[i].modules.len > 0 ? rows[i].modules : (struct str){ 0 });
		tree_set_time(object, "from", rows[i].from_ms);
		tree_set_time(object, "until", rows[i].until_ms);
		tree_add(list, object);
	}
	return list;
}

/* ---- the whole ---- */

/* What opens the document: the key of its tokens, and those under which it has digests. */
static struct str
seal_keys(const struct sealing *sealing, const uint8_t *key)
{
	const struct hub *hub = sealing->hub;
	const struct digest_keys *foreign = &hub->registry->foreign;
	struct buf keys = { .arena = sealing->arena };

	buf_add(&keys, (struct str){ (const char *)sealing->key, RH_KEY_BYTES });
	buf_add(&keys, (struct str){ (const char *)hub->digest_key, RH_KEY_BYTES });
	buf_add(&keys, (struct str){ (const char *)foreign->keys, foreign->count * RH_KEY_BYTES });
	return rh_base64(rh_seal(key != NULL ? key : hub->seal_key, buf_str(&keys), sealing->arena),
	        sealing->arena);
}

static json_t *
seal_tree(const struct sealing *sealing, const struct transfer_seal *seal)
{
	json_t *object = tree_object();

	tree_set_text(object, "by", seal->key != NULL ? "passphrase" : "key file");
	if (seal->how != NULL)
		tree_set(object, "how", json_deep_copy(seal->how));
	tree_set_str(object, "keys", seal_keys(sealing, seal->key));
	return object;
}

json_t *
transfer_export(const struct hub *hub, const struct transfer_seal *seal, json_t *settings)
{
	struct sealing sealing = { .hub = hub, .arena = arena_new(4096) };
	json_t *object = tree_object(), *about = tree_object(), *sealed;
	char mac[EXPORT_MAC_BYTES];

	rh_random(sealing.key, sizeof sealing.key);
	sealed = seal_tree(&sealing, seal);
	tree_set_text(object, "format", EXPORT_FORMAT);
	tree_set_number(object, "version", EXPORT_VERSION);
	tree_set_time(object, "made", rh_wall_ms());
	tree_set_str(about, "versions_url", hub_link(hub, "versions", sealing.arena));
	tree_set(object, "hub", about);
	tree_set(object, "seal", sealed);
	tree_set(object, "platforms", platforms_export(&sealing));
	tree_set(object, "agreements", agreements_export(hub));
	tree_set(object, "settings", settings);
	export_mac(object, sealing.key, mac);
	tree_set_text(sealed, "mac", mac);
	rh_wipe(sealing.key, sizeof sealing.key);
	arena_free(sealing.arena);
	return object;
}
