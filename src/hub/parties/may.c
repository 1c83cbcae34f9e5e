/* may: who may send what to whom, and who is shown what. */
#include "may.h"

#include <assert.h>

static const struct {
	const char *text;
	enum rh_err err;
} reasons[MAY_REASONS] = {
	[MAY_YES] = { "it may", RH_OK },
	[MAY_NOT_HOME] = { "one of the two is a sandbox of another platform, which this one does "
	                   "not meet",
	        RH_UNKNOWN_PARTY },
	[MAY_NOT_SENDER_ROLE] = { "the role of the sender does not call this interface",
	        RH_BAD_FIELD },
	[MAY_NOT_SENDER_STATE] = { "the sending party was withdrawn, is suspended or was never "
	                           "registered: nobody speaks for it",
	        RH_BAD_FIELD },
	[MAY_NOT_ITSELF] = { "it is the sending party itself", RH_UNKNOWN_PARTY },
	[MAY_NOT_RECEIVER_ROLE] = { "parties of these two roles do not communicate",
	        RH_UNKNOWN_PARTY },
	[MAY_NOT_AGREED] = { "no agreement names the two, and routing.default is closed",
	        RH_RECEIVER_GONE },
	[MAY_NOT_COVERED] = { "no agreement of the two covers the module", RH_RECEIVER_GONE },
	[MAY_NOT_YET] = { "the agreement of the two is not in force yet", RH_RECEIVER_GONE },
	[MAY_NOT_ANY_MORE] = { "the agreement of the two is over", RH_RECEIVER_GONE },
	[MAY_NOT_RECEIVER_STATE] = { "only a CONNECTED party gets messages", RH_RECEIVER_GONE },
	[MAY_NOT_ENDPOINT] = { "the receiver has no endpoint for this module and interface",
	        RH_NO_ENDPOINT },
};

const char *
may_reason_text(enum may_reason reason)
{
	assert((unsigned)reason < MAY_REASONS);
	return reasons[reason].text;
}

enum rh_err
may_error(enum may_reason reason)
{
	assert((unsigned)reason < MAY_REASONS);
	return reasons[reason].err;
}

/* ---- roles ---- */

static bool
on_cpo_side(enum ocpi_role role)
{
	return role == ROLE_CPO || role == ROLE_HUB;
}

static bool
on_emsp_side(enum ocpi_role role)
{
	return role != ROLE_CPO && role != ROLE_NONE;
}

static bool
cpo_calls(const struct ocpi_module *module, enum ocpi_interface interface)
{
	return (module->owner == ROLE_CPO) == (interface == IFACE_RECEIVER);
}

bool
may_call(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface)
{
	return cpo_calls(module, interface) ? on_cpo_side(role) : on_emsp_side(role);
}

bool
may_be_called(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface)
{
	return cpo_calls(module, interface) ? on_emsp_side(role) : on_cpo_side(role);
}

/* CHP-014: between an SCSP and an eMSP the eMSP stands where the CPO does otherwise. */
static bool
emsp_stands_in(const struct ocpi_module *module, enum ocpi_role role)
{
	return role == ROLE_EMSP && module->owner != ROLE_EMSP;
}

/* Towards one party, or towards whoever the content leads to. */
static bool
may_call_somebody(const struct may_question *question, bool to_scsp)
{
	return may_call(question->from.role, question->module, question->interface) ||
	       (to_scsp && emsp_stands_in(question->module, question->from.role));
}

/* HCI-016: roles that communicate at all. */
static bool
meet(enum ocpi_role a, enum ocpi_role b)
{
	if (a == ROLE_NONE || b == ROLE_NONE)
		return false;
	if (a == ROLE_HUB || b == ROLE_HUB)
		return true;
	if ((a == ROLE_CPO) != (b == ROLE_CPO))
		return true;
	return (a == ROLE_SCSP && b == ROLE_EMSP) || (a == ROLE_EMSP && b == ROLE_SCSP);
}

/* RTE-035, RTE-036: what CPOs own goes to everybody on the other side, what others own goes to
 * CPOs alone; other hubs get it by configuration only, and there is none for it. */
static bool
takes_shares(enum ocpi_role role, const struct ocpi_module *module)
{
	if (role == ROLE_HUB || role == ROLE_NONE)
		return false;
	return (module->owner == ROLE_CPO) != (role == ROLE_CPO);
}

static bool
sender_role_fits(const struct may_question *question)
{
	const struct ocpi_module *module = question->module;
	enum ocpi_role role = question->from.role;

	switch (question->direction) {
	case MAY_FORWARD:
		return may_call_somebody(question, question->to.role == ROLE_SCSP);
	case MAY_CALL:
		return may_call_somebody(question, true);
	case MAY_SHARE:
	case MAY_GET:
		return may_call(role, module, IFACE_RECEIVER);
	case MAY_LIST:
		return may_call(role, module, question->interface);
	default:
		return role != ROLE_NONE;
	}
}

static bool
receiver_role_fits(const struct may_question *question)
{
	switch (question->direction) {
	case MAY_GET:
		return takes_shares(question->to.role, question->module);
	case MAY_FORWARD:
	case MAY_SEE:
		return meet(question->from.role, question->to.role);
	default:
		return true;
	}
}

