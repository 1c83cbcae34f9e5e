/* suspension_row: what suspending and resuming does to the row of a platform. */
#include "changes.h"

#include "settings.h"
#include "suspension.h"

static void
note(struct record *record, const struct suspension *suspension)
{
	struct str until = { 0 };

	if (suspension->until_ms != 0)
		until = arena_printf(record->arena, "%lld", (long long)suspension->until_ms);
	settings_note(record, STR(SUSPENSION_REASON), suspension->reason);
	settings_note(record, STR(SUSPENSION_UNTIL), until);
}

/* Of one that is suspended already the last word holds, on the reason and on the end. */
enum rh_err
change_suspend(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)fault;
	note(record, &change->suspension);
	if (record->row.state == STATE_SUSPENDED)
		return RH_OK;
	record_touch_parties(record, rh_wall_ms());
	record->row.state = STATE_SUSPENDED;
	return RH_OK;
}

enum rh_err
change_resume(struct registry_change *change, struct record *record, struct fault *fault)
{
	(void)change;
	if (record->row.state != STATE_SUSPENDED)
		return fault_set(fault, RH_BAD_FIELD, "platform", "is not suspended");
	note(record, &(struct suspension){ 0 });
	record->row.state = record->token.p != NULL ? STATE_CONNECTED : STATE_PLANNED;
	record_revive_all(record);
	record_touch_parties(record, rh_wall_ms());
	return RH_OK;
}

/* The operator may have given it another end while this waited its turn. */
enum rh_err
change_lift(struct registry_change *change, struct record *record, struct fault *fault)
{
	struct platform as_stored = { .settings = record->row.settings };

	settings_parse(&as_stored, record->arena);
	if (!suspension_is_over(record->row.state, &as_stored.suspension))
		return fault_set(fault, RH_BAD_FIELD, "platform", "is not suspended any more");
	return change_resume(change, record, fault);
}
