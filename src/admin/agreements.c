/* agreements: who may roam with whom, as the operator writes it down, reads it and takes it back.
 */
#include <stdio.h>
#include <string.h>

#include "inside.h"

/* ---- as JSON ---- */

/** "in force", "later" or "over" */
static const char *
status_of(const struct store_agreement *agreement)
{
	int64_t now_ms = rh_wall_ms();

	if (agreement->until_ms != 0 && now_ms >= agreement->until_ms)
		return "over";
	return agreement->from_ms != 0 && now_ms < agreement->from_ms ? "later" : "in force";
}

static json_t *
party_text(const char *country, const char *party)
{
	char text[OCPI_ID_TEXT];

	(void)snprintf(text, sizeof text, "%s*%s", country, party);
	return tree_text(text);
}

static json_t *
modules_tree(struct str modules)
{
	struct str left = modules;
	json_t *list;

	if (modules.len == 0)
		return json_null();
	list = tree_list();
	while (left.p != NULL)
		tree_add(list, tree_str(str_cut(&left, ',')));
	return list;
}

static json_t *
agreement_tree(const struct store_agreement *agreement)
{
	json_t *object = tree_object();

	tree_set_number(object, "agreement", agreement->id);
	tree_set(object, "cpo", party_text(agreement->cpo_country, agreement->cpo_party));
	tree_set(object, "emsp", party_text(agreement->emsp_country, agreement->emsp_party));
	tree_set(object, "modules", modules_tree(agreement->modules));
	tree_set_time(object, "from", agreement->from_ms);
	tree_set_time(object, "until", agreement->until_ms);
	tree_set_text(object, "status", status_of(agreement));
	return object;
}

static bool
listed(struct str modules, struct str name)
{
	struct str left = modules;

	while (left.p != NULL)
		if (str_eq(str_cut(&left, ','), name))
			return true;
	return false;
}

/* As agreements count for both directions, whoever stands on which side. */
static bool
names(const struct store_agreement *agreement, const struct ocpi_id *one,
        const struct ocpi_id *other)
{
	struct ocpi_id cpo, emsp;

	memcpy(cpo.country, agreement->cpo_country, sizeof cpo.country);
	memcpy(cpo.party, agreement->cpo_party, sizeof cpo.party);
	memcpy(emsp.country, agreement->emsp_country, sizeof emsp.country);
	memcpy(emsp.party, agreement->emsp_party, sizeof emsp.party);
	return (ocpi_id_same(&cpo, one) && ocpi_id_same(&emsp, other)) ||
	       (ocpi_id_same(&cpo, other) && ocpi_id_same(&emsp, one));
}

static bool
covers(const struct store_agreement *agreement, struct str module, int64_t at_ms)
{
	return at_ms >= agreement->from_ms &&
	       (agreement->until_ms == 0 || at_ms < agreement->until_ms) &&
	       (agreement->modules.len == 0 || listed(agreement->modules, module));
}

json_t *
agreements_between(const struct inquiry *inquiry, const struct ocpi_id *cpo,
        const struct ocpi_id *emsp, struct str module, int64_t at_ms)
{
	const struct store_agreement *rows;
	size_t count = directory_agreements(hub_directory(inquiry->admin->hub), &rows);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++) {
		json_t *row;

		if (!names(&rows[i], cpo, emsp))
			continue;
		row = agreement_tree(&rows[i]);
		tree_set_bool(row, "was_in_force", covers(&rows[i], module, at_ms));
		tree_add(list, row);
	}
	return list;
}

