/* erase: what is kept of one driver's token goes, on command. What is written down of it says whose
 * token that was and a mark that only this hub can make of its uid, and not the uid. */
#include "inside.h"

#include "roamhub/erasure.h"

struct erasure {
	struct inquiry *inquiry;
	struct hub_erasure what;
};

/* ---- the answer ---- */

static json_t *
erased_tree(const struct erasure *erasure)
{
	const struct hub_erasure *what = &erasure->what;
	json_t *object = tree_object();
	char party[OCPI_ID_TEXT];

	tree_set_text(object, "party", ocpi_id_key(&what->owner, party));
	tree_set_str(object, "mark", erase_mark(erasure->inquiry, &what->owner, what->uid));
	tree_set_bool(object, "dry_run", what->dry_run);
	tree_set_count(object, "token_copies", what->tokens);
	tree_set_count(object, "owed", what->owed);
	tree_set_count(object, "sessions", what->sessions);
	tree_set_count(object, "cdrs", what->cdrs);
	tree_set_count(object, "legs", what->legs);
	tree_set_count(object, "remembered", what->remembered);
	tree_set_count(object, "damaged", what->damaged);
	return object;
}

static void
erased(void *ctx, enum rh_err err, const struct fault *fault)
{
	struct erasure *erasure = ctx;
	struct inquiry *inquiry = erasure->inquiry;

	if (inquiry_acted(inquiry, err, fault, "cdrs", (int64_t)erasure->what.cdrs))
		inquiry_json(inquiry, 200, erased_tree(erasure));
}

void
tokens_erase(struct inquiry *inquiry)
{
	struct erasure *erasure = arena_alloc(inquiry->arena, sizeof *erasure);
	struct hub_erasure *what = &erasure->what;

	erasure->inquiry = inquiry;
	if (!asked_flag(inquiry, "dry_run", &what->dry_run))
		return;
	if (!erase_token(inquiry, &what->owner, &what->uid)) {
		(void)inquiry_bad(
		        inquiry, "token", "expected CC*PID/UID, for example NL*XYZ/012345");
		return;
	}
	inquiry->action = what->dry_run ? "erase token --dry-run" : "erase token";
	inquiry_wait(inquiry);
	hub_erase(inquiry->admin->hub, what, erased, erasure);
}
