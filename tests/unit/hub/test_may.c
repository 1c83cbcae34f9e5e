/* test_may: who may send what to whom, as tables over all seven roles, modules, interfaces,
 * directions, states, agreements and both defaults. fault M1, fault M2, RTE-035, RTE-036, LOC-003,
 * TOK-003, SES-005, TAR-003, CHP-014, HCI-016. */
#include "../../../src/hub/parties/may.h"
#include "../ocpi/helper.h"

enum { ROLES = 7 };
static const char *const role_names[ROLES + 1] = { "none", "CPO", "EMSP", "HUB", "NAP", "NSP",
	"OTHER", "SCSP" };
static const char *const direction_names[MAY_DIRECTIONS] = { "call", "forward", "share", "get",
	"list", "see" };

/* ---- roles: a row for each sender, a column for each receiver, both in the order of the names
 * ---- */

enum { CPOS, EMSPS, NOBODYS, OWNERS };

static int
owner_row(const struct ocpi_module *module)
{
	return module->owner == ROLE_CPO ? CPOS : module->owner == ROLE_EMSP ? EMSPS : NOBODYS;
}

/* who calls an interface of whoever it is meant for, by one letter a role */
static const char *const calls[OWNERS][2] = {
	/* Sender, Receiver */
	[CPOS] = { ".yyyyyy", "yyy...." },
	[EMSPS] = { "y.y....", ".yyyyyy" },
	[NOBODYS] = { "yyy....", ".yyyyyy" },
};
/* whose role lists it for itself: without the eMSP that stands in for a CPO (CHP-014) */
static const char *const lists[OWNERS][2] = {
	[CPOS] = { ".yyyyyy", "y.y...." },
	[EMSPS] = { "y.y....", ".yyyyyy" },
	[NOBODYS] = { "y.y....", ".yyyyyy" },
};
static const char *const shares[OWNERS] = {
	[CPOS] = "y.y....", [EMSPS] = ".yyyyyy", [NOBODYS] = ".yyyyyy"
};

#define CPO_SIDE_CALLS(emsp)                                                           \
	{                                                                              \
		".yyyyyy", emsp, "yyyyyyy", ".......", ".......", ".......", "......." \
	}
#define EMSP_SIDE_CALLS                                                                     \
	{                                                                                   \
		".......", "y.y...y", "yyyyyyy", "y.y....", "y.y....", "y.y....", "yyy...." \
	}
static const char *const forwards[OWNERS][2][ROLES] = {
	[CPOS] = { EMSP_SIDE_CALLS, CPO_SIDE_CALLS("......y") },
	[EMSPS] = { CPO_SIDE_CALLS("......."), EMSP_SIDE_CALLS },
	[NOBODYS] = { CPO_SIDE_CALLS("......y"), EMSP_SIDE_CALLS },
};
#define TO_CPOS_ALONE                                                                       \
	{                                                                                   \
		".......", "y......", "y......", "y......", "y......", "y......", "y......" \
	}
static const char *const gets[OWNERS][ROLES] = {
	[CPOS] = { ".y.yyyy", ".......", ".y.yyyy", ".......", ".......", ".......", "......." },
	[EMSPS] = TO_CPOS_ALONE,
	[NOBODYS] = TO_CPOS_ALONE,
};
static const char *const sees[ROLES] = { ".yyyyyy", "y.y...y", "yyyyyyy", "y.y....", "y.y....",
	"y.y....", "yyy...." };

static bool
roles_fit(const struct may_question *question)
{
	int owner = owner_row(question->module), receiver = question->interface == IFACE_RECEIVER;
	size_t from = (size_t)question->from.role - 1, to = (size_t)question->to.role - 1;

	switch (question->direction) {
	case MAY_CALL:
		return calls[owner][receiver][from] == 'y';
	case MAY_FORWARD:
		return forwards[owner][receiver][from][to] == 'y';
	case MAY_SHARE:
		return shares[owner][from] == 'y';
	case MAY_GET:
		return gets[owner][from][to] == 'y';
	case MAY_LIST:
		return lists[owner][receiver][from] == 'y';
	default:
		return sees[from][to] == 'y';
	}
}

/* ---- states: in the order PLANNED, CONNECTED, OFFLINE, SUSPENDED ---- */

static const struct {
	const char *from, *to;
	bool endpoint, two;
} states[MAY_DIRECTIONS] = {
	[MAY_CALL] = { ".yy.", "yyyy", false, false },
	[MAY_FORWARD] = { ".yy.", ".y..", true, true },
	[MAY_SHARE] = { ".yy.", "yyyy", false, false },
	[MAY_GET] = { "yyyy", ".yy.", true, true },
	[MAY_LIST] = { ".yy.", "yyyy", false, true },
	[MAY_SEE] = { ".yy.", "yyyy", false, true },
};