static const struct store_agreement *
find(const struct inquiry *inquiry, int64_t id)
{
	const struct store_agreement *rows;
	size_t count = directory_agreements(hub_directory(inquiry->admin->hub), &rows);

	for (size_t i = 0; i < count; i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

json_t *
agreement_view(const struct inquiry *inquiry, int64_t id)
{
	const struct store_agreement *agreement = id != 0 ? find(inquiry, id) : NULL;

	return agreement != NULL ? agreement_tree(agreement) : NULL;
}

void
agreements_list(struct inquiry *inquiry)
{
	const struct store_agreement *rows;
	size_t count = directory_agreements(hub_directory(inquiry->admin->hub), &rows);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_add(list, agreement_tree(&rows[i]));
	inquiry_json(inquiry, 200, list);
}

/* ---- what was asked ---- */

static bool
read_party(struct inquiry *inquiry, const char *name, char country[3], char party[4])
{
	struct ocpi_id id;

	if (!asked_party(inquiry, name, asked_member(inquiry, name), &id))
		return false;
	memcpy(country, id.country, sizeof id.country);
	memcpy(party, id.party, sizeof id.party);
	return true;
}

static bool
read_time(struct inquiry *inquiry, const char *name, int64_t *out_ms)
{
	struct str text;

	return asked_text(inquiry, name, &text) && asked_time(inquiry, name, text, out_ms);
}

static bool
unknown_module(struct inquiry *inquiry, struct str name)
{
	const struct ocpi_module *const *module = hub_modules(inquiry->admin->hub);
	struct buf why = { .arena = inquiry->arena };

	buf_printf(&why, "'%.*s' is no module, expected some of",
	        (int)(name.len > 40 ? 40 : name.len), name.p);
	for (size_t i = 0; module[i] != NULL; i++)
		buf_printf(&why, "%s %s", i > 0 ? "," : "", module[i]->id);
	return inquiry_bad(inquiry, "modules", "%s", why.p);
}

static bool
read_modules(struct inquiry *inquiry, struct str *out)
{
	struct buf modules = { .arena = inquiry->arena };
	struct str left;

	if (!asked_text(inquiry, "modules", &left))
		return false;
	while (left.p != NULL) {
		struct str name = str_trim(str_cut(&left, ','));

		if (ocpi_module_find(hub_modules(inquiry->admin->hub), name) == NULL)
			return unknown_module(inquiry, name);
		if (!listed(buf_str(&modules), name))
			buf_printf(&modules, "%s%.*s", modules.len > 0 ? "," : "", STR_ARG(name));
	}
	*out = buf_str(&modules);
	return true;
}

static bool
check_new(struct inquiry *inquiry, const struct store_agreement *fresh)
{
	const struct store_agreement *rows;
	size_t count = directory_agreements(hub_directory(inquiry->admin->hub), &rows);

	if (str_ieq(str_of(fresh->cpo_country), str_of(fresh->emsp_country)) &&
	        str_ieq(str_of(fresh->cpo_party), str_of(fresh->emsp_party)))
		return inquiry_bad(inquiry, "emsp", "is the cpo itself, expected another party");
	if (fresh->from_ms != 0 && fresh->until_ms != 0 && fresh->until_ms <= fresh->from_ms)
		return inquiry_bad(inquiry, "until", "is not after from");
	for (size_t i = 0; i < count; i++) {
		if (!agreement_same(&rows[i], fresh))
			continue;
		inquiry_refuse(inquiry, 409,
		        arena_printf(inquiry->arena, "agreement %lld says the same already",
		                (long long)rows[i].id)
		                .p);
		return false;
	}
	return true;
}

/* ---- changes ---- */

static void
added(void *ctx, enum rh_err err, const struct fault *fault, int64_t id, struct str token)
{
	struct inquiry *inquiry = ctx;
	const struct store_agreement *agreement;

	(void)token;
	if (!inquiry_acted(inquiry, err, fault, "agreement", id))
		return;
	agreement = find(inquiry, id);
	if (agreement != NULL)
		inquiry_json(inquiry, 201, agreement_tree(agreement));
	else
		inquiry_refuse(inquiry, 409, "it was removed meanwhile");
}

void
agreements_add(struct inquiry *inquiry)
{
	struct store_agreement fresh = { 0 };

	if (!read_party(inquiry, "cpo", fresh.cpo_country, fresh.cpo_party) ||
	        !read_party(inquiry, "emsp", fresh.emsp_country, fresh.emsp_party) ||
	        !read_modules(inquiry, &fresh.modules) ||
	        !read_time(inquiry, "from", &fresh.from_ms) ||
	        !read_time(inquiry, "until", &fresh.until_ms) || !check_new(inquiry, &fresh))
		return;
	inquiry->action = "agreement add";
	inquiry_wait(inquiry);
	agreement_add(inquiry->admin->hub, &fresh, added, inquiry);
}

/* The answer was made while the agreement was still there. */
static void
removed(void *ctx, enum rh_err err, const struct fault *fault, int64_t id, struct str token)
{
	struct inquiry *inquiry = ctx;

	(void)token;
	if (inquiry_acted(inquiry, err, fault, "agreement", id))
		inquiry_json(inquiry, 200, json_incref(inquiry->answer));
}

void
agreements_remove(struct inquiry *inquiry)
{
	const struct store_agreement *agreement = find(inquiry, inquiry->id);
	struct fault fault;

	if (agreement == NULL) {
		(void)fault_set(&fault, RH_NOT_FOUND, "agreement", "there is no agreement %lld",
		        (long long)inquiry->id);
		inquiry_fail(inquiry, &fault);
		return;
	}
	inquiry->answer = agreement_tree(agreement);
	inquiry->action = "agreement remove";
	inquiry_wait(inquiry);
	agreement_remove(inquiry->admin->hub, inquiry->id, removed, inquiry);
}
