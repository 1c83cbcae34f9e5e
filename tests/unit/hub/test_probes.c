/* test_probes: how many probes go out at once, and whose failure a call is. The test stands where
 * requests go out (linked with --wrap). */
#include "../../../src/hub/parties/partner.h"
#include "../../../src/hub/parties/presence.h"
#include "registry_rig.h"

enum { PLATFORMS = 3 * MOST_PROBES };

static struct net_call *called[PLATFORMS];
static size_t count, most;

void __wrap_net_call_start(struct net_client *client, struct net_call *call);

void
__wrap_net_call_start(struct net_client *client, struct net_call *call)
{
	(void)client;
	ck_assert_uint_lt(count, PLATFORMS);
	called[count++] = call;
	if (count > most)
		most = count;
}

/* The oldest one ends with what the client says of it. */
static void
end_first(enum net_result end)
{
	struct net_call *call = called[0];

	memmove((void *)called, (void *)&called[1], --count * sizeof(struct net_call *));
	call->result = end;
	call->done(call);
}

/* ---- fault P4 ---- */

START_TEST(test_fault_P4_no_more_than_so_many_are_asked_at_once)
{
	const struct platform *platforms;
	struct str token;
	char id[16];
	size_t asked = 0, known;

	for (int i = 0; i < PLATFORMS; i++) {
		(void)snprintf(id, sizeof id, "DE*%03d", i);
		(void)connected(id, &token);
	}
	turn_until_idle();
	known = directory_platforms(hub_directory(hub), &platforms);
	ck_assert_uint_eq(known, PLATFORMS);
	for (size_t i = 0; i < known; i++)
		atomic_store(&platforms[i].live->probe_due, true); /* all in the same moment */
	count = most = 0;
	for (presence_tick(hub); count > 0; presence_tick(hub)) {
		for (asked += count; count > 0;)
			end_first(NET_CANCELLED);
	}
	ck_assert_uint_eq(most, MOST_PROBES);
	ck_assert_uint_eq(asked, PLATFORMS); /* and nobody is passed over, or asked twice */
	ck_assert_uint_eq(hub->probing, 0);
}
END_TEST

/* ---- fault P2: by the clock since boot, which is far from what a wall clock says ---- */

START_TEST(test_fault_P2_who_was_met_just_now_is_not_due)
{
	struct str token;
	size_t asked;

	(void)connected("DE*ONE", &token);
	turn_until_idle();
	count = 0;
	presence_tick(hub);
	for (asked = count; count > 0;)
		end_first(NET_CANCELLED);
	ck_assert_uint_eq(asked, 0);
}
END_TEST

/* ---- fault D4: whose failure it is, for everybody who calls ---- */

static const struct {
	enum net_result end;
	enum partner_result result;
} ends[] = {
	{ NET_NO_ROOM, PARTNER_OURS },
	{ NET_CANCELLED, PARTNER_OURS },
	{ NET_GARBAGE, PARTNER_UNUSABLE },
	{ NET_ANSWER_TOO_LARGE, PARTNER_UNUSABLE },
	{ NET_NO_CONNECTION, PARTNER_UNREACHABLE },
	{ NET_FORBIDDEN, PARTNER_UNREACHABLE },
	{ NET_LATE, PARTNER_UNREACHABLE },
	{ NET_BROKEN, PARTNER_UNREACHABLE },
};

static void
on_called(struct partner_call *call)
{
	(void)call;
}

START_TEST(test_fault_D4_want_of_room_is_the_hubs_own)
{
	struct partner_call call;
	struct str token;
	int64_t id = connected("DE*ONE", &token);
	struct live *live = directory_platform(hub_directory(hub), id)->live;

	count = 0;
	for (size_t i = 0; i < COUNT(ends); i++) {
		partner_prepare(&call, hub, live, PARTNER_DELIVERY, arena);
		partner_address(&call, STR("https://p.example.com"), STR("/x"), STR("Token x"),
		        (struct str){ 0 });
		call.done = on_called;
		partner_start(&call, hub->client, STR("GET"), (struct str){ 0 }, 1000, 1000, false);
		ck_assert_uint_eq(count, 1);
		end_first(ends[i].end);
		ck_assert_msg(call.result == ends[i].result, "%d: %d", (int)ends[i].end,
		        (int)call.result);
	}
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = { test_fault_P4_no_more_than_so_many_are_asked_at_once,
		test_fault_P2_who_was_met_just_now_is_not_due,
		test_fault_D4_want_of_room_is_the_hubs_own };

	return rig_run("probes", tests, COUNT(tests));
}
