/* contract_event: what happened to the hub, and who did it. */
#include "contract.h"

enum { DAY_MS = 86400000 };

static int64_t
put(struct rig *rig, const struct store_event *like)
{
	struct store_event event = *like;
	struct store_op op = { .verb = STORE_EVENT_PUT, .u.event.event = &event };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return event.id;
}

/* "WHAT WHAT ..." of the events that @like asks for, in the order in which they come. */
static const char *
found(struct rig *rig, const struct store_events_args *like)
{
	struct store_op op = { .verb = STORE_EVENTS, .u.events = *like };
	struct buf buf = { .arena = rig->arena };

	if (op.u.events.limit == 0)
		op.u.events.limit = 100;
	buf_add(&buf, STR(""));
	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	for (size_t i = 0; i < op.u.events.count; i++)
		buf_printf(&buf, "%s%.*s", i > 0 ? " " : "", STR_ARG(op.u.events.rows[i].what));
	return buf.p;
}
#define FOUND(rig, ...) found(rig, &(struct store_events_args){ __VA_ARGS__ })

static uint64_t
trim(struct rig *rig, int64_t before_ms, size_t most)
{
	struct store_op op = { .verb = STORE_EVENT_TRIM,
		.u.event_trim = { .before_ms = before_ms, .most = most } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	return op.u.event_trim.dropped;
}

START_TEST(test_an_event_comes_back_as_it_was_put)
{
	const struct store_event event = { .at_ms = 5,
		.type = STR("admin.verb"),
		.platform = 7,
		.who = STR("anna"),
		.address = STR("::1"),
		.what = STR("party set"),
		.subject = STR("platform 7"),
		.data = STR("{\"a\":1}") };
	struct store_op op = { .verb = STORE_EVENTS, .u.events.limit = 9 };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(put(&rig, &event), 1);
	ck_assert_int_eq(put(&rig, &(struct store_event){ .type = STR("hub.start") }), 2);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_uint_eq(op.u.events.count, 2);
	ck_assert_int_eq(op.u.events.rows[0].id, 1);
	ck_assert_int_eq(op.u.events.rows[0].at_ms, 5);
	ck_assert_int_eq(op.u.events.rows[0].platform, 7);
	ck_assert_str(op.u.events.rows[0].type, event.type);
	ck_assert_str(op.u.events.rows[0].who, event.who);
	ck_assert_str(op.u.events.rows[0].address, event.address);
	ck_assert_str(op.u.events.rows[0].what, event.what);
	ck_assert_str(op.u.events.rows[0].subject, event.subject);
	ck_assert_str(op.u.events.rows[0].data, event.data);
	ck_assert_str(op.u.events.rows[1].who, STR("")); /* absent is empty */
	rig_end(&rig);
}
END_TEST

/* A verb that is done takes the place of the one that was begun. */
START_TEST(test_an_event_is_replaced_and_dropped_by_its_id)
{
	struct store_event event = { .type = STR("t"), .what = STR("begun") };
	struct store_op op = { .verb = STORE_EVENT_PUT, .u.event.event = &event };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	put(&rig, &(struct store_event){ .type = STR("t"), .what = STR("other") });
	event.what = STR("done");
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_int_eq(event.id, 1);
	ck_assert_str_eq(FOUND(&rig, .limit = 9), "done other");
	event.id = 2;
	op.u.event.drop = true;
	ck_assert_int_eq(rig_do(&rig, &op), RH_OK);
	ck_assert_int_eq(rig_do(&rig, &op), RH_NOT_FOUND);
	op.u.event.drop = false;
	ck_assert_int_eq(rig_do(&rig, &op), RH_NOT_FOUND);
	ck_assert_str_eq(FOUND(&rig, .limit = 9), "done");
	/* what reads on behind number 2 must not miss it */
	ck_assert_int_eq(put(&rig, &(struct store_event){ .type = STR("t") }), 3);
	rig_end(&rig);
}
END_TEST

START_TEST(test_events_are_found_by_all_that_they_say)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put(&rig, &(struct store_event){ .at_ms = 10,
	                  .type = STR("a"),
	                  .platform = 1,
	                  .who = STR("anna"),
	                  .what = STR("set") });
	put(&rig, &(struct store_event){ .at_ms = 20,
	                  .type = STR("b"),
	                  .platform = 2,
	                  .who = STR("bob"),
	                  .what = STR("set all") });
	put(&rig, &(struct store_event){ .at_ms = 30,
	                  .type = STR("a"),
	                  .platform = 2,
	                  .who = STR("bob"),
	                  .what = STR("setting") });
	put(&rig, &(struct store_event){ .at_ms = 40,
	                  .type = STR("c"),
	                  .platform = 1,
	                  .who = STR("anna"),
	                  .what = STR("reload") });
	ck_assert_str_eq(FOUND(&rig, .types = { STR("a") }), "set setting");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("c"), STR("a") }), "set setting reload");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("nothing") }), "");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("a") }, .platform = 2), "setting");
	ck_assert_str_eq(FOUND(&rig, .platform = 2), "set all setting");
	ck_assert_str_eq(FOUND(&rig, .who = STR("anna")), "set reload");
	ck_assert_str_eq(FOUND(&rig, .what = STR("set")), "set set all");
	ck_assert_str_eq(FOUND(&rig, .since_ms = 20, .until_ms = 40), "set all setting");
	ck_assert_str_eq(FOUND(&rig, .platform = 1, .who = STR("bob")), "");
	rig_end(&rig);
}
END_TEST