/* ---- agreements ---- */

enum { NOW_MS = 1000000 };
#define OTHER_MODULE "nothing,else"
#define EVERY_MODULE "cdrs, chargingprofiles,commands,locations,sessions,tariffs,tokens"
static const struct terms {
	const char *name;
	size_t count;
	struct {
		const char *modules; /* NULL: all */
		int64_t from_ms, until_ms;
	} rows[2];
	enum may_reason reason; /* MAY_YES with `none`: as the default says */
} terms[] = {
	{ "none", 0, { { 0 } }, MAY_YES },
	{ "covers all", 1, { { NULL, 0, 0 } }, MAY_YES },
	{ "covers by name", 1, { { EVERY_MODULE, 0, 0 } }, MAY_YES },
	{ "covers another module", 1, { { OTHER_MODULE, 0, 0 } }, MAY_NOT_COVERED },
	{ "not yet", 1, { { NULL, NOW_MS + 1, 0 } }, MAY_NOT_YET },
	{ "from now on", 1, { { NULL, NOW_MS, 0 } }, MAY_YES },
	{ "over", 1, { { NULL, 0, NOW_MS } }, MAY_NOT_ANY_MORE },
	{ "the last moment", 1, { { NULL, 0, NOW_MS + 1 } }, MAY_YES },
	{ "another module, then all", 2, { { OTHER_MODULE, 0, 0 }, { NULL, 0, 0 } }, MAY_YES },
	{ "all, then another module", 2, { { NULL, 0, 0 }, { OTHER_MODULE, 0, 0 } }, MAY_YES },
	{ "over, then another module", 2, { { NULL, 0, NOW_MS }, { OTHER_MODULE, 0, 0 } },
	        MAY_NOT_ANY_MORE },
	{ "another module, then over", 2, { { OTHER_MODULE, 0, 0 }, { NULL, 0, NOW_MS } },
	        MAY_NOT_ANY_MORE },
};

static void
make_rows(const struct terms *row, struct store_agreement *agreements)
{
	for (size_t i = 0; i < row->count; i++) {
		agreements[i] = (struct store_agreement){
			.id = (int64_t)i + 7,
			.from_ms = row->rows[i].from_ms,
			.until_ms = row->rows[i].until_ms,
		};
		if (row->rows[i].modules != NULL)
			agreements[i].modules = str_of(row->rows[i].modules);
	}
}

/* ---- all of it ---- */

static bool
has_state(const char *row, enum store_state state)
{
	return row[state - STATE_PLANNED] == 'y';
}

static enum may_reason
agreed(const struct may_question *question, const struct terms *row)
{
	/* hubclientinfo is of no module: an agreement about any of them will do */
	if (question->module == NULL && row->reason == MAY_NOT_COVERED)
		return MAY_YES;
	if (row->count == 0)
		return question->open ? MAY_YES : MAY_NOT_AGREED;
	return row->reason;
}

static bool
wanted(const struct may_question *question, const struct terms *row)
{
	enum may_direction direction = question->direction;

	if (!roles_fit(question) || !has_state(states[direction].from, question->from.state))
		return false;
	if (!states[direction].two)
		return true;
	return has_state(states[direction].to, question->to.state) &&
	       agreed(question, row) == MAY_YES &&
	       (!states[direction].endpoint || question->to.endpoint);
}

static size_t cells;

static void
check_cell(const struct may_question *question, const struct terms *row)
{
	struct may_answer answer = may(question);

	cells++;
	if ((answer.reason == MAY_YES) == wanted(question, row))
		return;
	ck_abort_msg("%s: %s (state %d) -> %s (state %d), %s %s, agreement: %s, routing %s, "
	             "endpoint %d: got \"%s\"",
	        direction_names[question->direction], role_names[question->from.role],
	        (int)question->from.state, role_names[question->to.role], (int)question->to.state,
	        question->module != NULL ? question->module->id : "any module",
	        ocpi_interface_name(question->interface), row->name,
	        question->open ? "open" : "closed", question->to.endpoint,
	        may_reason_text(answer.reason));
}

/* For two roles and one call: each state of both, endpoint or none, each agreement, both defaults.
 */
