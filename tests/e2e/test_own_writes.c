/* Who was answered reads his own writes, on whichever of four workers the next request arrives
 * (fault O16); and limits.flights counts the requests of all of them (fault S12).
 *
 * tests/scenario/run starts the hub with `--invite cpo --invite msp`, http.workers=4,
 * limits.flights=4 and validation.mode=off. PAIRS in the environment: how many pairs of each kind;
 * misses are printed. */
#include "../unit/suite.h"
#include "peer.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define ENDPOINT(identifier, role, url) \
	"{\"identifier\":\"" identifier "\",\"role\":\"" role "\",\"url\":\"%s" url "\"}"
#define FROM_CPO "OCPI-from-country-code: DE\r\nOCPI-from-party-id: CPO\r\n"
#define FROM_MSP "OCPI-from-country-code: NL\r\nOCPI-from-party-id: MSP\r\n"
#define TO_CPO   "OCPI-to-country-code: DE\r\nOCPI-to-party-id: CPO\r\n"
#define TO_MSP   "OCPI-to-country-code: NL\r\nOCPI-to-party-id: MSP\r\n"
#define GOOD     "{\"status_code\":1000,\"data\":{\"allowed\":\"ALLOWED\"}}"
#define COMMAND \
	"{\"response_url\":\"http://127.0.0.1:1/x\",\"location_id\":\"L\",\"reservation_id\":"

static struct peer *cpo, *msp;
static struct wire wire;

/* A write, and what needs it, without TO; %d is the number of the pair. */
static const struct pair {
	const char *what;
	struct peer **writer;
	const char *write_method, *write_path, *write_headers, *write_body;
	struct peer **needer;
	const char *need_method, *need_path, *need_headers, *need_body;
} pairs[] = {
	{ "PUT session, PATCH of it", &cpo, "PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPO/S%d",
	        FROM_CPO TO_MSP, "{\"id\":\"S%d\",\"last_updated\":\"2026-11-23T08:00:00Z\"}", &cpo,
	        "PATCH", "/ocpi/2.2.1/receiver/sessions/DE/CPO/S%d", FROM_CPO,
	        "{\"kwh\":%d,\"last_updated\":\"2026-11-23T08:01:00Z\"}" },
	{ "PUT session, STOP_SESSION", &cpo, "PUT", "/ocpi/2.2.1/receiver/sessions/DE/CPO/T%d",
	        FROM_CPO TO_MSP, "{\"id\":\"T%d\",\"last_updated\":\"2026-11-23T08:00:00Z\"}", &msp,
	        "POST", "/ocpi/2.2.1/receiver/commands/STOP_SESSION", FROM_MSP,
	        "{\"response_url\":\"http://127.0.0.1:1/x\",\"session_id\":\"T%d\"}" },
	{ "RESERVE_NOW, CANCEL_RESERVATION", &msp, "POST",
	        "/ocpi/2.2.1/receiver/commands/RESERVE_NOW", FROM_MSP TO_CPO, COMMAND "\"R%d\"}",
	        &msp, "POST", "/ocpi/2.2.1/receiver/commands/CANCEL_RESERVATION", FROM_MSP,
	        COMMAND "\"R%d\"}" },
	{ "PUT token, authorize", &msp, "PUT", "/ocpi/2.2.1/receiver/tokens/NL/MSP/U%d", FROM_MSP,
	        "{\"uid\":\"U%d\",\"type\":\"RFID\",\"last_updated\":\"2026-11-23T08:00:00Z\"}",
	        &cpo, "POST", "/ocpi/2.2.1/sender/tokens/U%d/authorize", FROM_CPO, "" },
	{ "allowed by whom all were asked for, authorize", &cpo, "POST",
	        "/ocpi/2.2.1/sender/tokens/V%d/authorize", FROM_CPO, "", &cpo, "POST",
	        "/ocpi/2.2.1/sender/tokens/V%d/authorize", FROM_CPO, "" },
};

static void
say(struct peer *peer, const char *method, const char *path, const char *headers, const char *body,
        int number)
{
	char at[256], text[512], all[512];

	(void)snprintf(at, sizeof at, path, number);
	(void)snprintf(text, sizeof text, body, number);
	(void)snprintf(all, sizeof all, "%sContent-Type: application/json\r\n", headers);
	peer_asks(peer, &wire, method, at, all, text);
}

