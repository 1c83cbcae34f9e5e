/* The server, its application and its clients: see server_kit.h. */
#include "server_kit.h"
#include "../suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the application: answers by target ---- */

static const char *const captured[] = { "Authorization", "X-Request-ID", NULL };

void
answer(struct net_request *request, int status, struct str body)
{
	static const struct net_header headers[] = {
		{ { "Content-Type", 12 }, { "text/plain", 10 } }, { { "X-Test", 6 }, { "a, b", 4 } }
	};
	struct net_answer given = { status, headers, COUNT(headers), body };

	net_answer(request, &given);
}

static void
answer_later(struct net_timer *timer)
{
	struct app *app = container_of(timer, struct app, timer);
	size_t count = app->later_count;

	app->later_count = 0;
	for (size_t i = 0; i < count; i++)
		answer(app->later[i], 200, STR("later"));
}

static enum rh_err
on_admit(void *ctx, struct net_request *request)
{
	struct app *app = ctx;

	app->asked++;
	request->undecided = str_is(request->header[0], "perhaps");
	if (request->undecided)
		app->undecided[app->undecided_count++] = request;
	return str_is(request->header[0], "stranger") ? RH_UNKNOWN_TOKEN : RH_OK;
}

static void
on_request(void *ctx, struct net_request *request)
{
	struct app *app = ctx;

	int64_t until_us = rh_mono_us() + app->spend_us;

	while (app->spend_us > 0 && rh_mono_us() < until_us)
		continue;
	if (app->requests < sizeof(app->order) - 1 && request->header[0].len > 0)
		app->order[app->requests] = request->header[0].p[0];
	app->requests++;
	request->user = app;
	snprintf(app->seen, sizeof(app->seen), "%.*s %.*s auth=%.*s id=%s body=%zu peer=%s",
	        STR_ARG(request->method), STR_ARG(request->target), STR_ARG(request->header[0]),
	        request->header[1].p == NULL ? "absent" : "present", request->body.len,
	        request->peer);
	app->turned_away += request->turned_away != RH_OK;
	if (request->turned_away != RH_OK)
		answer(request, 401, STR("who are you?"));
	else if (str_starts(request->target, "/echo"))
		answer(request, 200, request->body);
	else if (str_is(request->target, "/big"))
		answer(request, 200, buf_str(&app->big));
	else if (str_is(request->target, "/204"))
		answer(request, 204, STR(""));
	else if (str_is(request->target, "/404"))
		answer(request, 404, STR("none"));
	else if (str_is(request->target, "/wait"))
		app->waiting[app->waiting_count++] = request;
	else if (str_is(request->target, "/later")) {
		app->later[app->later_count++] = request;
		net_timer_set(app->loop, &app->timer, net_loop_now(app->loop) + 1);
	} else
		answer(request, 200, STR("hello"));
}

static void
on_done(void *ctx, struct net_request *request)
{
	struct app *app = ctx;

	ck_assert_ptr_eq(request->user, app);
	app->dones++;
	ck_assert_uint_le(app->dones, app->requests);
}

static size_t
on_refuse(void *ctx, const struct net_refusal *refusal, char *out, size_t size)
{
	(void)ctx;
	return (size_t)snprintf(out, size, "{\"refused\":\"%s\",\"why\":\"%s\"}",
	        rh_err_info(refusal->err)->name, refusal->why);
}

void
app_start(struct app *app, const char *cert, const char *key)
{
	struct fault fault = { 0 };

	app->loop = net_loop_new();
	app->timer.fire = answer_later;
	app->conf.listen_fd = net_listen("127.0.0.1:0", false, app->bound, &fault);
	ck_assert_msg(app->conf.listen_fd >= 0, "%s", fault.why);
	app->conf.tls_cert = cert;
	app->conf.tls_key = key;
	app->conf.max_body = MAX_BODY;
	app->conf.admit = on_admit;
	app->conf.request = on_request;
	app->conf.done = on_done;
	app->conf.refuse = on_refuse;
	app->conf.ctx = app;
	app->server = net_server_new(app->loop, &app->conf, &fault);
	ck_assert_msg(app->server != NULL, "%s", fault.why);
	net_loop_turn(app->loop, 0);
}

struct app *
app_new(void)
{
	struct app *app = rh_alloc(sizeof(*app));

	app->conf = (struct net_server_conf){ .headers = captured,
		.max_connections = 600,
		.head_ms = 60000,
		.body_ms = 60000,
		.idle_ms = 60000 };
	return app;
}

struct app *
app_plain(void)
{
	struct app *app = app_new();

	app_start(app, NULL, NULL);
	return app;
}

void
app_end(struct app *app)
{
	net_server_free(app->server);
	ck_assert_uint_eq(app->requests, app->dones);
	net_timer_stop(app->loop, &app->timer);
	net_loop_free(app->loop);
	buf_free(&app->big);
	free(app);
}

/* ---- TLS ---- */

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = rh_alloc(16384);

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_gt(fread(text, 1, 16383, file), 100);
	fclose(file);
	return text;
}

