/* Readers: an answer waits for who reads it, and for nobody else (fault H2). Deadlines are a
 * minute, but for the rate. */
#include "server_kit.h"

#include <sys/socket.h>

enum { HUGE_ANSWER = 12 << 20 }; /* more than the kernel takes for a small receive buffer */

static struct app *
app_with_huge_answer(void)
{
	struct app *app = app_new();

	app->conf.body_grace_ms = 50;
	app_start(app, NULL, NULL);
	for (int i = 0; i < HUGE_ANSWER; i++)
		buf_addc(&app->big, (char)('a' + i % 23));
	return app;
}

static struct client
small_client_of(const struct app *app)
{
	struct client client = client_of(app);
	int bytes = 65536;

	setsockopt(client.fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return client;
}

static void
read_up_to(struct app *app, struct client *client, size_t len)
{
	while (client->in.len < len) {
		net_loop_turn(app->loop, 1);
		client_step(client);
		ck_assert_msg(!client->eof, "ended after %zu bytes", client->in.len);
	}
}

static const size_t read_before[] = { 0, 1 << 20 };

START_TEST(test_H2_who_does_not_read_its_answer_is_gone)
{
	struct app *app = app_with_huge_answer();
	struct client client = small_client_of(app);

	client.out = STR(GET("/big"));
	while (app->requests == 0) {
		client_step(&client);
		net_loop_turn(app->loop, 1);
	}
	read_up_to(app, &client, read_before[_i]);
	for (int i = 0; net_server_connections(app->server) > 0; i++) {
		ck_assert_int_lt(i, MOST_TURNS);
		net_loop_turn(app->loop, 2);
	}
	ck_assert_uint_eq(app->dones, 1);
	client_end(&client);
	app_end(app);
}
END_TEST

START_TEST(test_H2_who_reads_slowly_gets_all_of_it_and_the_next_answer)
{
	struct app *app = app_with_huge_answer();
	struct client client = small_client_of(app);

	client.most_read = 8192;
	client_send(&client, GET("/big") GET("/x"));
	read_up_to(app, &client, HUGE_ANSWER);
	await(app, &client, "hello", 1);
	client_end(&client);
	app_end(app);
}
END_TEST

int
main(void)
{
	TCase *tcase = tcase_create("reader");

	tcase_set_timeout(tcase, 100);
	tcase_add_loop_test(
	        tcase, test_H2_who_does_not_read_its_answer_is_gone, 0, (int)COUNT(read_before));
	tcase_add_test(tcase, test_H2_who_reads_slowly_gets_all_of_it_and_the_next_answer);
	return run_cases("net reader", &tcase, 1);
}