static void
check_pair(struct may_question *question)
{
	struct store_agreement agreements[2];
	const struct store_agreement *rows[2] = { &agreements[0], &agreements[1] };

	question->agreements = rows;
	question->now_ms = NOW_MS;
	for (size_t i = 0; i < COUNT(terms); i++) {
		make_rows(&terms[i], agreements);
		question->agreement_count = terms[i].count;
		for (int mix = 0; mix < 4 * 4 * 2 * 2; mix++) {
			question->from.state = (enum store_state)(STATE_PLANNED + mix % 4);
			question->to.state = (enum store_state)(STATE_PLANNED + mix / 4 % 4);
			question->to.endpoint = mix / 16 % 2 != 0;
			question->open = mix / 32 != 0;
			check_cell(question, &terms[i]);
		}
	}
}

static void
check_roles(enum may_direction direction, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	struct may_question question = { direction, module, interface };

	for (int from = 1; from <= ROLES; from++)
		for (int to = 1; to <= ROLES; to++) {
			question.from.role = (enum ocpi_role)from;
			question.to.role = (enum ocpi_role)to;
			check_pair(&question);
		}
}

START_TEST(test_M2_who_may_what_over_all_roles_modules_states_and_agreements)
{
	cells = 0;
	for (int direction = 0; direction < MAY_DIRECTIONS; direction++)
		for (size_t i = 0; ocpi_modules[i] != NULL; i++) {
			check_roles((enum may_direction)direction, ocpi_modules[i], IFACE_SENDER);
			check_roles((enum may_direction)direction, ocpi_modules[i], IFACE_RECEIVER);
		}
	/* directions, modules, interfaces, roles, agreements, states, endpoint, default */
	ck_assert_uint_eq(cells, 6UL * 7 * 2 * 49 * COUNT(terms) * 16 * 2 * 2);
}
END_TEST

/* ---- why not: the reason that the partner and the operator are told ---- */

static const struct ocpi_module *
module(const char *id)
{
	return ocpi_module_find(ocpi_modules, str_of(id));
}

START_TEST(test_the_reason_names_what_is_in_the_way)
{
	static const struct {
		enum may_direction direction;
		const char *module;
		enum ocpi_interface interface;
		enum ocpi_role from;
		enum store_state from_state;
		enum ocpi_role to;
		enum store_state to_state;
		bool endpoint, same_platform, same_id, open;
		enum may_reason reason;
		int ocpi;
	} rows[] = {
		/* fault M2 */
		{ MAY_SHARE, "locations", IFACE_RECEIVER, ROLE_EMSP, STATE_CONNECTED, 0, 0, 0, 0, 0,
		        1, MAY_NOT_SENDER_ROLE, 2001 },
		{ MAY_SHARE, "tokens", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, 0, 0, 0, 0, 0, 1,
		        MAY_NOT_SENDER_ROLE, 2001 },
		{ MAY_SHARE, "tariffs", IFACE_RECEIVER, ROLE_OTHER, STATE_CONNECTED, 0, 0, 0, 0, 0,
		        1, MAY_NOT_SENDER_ROLE, 2001 },
		/* fault M1: a party that its platform dropped */
		{ MAY_SHARE, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_SUSPENDED, 0, 0, 0, 0, 0,
		        1, MAY_NOT_SENDER_STATE, 2001 },
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_SUSPENDED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 0, 0, 1, MAY_NOT_SENDER_STATE, 2001 },
		{ MAY_GET, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_SUSPENDED, 1, 0, 0, 1, MAY_NOT_RECEIVER_STATE, 4003 },
		{ MAY_SEE, NULL, IFACE_NONE, ROLE_CPO, STATE_SUSPENDED, ROLE_EMSP, STATE_CONNECTED,
		        0, 0, 0, 1, MAY_NOT_SENDER_STATE, 2001 },
		/* who it is */
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 1, 1, 1, MAY_NOT_ITSELF, 4001 },
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 0, 1, 1, MAY_YES, 1000 },
		{ MAY_GET, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 0, 1, 1, MAY_NOT_ITSELF, 4001 },
		{ MAY_SEE, NULL, IFACE_NONE, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP, STATE_CONNECTED,
		        0, 1, 0, 1, MAY_NOT_ITSELF, 4001 },
		{ MAY_LIST, "locations", IFACE_SENDER, ROLE_EMSP, STATE_CONNECTED, ROLE_CPO,
		        STATE_CONNECTED, 0, 1, 1, 0, MAY_YES, 1000 },
		/* the receiver */
		{ MAY_SEE, NULL, IFACE_NONE, ROLE_CPO, STATE_CONNECTED, ROLE_NONE, STATE_CONNECTED,
		        0, 0, 0, 1, MAY_NOT_RECEIVER_ROLE, 4001 },
		{ MAY_FORWARD, "locations", IFACE_SENDER, ROLE_EMSP, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 0, 0, 1, MAY_NOT_RECEIVER_ROLE, 4001 },
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 1, 0, 0, 0, MAY_NOT_AGREED, 4003 },
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_OFFLINE, 1, 0, 0, 1, MAY_NOT_RECEIVER_STATE, 4003 },
		{ MAY_FORWARD, "locations", IFACE_RECEIVER, ROLE_CPO, STATE_CONNECTED, ROLE_EMSP,
		        STATE_CONNECTED, 0, 0, 0, 1, MAY_NOT_ENDPOINT, 4000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct may_question question = { rows[i].direction,
			rows[i].module != NULL ? module(rows[i].module) : NULL, rows[i].interface,
			{ rows[i].from, rows[i].from_state, false },
			{ rows[i].to, rows[i].to_state, rows[i].endpoint }, rows[i].same_platform,
			rows[i].same_id, NULL, 0, rows[i].open, NOW_MS };
		struct may_answer answer = may(&question);

		ck_assert_msg(answer.reason == rows[i].reason, "row %zu: %s", i,
		        may_reason_text(answer.reason));
		ck_assert_int_eq(rh_err_info(may_error(answer.reason))->ocpi, rows[i].ocpi);
		ck_assert_ptr_null(answer.by);
	}
}
END_TEST