/* RTE-027: the same party on another platform is somebody else. */
static bool
is_itself(const struct may_question *question)
{
	switch (question->direction) {
	case MAY_FORWARD:
		return question->same_platform && question->same_id;
	case MAY_GET: /* RTE-037 */
		return question->same_id;
	case MAY_SEE:
		return question->same_platform;
	default:
		return false;
	}
}

/* ---- states ---- */

/* What was shared before its owner left is still true. */
static bool
sender_state_fits(const struct may_question *question)
{
	enum store_state state = question->from.state;

	return question->direction == MAY_GET || state == STATE_CONNECTED || state == STATE_OFFLINE;
}

static bool
receiver_state_fits(const struct may_question *question)
{
	enum store_state state = question->to.state;

	switch (question->direction) {
	case MAY_FORWARD:
		return state == STATE_CONNECTED;
	case MAY_GET: /* what is owed waits for who is OFFLINE */
		return state == STATE_CONNECTED || state == STATE_OFFLINE;
	default:
		return true;
	}
}

/* ---- sandboxes ---- */

bool
may_meet(const struct may_home *a, const struct may_home *b)
{
	if (a->platform == b->platform || (a->sandbox_of == 0 && b->sandbox_of == 0))
		return true;
	if (a->sandbox_of != 0 && b->sandbox_of != 0)
		return false;
	return a->sandbox_of == b->platform || b->sandbox_of == a->platform;
}

static bool
is_about_sandbox(const struct may_question *question)
{
	return question->from_home.sandbox_of != 0 || question->to_home.sandbox_of != 0;
}

/* ---- agreements ---- */

static bool
covers_module(const struct store_agreement *agreement, const struct ocpi_module *module)
{
	struct str left = agreement->modules;

	if (module == NULL || left.p == NULL || left.len == 0)
		return true;
	while (left.p != NULL)
		if (str_is(str_trim(str_cut(&left, ',')), module->id))
			return true;
	return false;
}

static enum may_reason
judge_agreement(const struct store_agreement *agreement, const struct may_question *question)
{
	if (!covers_module(agreement, question->module))
		return MAY_NOT_COVERED;
	if (agreement->from_ms != 0 && question->now_ms < agreement->from_ms)
		return MAY_NOT_YET;
	if (agreement->until_ms != 0 && question->now_ms >= agreement->until_ms)
		return MAY_NOT_ANY_MORE;
	return MAY_YES;
}

/* Of several the one that says yes, else the one that comes closest, else the older one: the order
 * of rows decides nothing. */
static bool
closer(enum may_reason reason, const struct store_agreement *agreement,
        const struct may_answer *best)
{
	if (best->by == NULL)
		return true;
	if (reason == best->reason)
		return agreement->id < best->by->id;
	return reason == MAY_YES || (best->reason != MAY_YES && reason > best->reason);
}

struct may_answer
may_by_agreement(const struct may_question *question)
{
	struct may_answer best = { question->open ? MAY_YES : MAY_NOT_AGREED, NULL };

	if (is_about_sandbox(question))
		return (struct may_answer){
			may_meet(&question->from_home, &question->to_home) ? MAY_YES : MAY_NOT_HOME,
			NULL, true
		};
	/* once two agreed on something, that holds, whatever the default is */
	for (size_t i = 0; i < question->agreement_count; i++) {
		const struct store_agreement *agreement = question->agreements[i];
		enum may_reason reason = judge_agreement(agreement, question);

		if (closer(reason, agreement, &best))
			best = (struct may_answer){ reason, agreement };
	}
	return best;
}

/* ---- all together ---- */

static bool
has_two_sides(enum may_direction direction)
{
	return direction != MAY_CALL && direction != MAY_SHARE;
}

struct may_answer
may(const struct may_question *question)
{
	struct may_answer answer = { MAY_YES, NULL };

	assert(question->module != NULL || question->direction == MAY_SEE);
	/* first of all, so that a stranger is told what it is told of a party that is not there */
	if (has_two_sides(question->direction) &&
	        !may_meet(&question->from_home, &question->to_home))
		return (struct may_answer){ MAY_NOT_HOME, NULL, true };
	if (!sender_role_fits(question))
		return (struct may_answer){ MAY_NOT_SENDER_ROLE, NULL };
	if (!sender_state_fits(question))
		return (struct may_answer){ MAY_NOT_SENDER_STATE, NULL };
	if (!has_two_sides(question->direction) ||
	        (question->direction == MAY_LIST && question->same_id))
		return answer;
	if (is_itself(question))
		return (struct may_answer){ MAY_NOT_ITSELF, NULL };
	if (!receiver_role_fits(question))
		return (struct may_answer){ MAY_NOT_RECEIVER_ROLE, NULL };
	answer = may_by_agreement(question);
	if (answer.reason != MAY_YES)
		return answer;
	if (!receiver_state_fits(question))
		answer.reason = MAY_NOT_RECEIVER_STATE;
	else if ((question->direction == MAY_FORWARD || question->direction == MAY_GET) &&
	         !question->to.endpoint)
		answer.reason = MAY_NOT_ENDPOINT;
	return answer;
}
