/* transfer: registrations leave the hub and come into it as one document. */
#include <string.h>

#include "inside.h"

#include "roamhub/transfer.h"

/* The audit has who asked and what became of it; the document is no business of a row. */
json_t *
transfer_view(const struct inquiry *inquiry, int64_t id)
{
	(void)inquiry, (void)id;
	return NULL;
}

/* False: it is none, and that was said. *@key NULL: none was given. */
static bool
read_key(struct inquiry *inquiry, const uint8_t **key)
{
	struct str text, bytes;

	*key = NULL;
	if (!asked_text(inquiry, "key", &text))
		return false;
	if (text.p == NULL)
		return true;
	if (!rh_unbase64(text, inquiry->arena, &bytes) || bytes.len != RH_KEY_BYTES)
		return inquiry_bad(inquiry, "key", "expected %d bytes in Base64", RH_KEY_BYTES);
	*key = (const uint8_t *)bytes.p;
	return true;
}

/* ---- out ---- */

/* Chosen in the file or on the command line. Where a secret is, is a path of this machine's. */
static json_t *
chosen_settings(const struct admin_conf *conf)
{
	CLEANUP(tree_drop) json_t *all = conf->show_config(conf->ctx);
	json_t *chosen = tree_object(), *row;
	size_t at;

	json_array_foreach(all, at, row)
	{
		const char *key = json_string_value(json_object_get(row, "key"));

		if (!str_is(tree_get_str(row, "origin"), "default"))
			tree_set(chosen, key, json_incref(json_object_get(row, "value")));
	}
	return chosen;
}

void
transfer_out(struct inquiry *inquiry)
{
	struct transfer_seal seal = { .how = json_object_get(inquiry->body, "how") };

	if (!read_key(inquiry, &seal.key))
		return;
	inquiry_json(inquiry, 200,
	        transfer_export(
	                inquiry->admin->hub, &seal, chosen_settings(&inquiry->admin->conf)));
}

/* ---- in ---- */

/* Settings are the file's: what differs is told. */
static json_t *
compare_settings(const struct inquiry *inquiry)
{
	CLEANUP(tree_drop) json_t *here = chosen_settings(&inquiry->admin->conf);
	json_t *there = json_object_get(json_object_get(inquiry->body, "document"), "settings");
	json_t *list = tree_list(), *value;
	const char *key;

	json_object_foreach(there, key, value)
	{
		json_t *mine = json_object_get(here, key), *object;

		if (mine != NULL && json_equal(mine, value))
			continue;
		object = tree_object();
		tree_set_text(object, "key", key);
		tree_set(object, "there", json_incref(value));
		tree_set(object, "here", mine != NULL ? json_incref(mine) : json_null());
		tree_add(list, object);
	}
	return list;
}

static void
imported(void *ctx, enum rh_err err, const struct fault *fault, const json_t *report)
{
	struct inquiry *inquiry = ctx;
	int64_t changes = json_integer_value(json_object_get(report, "changes"));
	json_t *answer;

	if (!inquiry_acted(inquiry, err, fault, "changes", changes))
		return;
	answer = json_deep_copy(report);
	tree_set(answer, "setting_differences", compare_settings(inquiry));
	inquiry_json(inquiry, 200, answer);
}

void
transfer_in(struct inquiry *inquiry)
{
	struct transfer_import import = { .document = json_object_get(inquiry->body, "document") };

	if (!read_key(inquiry, &import.key) || !asked_flag(inquiry, "dry_run", &import.dry_run))
		return;
	if (!json_is_object(import.document)) {
		(void)inquiry_bad(inquiry, "document", "expected what export made");
		return;
	}
	if (json_object_get(inquiry->body, "dry_run") == NULL)
		import.dry_run = true;
	inquiry->action = "import";
	inquiry_wait(inquiry);
	transfer_import(inquiry->admin->hub, &import, imported, inquiry);
}