START_TEST(test_of_several_agreements_the_one_that_decides_is_named)
{
	struct store_agreement over = { .id = 3, .until_ms = 1 },
	                       other = { .id = 1, .modules = STR("tokens") },
	                       later = { .id = 9, .from_ms = NOW_MS + 1 }, good = { .id = 5 };
	const struct store_agreement *rows[] = { &over, &other, &later, &good };
	struct may_question question = { .direction = MAY_FORWARD,
		.module = module("locations"),
		.agreements = rows,
		.now_ms = NOW_MS };
	struct {
		size_t count;
		enum may_reason reason;
		int64_t by;
	} const steps[] = { { 1, MAY_NOT_ANY_MORE, 3 }, { 2, MAY_NOT_ANY_MORE, 3 },
		{ 3, MAY_NOT_ANY_MORE, 3 }, { 4, MAY_YES, 5 } };

	for (size_t i = 0; i < COUNT(steps); i++) {
		question.agreement_count = steps[i].count;
		ck_assert_int_eq(may_by_agreement(&question).reason, steps[i].reason);
		ck_assert_int_eq(may_by_agreement(&question).by->id, steps[i].by);
	}
	question.module = NULL; /* of any module */
	question.agreement_count = 2;
	ck_assert_int_eq(may_by_agreement(&question).by->id, 1);
	ck_assert_int_eq(may_by_agreement(&question).reason, MAY_YES);
}
END_TEST

START_TEST(test_no_list_of_modules_is_all_and_the_first_moment_counts)
{
	struct store_agreement row = { .id = 1, .modules = { "", 0 }, .from_ms = 1 };
	const struct store_agreement *rows[] = { &row };
	struct may_question question = { .direction = MAY_FORWARD,
		.module = module("locations"),
		.agreements = rows,
		.agreement_count = 1 };

	ck_assert_int_eq(may_by_agreement(&question).reason, MAY_NOT_YET);
	question.now_ms = 1;
	ck_assert_int_eq(may_by_agreement(&question).reason, MAY_YES);
}
END_TEST

/* ---- sandboxes: who meets whom ---- */

enum { OWNER = 1, STRANGER = 2, SANDBOX = 11, SECOND = 12, FOREIGN = 21 };
static const struct may_home homes[] = {
	{ OWNER, 0 },
	{ STRANGER, 0 },
	{ SANDBOX, OWNER },
	{ SECOND, OWNER },
	{ FOREIGN, STRANGER },
};
/* a row and a column for each of them */
static const char *const meets[] = { "yyyy.", "yy..y", "y.y..", "y..y.", ".y..y" };

/* A sandbox and its owner may do what two real parties may that agreed on everything; a sandbox and
 * anybody else nothing at all, whatever was agreed. */