START_TEST(test_fault_O16_who_was_answered_reads_his_own_writes_on_any_worker)
{
	const struct pair *pair = &pairs[_i];
	int count = getenv("PAIRS") != NULL ? atoi(getenv("PAIRS")) : 100, missed = 0;

	for (int i = 0; i < count; i++) {
		say(*pair->writer, pair->write_method, pair->write_path, pair->write_headers,
		        pair->write_body, i);
		ck_assert_msg(
		        wire_has(&wire, "\"status_code\":1000"), "%s: %s", pair->what, wire.answer);
		say(*pair->needer, pair->need_method, pair->need_path, pair->need_headers,
		        pair->need_body, i);
		missed += !wire_has(&wire, "\"status_code\":1000");
	}
	printf("%s: %d pairs, %d missed\n", pair->what, count, missed);
	ck_assert_msg(missed == 0, "%s: %d of %d missed, the last answer: %s", pair->what, missed,
	        count, wire.answer);
}
END_TEST

static bool
log_has(const char *what, const char *and)
{
	FILE *log = fopen(wire_env("LOG"), "r");
	char line[4096];
	bool found = false;

	ck_assert_ptr_nonnull(log);
	while (!found && fgets(line, sizeof line, log) != NULL)
		found = strstr(line, what) != NULL && strstr(line, and) != NULL;
	fclose(log);
	return found;
}

/* Four are in the hub and wait for a receiver that says nothing: whichever worker the others reach,
 * there is no room for them. */
START_TEST(test_fault_S12_the_limit_of_requests_is_the_hubs)
{
	static struct wire held[4], others[12];

	peer_answers(msp, PEER_HANGS, "%s", "");
	peer_forget(msp);
	for (size_t i = 0; i < COUNT(held); i++)
		peer_sends(cpo, &held[i], "GET", "/ocpi/2.2.1/receiver/sessions/DE/CPO/S1",
		        FROM_CPO TO_MSP, "");
	while (peer_count(msp) < (int)COUNT(held))
		;
	for (size_t i = 0; i < COUNT(others); i++) {
		peer_asks(cpo, &others[i], "GET", "/ocpi/2.2.1/receiver/sessions/DE/CPO/S1",
		        FROM_CPO TO_MSP, "");
		ck_assert_msg(strncmp(others[i].answer + 9, "503", 3) == 0, "%zu: %s", i,
		        others[i].answer);
	}
	for (size_t i = 0; i < COUNT(held); i++)
		wire_close(&held[i]);
	/* fault S13: the hub's own limit is an error of the hub's, a silent receiver is none */
	while (!log_has(" error flight ", "error=BUSY"))
		usleep(10000);
	while (!log_has(" flight ", "error=RECEIVER_LATE"))
		usleep(10000);
	ck_assert(!log_has(" error flight ", "error=RECEIVER_LATE"));
}
END_TEST

static void
register_all(void)
{
	cpo = peer_start("DE", "CPO", "CPO",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT(
	                "commands", "RECEIVER", "/commands"));
	msp = peer_start("NL", "MSP", "EMSP",
	        ENDPOINT("credentials", "SENDER", "/credentials") "," ENDPOINT("sessions",
	                "RECEIVER", "/sessions") "," ENDPOINT("tokens", "SENDER", "/tokens"));
	peer_register(cpo, "CPO");
	peer_register(msp, "MSP");
	peer_says(cpo, "200 OK", "", GOOD);
	peer_says(msp, "200 OK", "", GOOD);
}

static void
stop_all(void)
{
	peer_stop(cpo);
	peer_stop(msp);
}

int
main(void)
{
	Suite *suite = suite_create("own writes");
	TCase *tcase = tcase_create("own writes");

	tcase_set_timeout(tcase, 0);
	tcase_add_unchecked_fixture(tcase, register_all, stop_all);
	tcase_add_loop_test(tcase,
	        test_fault_O16_who_was_answered_reads_his_own_writes_on_any_worker, 0,
	        (int)COUNT(pairs));
	tcase_add_test(tcase, test_fault_S12_the_limit_of_requests_is_the_hubs);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_NOFORK);
}