START_TEST(test_events_come_in_pages_either_way)
{
	static const char *const names[] = { "1", "2", "3", "4", "5" };
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	for (size_t i = 0; i < COUNT(names); i++)
		put(&rig, &(struct store_event){ .type = i % 2 == 0 ? STR("even") : STR("odd"),
		                  .platform = 3,
		                  .what = str_of(names[i]) });
	ck_assert_str_eq(FOUND(&rig, .limit = 2), "4 5");
	ck_assert_str_eq(FOUND(&rig, .limit = 2, .before = 4), "2 3");
	ck_assert_str_eq(FOUND(&rig, .limit = 2, .after = 1), "2 3");
	ck_assert_str_eq(FOUND(&rig, .limit = 2, .platform = 3, .after = 3), "4 5");
	ck_assert_str_eq(FOUND(&rig, .limit = 3, .types = { STR("odd"), STR("even") }), "3 4 5");
	ck_assert_str_eq(
	        FOUND(&rig, .limit = 3, .types = { STR("odd"), STR("even") }, .after = 1), "2 3 4");
	ck_assert_str_eq(FOUND(&rig, .limit = 2, .types = { STR("even") }, .after = 1), "3 5");
	ck_assert_str_eq(FOUND(&rig, .after = 5), "");
	rig_end(&rig);
}
END_TEST

/* A flood of one kind pushes out nothing of another. */
START_TEST(test_each_type_is_bounded_by_itself_and_all_by_age)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put(&rig, &(struct store_event){ .at_ms = 5, .type = STR("verb"), .what = STR("verb") });
	for (int i = 0; i < 5; i++)
		put(&rig, &(struct store_event){ .at_ms = DAY_MS + i,
		                  .type = STR("refused"),
		                  .what = i < 3 ? STR("old") : STR("new") });
	ck_assert_uint_eq(trim(&rig, 0, 5), 0);
	ck_assert_uint_eq(trim(&rig, 0, 2), 3);
	ck_assert_str_eq(FOUND(&rig, .limit = 9), "verb new new");
	ck_assert_uint_eq(trim(&rig, DAY_MS, 2), 1);
	ck_assert_uint_eq(trim(&rig, DAY_MS, 2), 0);
	ck_assert_str_eq(FOUND(&rig, .limit = 9), "new new");
	rig_end(&rig);
}
END_TEST

static void
put_few(struct rig *rig, int64_t platform, struct str what)
{
	struct store_event event = { .type = STR("step"), .platform = platform, .what = what };
	struct store_op op = { .verb = STORE_EVENT_PUT, .u.event = { .event = &event, .most = 2 } };

	ck_assert_msg(rig_do(rig, &op) == RH_OK, "%s", op.why);
	ck_assert_int_ne(event.id, 0);
}

/* Who shakes hands all day pushes out his own steps alone. */
START_TEST(test_of_a_type_and_platform_the_newest_stay)
{
	struct rig rig;

	rig_begin(&rig, contract_schemes[_i]);
	put(&rig, &(struct store_event){ .type = STR("other"), .platform = 1, .what = STR("o") });
	put_few(&rig, 2, STR("x"));
	put_few(&rig, 1, STR("a"));
	put_few(&rig, 1, STR("b"));
	ck_assert_str_eq(FOUND(&rig, .platform = 1), "o a b");
	put_few(&rig, 1, STR("c"));
	put_few(&rig, 1, STR("d"));
	ck_assert_str_eq(FOUND(&rig, .platform = 1), "o c d");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("step") }), "x c d");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("step") }, .platform = 1, .limit = 1), "d");
	ck_assert_str_eq(FOUND(&rig, .types = { STR("step") }, .platform = 1, .after = 1), "c d");
	rig_end(&rig);
}
END_TEST

void
contract_event(TCase *tests)
{
	tcase_add_loop_test(
	        tests, test_an_event_comes_back_as_it_was_put, contract_first, contract_end);
	tcase_add_loop_test(tests, test_an_event_is_replaced_and_dropped_by_its_id, contract_first,
	        contract_end);
	tcase_add_loop_test(
	        tests, test_events_are_found_by_all_that_they_say, contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_events_come_in_pages_either_way, contract_first, contract_end);
	tcase_add_loop_test(
	        tests, test_of_a_type_and_platform_the_newest_stay, contract_first, contract_end);
	tcase_add_loop_test(tests, test_each_type_is_bounded_by_itself_and_all_by_age,
	        contract_first, contract_end);
}