struct tls_pair
tls_pair(void)
{
	char dir[] = "/tmp/roamhub-tls-XXXXXX", command[512], path[64];
	struct tls_pair pair;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command),
	        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
	        "-subj /CN=h"
	        " -keyout %s/key -out %s/cert 2>/dev/null",
	        dir, dir);
	ck_assert_int_eq(system(command), 0);
	snprintf(path, sizeof(path), "%s/cert", dir);
	pair.cert = read_file(path);
	unlink(path);
	snprintf(path, sizeof(path), "%s/key", dir);
	pair.key = read_file(path);
	unlink(path);
	rmdir(dir);
	return pair;
}

void
tls_pair_free(struct tls_pair *pair)
{
	free(pair->cert);
	free(pair->key);
}

/* ---- clients: sockets that never block, driven between the turns ---- */

static int
port_of(const struct app *app)
{
	return atoi(strrchr(app->bound, ':') + 1);
}

/* Whom it speaks to is not asked: that is for the tests of the hub's own client. */
static void
begin_tls(struct client *client)
{
	static gnutls_certificate_credentials_t nobody;

	if (nobody == NULL)
		gnutls_certificate_allocate_credentials(&nobody);
	ck_assert_int_eq(
	        gnutls_init(&client->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL),
	        0);
	gnutls_set_default_priority(client->session);
	gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, nobody);
	gnutls_transport_set_int(client->session, client->fd);
}

struct client
client_of(const struct app *app)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port_of(app)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct client client = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	int on = 1;

	ck_assert_int_eq(connect(client.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	setsockopt(client.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	fcntl(client.fd, F_SETFL, O_NONBLOCK);
	if (app->secure)
		begin_tls(&client);
	return client;
}

void
client_end(struct client *client)
{
	if (client->session != NULL)
		gnutls_deinit(client->session);
	close(client->fd);
	buf_free(&client->in);
}

/* Bytes, 0 at the end, or -1 with errno. */
static ssize_t
tls_result(ssize_t n)
{
	if (n >= 0)
		return n;
	errno = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED ? EAGAIN : ECONNRESET;
	return -1;
}

static ssize_t
client_write(struct client *client)
{
	if (client->session != NULL)
		return tls_result(
		        gnutls_record_send(client->session, client->out.p, client->out.len));
	return send(client->fd, client->out.p, client->out.len, MSG_NOSIGNAL);
}

static ssize_t
client_read(struct client *client, char *part, size_t most)
{
	if (client->session != NULL)
		return tls_result(gnutls_record_recv(client->session, part, most));
	return recv(client->fd, part, most, 0);
}

static bool
greeted(struct client *client)
{
	if (client->session == NULL || client->greeted)
		return true;
	client->greeted = gnutls_handshake(client->session) == GNUTLS_E_SUCCESS;
	return client->greeted;
}

void
client_step(struct client *client)
{
	char part[65536];
	size_t most = client->most_read != 0 ? client->most_read : sizeof(part);
	ssize_t n;

	if (!greeted(client))
		return;
	if (client->out.len > 0) {
		n = client_write(client);
		if (n > 0)
			client->out = str_from(client->out, (size_t)n);
	}
	n = client_read(client, part, most);
	if (n > 0)
		buf_add(&client->in, (struct str){ part, (size_t)n });
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		client->eof = true;
}

size_t
count_of(const struct client *client, const char *text)
{
	const char *at = client->in.p;
	size_t count = 0;

	for (; at != NULL && (at = strstr(at, text)) != NULL; at++)
		count++;
	return count;
}

/* Turn until @text came @times times, or, with text NULL, until the connection ended. */
void
await(struct app *app, struct client *client, const char *text, size_t times)
{
	for (int i = 0; i < MOST_TURNS; i++) {
		net_loop_turn(app->loop, i < 100 ? 0 : 1);
		client_step(client);
		if (text == NULL ? client->eof : count_of(client, text) >= times)
			return;
		ck_assert_msg(!client->eof, "ended: %s", client->in.p);
	}
	ck_abort_msg("waited in vain for %s: %s", text, client->in.p);
}

void
turns(struct app *app, int count)
{
	for (int i = 0; i < count; i++)
		net_loop_turn(app->loop, 0);
}

void
client_send(struct client *client, const char *text)
{
	client->out = str_of(text);
	client_step(client);
}

struct buf
big_post(size_t len, const char *framing)
{
	struct buf wire = { 0 };

	buf_printf(&wire, "POST /echo HTTP/1.1\r\nHost: hub\r\n%s\r\n", framing);
	for (size_t i = 0; i < len; i++)
		buf_addc(&wire, (char)('a' + i % 23));
	return wire;
}

int
run_cases(const char *name, TCase *const *cases, size_t count)
{
	Suite *suite = suite_create(name);

	for (size_t i = 0; i < count; i++)
		suite_add_tcase(suite, cases[i]);
	return suite_run(suite, CK_NOFORK);
}
