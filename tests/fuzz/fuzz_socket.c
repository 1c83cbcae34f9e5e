/* fuzz_socket: all that a stranger sends on one connection, through the kernel to the listener.
 *
 * The first byte says in what pieces. Everything is on one loop; the input ends with the end of
 * what is sent, so a server that waits for more closes at once. Each answer must be HTTP, and each
 * request that was handed up must be done with. */
#include "../unit/net/server_kit.h"
#include "fuzz.h"

#include <sys/socket.h>

enum { TURNS_OF_PIECE = 3, MOST_TURNS_TO_END = 3000, FEWEST_PIECE = 16 };

static struct app *app;

static void
begin(void)
{
	app = app_plain();
}

/* Pieces of at least an eighth, so that a long input does not take long. */
static void
send_all(struct client *client, struct str bytes, size_t piece)
{
	piece = piece < bytes.len / 8 ? bytes.len / 8 : piece;
	while (bytes.len > 0 && !client->eof) {
		client->out = (struct str){ bytes.p, piece < bytes.len ? piece : bytes.len };
		bytes = str_from(bytes, client->out.len);
		for (int i = 0; i < TURNS_OF_PIECE || (client->out.len > 0 && !client->eof); i++) {
			client_step(client);
			net_loop_turn(app->loop, 0);
		}
	}
}

static void
answer_waiting(void)
{
	for (size_t i = 0; i < app->waiting_count; i++)
		answer(app->waiting[i], 200, STR("late"));
	app->waiting_count = 0;
}

static void
read_to_end(struct client *client)
{
	(void)shutdown(client->fd, SHUT_WR);
	for (int i = 0; i < MOST_TURNS_TO_END && !client->eof; i++) {
		net_loop_turn(app->loop, i < 100 ? 0 : 1);
		client_step(client);
		answer_waiting();
	}
	must(client->eof, "the connection ends");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct client client;

	if (size == 0)
		return 0;
	if (app == NULL)
		begin();
	client = client_of(app);
	send_all(&client, input_of(bytes + 1, size - 1), (size_t)bytes[0] + FEWEST_PIECE);
	read_to_end(&client);
	must(client.in.len == 0 || str_starts(buf_str(&client.in), "HTTP/1."),
	        "what comes back is HTTP");
	client_end(&client);
	answer_waiting();
	turns(app, 10);
	must(app->requests == app->dones + app->later_count, "every request is done with");
	return 0;
}