static void
check_homes(struct may_question *question, const struct terms *row)
{
	struct may_question real = *question;
	struct may_answer answer, wanted_answer;

	real.agreement_count = 0;
	real.open = true;
	for (size_t mix = 0; mix < COUNT(homes) * COUNT(homes); mix++) {
		size_t a = mix % COUNT(homes), b = mix / COUNT(homes);

		question->from_home = homes[a];
		question->to_home = homes[b];
		real.same_platform = question->same_platform = a == b;
		answer = may(question);
		cells++;
		if (homes[a].sandbox_of == 0 && homes[b].sandbox_of == 0)
			continue; /* the table above has them */
		wanted_answer = may(&real);
		if (states[question->direction].two && meets[a][b] != 'y')
			wanted_answer.reason = MAY_NOT_HOME;
		if (answer.reason != wanted_answer.reason || answer.by != NULL)
			ck_abort_msg("%s: %s of platform %d (sandbox of %d) -> %s of %d (%d), %s, "
			             "routing %s: got \"%s\", expected \"%s\"",
			        direction_names[question->direction],
			        role_names[question->from.role], (int)homes[a].platform,
			        (int)homes[a].sandbox_of, role_names[question->to.role],
			        (int)homes[b].platform, (int)homes[b].sandbox_of, row->name,
			        question->open ? "open" : "closed", may_reason_text(answer.reason),
			        may_reason_text(wanted_answer.reason));
	}
}

static void
check_sandbox_terms(struct may_question *question)
{
	struct store_agreement agreements[2];
	const struct store_agreement *rows[2] = { &agreements[0], &agreements[1] };

	question->agreements = rows;
	question->now_ms = NOW_MS;
	for (size_t i = 0; i < COUNT(terms); i++) {
		make_rows(&terms[i], agreements);
		question->agreement_count = terms[i].count;
		for (int mix = 0; mix < 4 * 4 * 2; mix++) {
			question->from.state = (enum store_state)(STATE_PLANNED + mix % 4);
			question->to.state = (enum store_state)(STATE_PLANNED + mix / 4 % 4);
			question->to.endpoint = true;
			question->open = mix / 16 != 0;
			check_homes(question, &terms[i]);
		}
	}
}

static void
check_sandbox_roles(
        enum may_direction direction, const struct ocpi_module *of, enum ocpi_interface interface)
{
	for (int mix = 0; mix < ROLES * ROLES; mix++) {
		struct may_question question = { direction, of, interface };

		question.from.role = (enum ocpi_role)(mix % ROLES + 1);
		question.to.role = (enum ocpi_role)(mix / ROLES + 1);
		check_sandbox_terms(&question);
	}
}

START_TEST(test_a_sandbox_meets_its_owner_alone_over_all_roles_states_and_agreements)
{
	cells = 0;
	for (int direction = 0; direction < MAY_DIRECTIONS; direction++)
		for (size_t i = 0; ocpi_modules[i] != NULL; i++) {
			check_sandbox_roles(
			        (enum may_direction)direction, ocpi_modules[i], IFACE_SENDER);
			check_sandbox_roles(
			        (enum may_direction)direction, ocpi_modules[i], IFACE_RECEIVER);
		}
	/* directions, modules, interfaces, roles, agreements, states, default, homes */
	ck_assert_uint_eq(cells, 6UL * 7 * 2 * 49 * COUNT(terms) * 16 * 2 * 25);
}
END_TEST

START_TEST(test_a_stranger_is_told_what_it_is_told_of_a_party_that_is_not_there)
{
	struct may_question question = { .direction = MAY_FORWARD,
		.module = module("commands"),
		.interface = IFACE_RECEIVER,
		.from = { ROLE_CPO, STATE_SUSPENDED, false }, /* no sender of commands either */
		.to = { ROLE_CPO, STATE_PLANNED, false },
		.from_home = { STRANGER, 0 },
		.to_home = { SANDBOX, OWNER },
		.open = true };
	struct may_answer answer = may(&question);

	ck_assert_int_eq(answer.reason, MAY_NOT_HOME);
	ck_assert_int_eq(may_error(answer.reason), RH_UNKNOWN_PARTY);
	ck_assert(answer.sandbox);
	question.from_home.platform = OWNER;
	ck_assert_int_eq(may(&question).reason, MAY_NOT_SENDER_ROLE);
	ck_assert(may_by_agreement(&question).sandbox);
	question.to_home = (struct may_home){ STRANGER, 0 };
	ck_assert(!may_by_agreement(&question).sandbox);
}
END_TEST

RUN("may", test_M2_who_may_what_over_all_roles_modules_states_and_agreements,
        test_the_reason_names_what_is_in_the_way,
        test_of_several_agreements_the_one_that_decides_is_named,
        test_no_list_of_modules_is_all_and_the_first_moment_counts,
        test_a_sandbox_meets_its_owner_alone_over_all_roles_states_and_agreements,
        test_a_stranger_is_told_what_it_is_told_of_a_party_that_is_not_there)
