/* A URL that another build of the hub handed out, for a module that this one does not serve, is
 * refused (fault S6). It is put into the database while the hub is away.
 *
 * tests/scenario/run starts the hub with `--invite cpo`; `hub` in its PATH stops and starts it. */
#include "peer.h"

#include "../unit/suite.h"
#include "roamhub/store.h"

#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDPOINT(identifier, role, url) \
	"{\"identifier\":\"" identifier "\",\"role\":\"" role "\",\"url\":\"%s" url "\"}"

static bool stored;

static void
on_stored(struct store_op *op)
{
	ck_assert_msg(op->err == RH_OK, "%s", op->why);
	stored = true;
}

static void
put_relink(struct store *store, const struct store_relink *relink)
{
	struct fault fault = { 0 };
	struct mailbox *box = mailbox_new();
	struct store_session *session = store_session_open(store, box, &fault);
	struct store_op op = {
		.verb = STORE_RELINK_PUT, .done = on_stored, .u.relink_put.relink = relink
	};
	struct pollfd ready = { mailbox_fd(box), POLLIN, 0 };

	ck_assert_msg(session != NULL, "%s", fault.why);
	store_submit(session, &op);
	while (!stored) {
		(void)poll(&ready, 1, 1000);
		(void)mailbox_deliver(box);
	}
	store_session_close(session);
	mailbox_free(box);
}

static void
put_into_database(const struct store_relink *relink)
{
	char url[512];
	struct fault fault = { 0 };
	struct store_conf conf = {
		.url = url, .max_waiting = 10, .trace_max_bytes = 1 << 20, .trace_max_rate = 10
	};
	struct store *store;

	(void)snprintf(url, sizeof url, "sqlite:%s/hub.db", wire_env("HUB_DIR"));
	ck_assert_int_eq(rh_crypt_init(&fault), RH_OK);
	store = store_open(&conf, &fault);
	ck_assert_msg(store != NULL, "%s: %s", fault.field, fault.why);
	put_relink(store, relink);
	store_close(store);
}

START_TEST(test_fault_S6_a_url_of_a_module_that_is_not_served_is_refused)
{
	struct peer *cpo =
	        peer_start("DE", "CPO", "CPO", ENDPOINT("credentials", "SENDER", "/credentials"));
	struct store_relink relink = {
		.id = STR("0123456789abcdef0123456789abcdef"),
		.kind = RELINK_LINK,
		.target = STR("http://127.0.0.1:1/x"),
		.caller_platform = atoi(wire_env("ID_CPO")),
		.target_platform = atoi(wire_env("ID_CPO")),
		.caller_country = "DE",
		.caller_party = "CPO",
		.target_country = "DE",
		.target_party = "CPO",
		.module = STR("bookings"),
		.interface = 1,
		.correlation_id = STR("c"),
		.created_ms = rh_wall_ms(),
		.expires_ms = rh_wall_ms() + 3600000,
	};
	struct wire wire;

	peer_register(cpo, "CPO");
	ck_assert_int_eq(system("hub stop"), 0);
	put_into_database(&relink);
	ck_assert_int_eq(system("hub start"), 0);
	for (int i = 0; i < 2; i++) { /* it is still there after the first */
		peer_asks(cpo, &wire, "GET", "/ocpi/2.2.1/relink/0123456789abcdef0123456789abcdef",
		        "", "");
		ck_assert_msg(strncmp(wire.answer + 9, "404", 3) == 0, "%s", wire.answer);
		ck_assert_msg(wire_has(&wire, "not served here"), "%s", wire.answer);
	}
	peer_stop(cpo);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("foreign module");
	TCase *tcase = tcase_create("foreign module");

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_fault_S6_a_url_of_a_module_that_is_not_served_is_refused);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
