/* A server and its raw-socket clients on one loop, for the tests of the server: nothing runs beside
 * the test, so that a lost wake-up is a test that ends at its turn limit and not a matter of luck.
 */
#pragma once

#include <check.h>
#include <stdio.h>

#include "roamhub/net.h"

enum { MOST_TURNS = 20000, MAX_BODY = 2 << 20, BIG_ANSWER = 3 << 20, MOST_WAITING = 1024 };

/** Answers by target: /echo /big /204 /404, /wait when the test says so, /later by a timer, else
 * "hello". */
struct app {
	bool secure; /* clients speak TLS, as the test says */
	struct net_loop *loop;
	struct net_server *server;
	struct net_server_conf conf;
	char bound[64];
	size_t requests, dones;
	struct net_request *waiting[MOST_WAITING]; /* of /wait */
	size_t waiting_count;
	struct net_timer timer; /* answers all of /later */
	struct net_request *later[MOST_WAITING];
	size_t later_count;
	size_t asked, turned_away; /* by admit(), which says no to "Authorization: stranger" */
	struct net_request *undecided[MOST_WAITING]; /* of "Authorization: perhaps" */
	size_t undecided_count;
	char seen[512];           /* the last request, as text */
	char order[MOST_WAITING]; /* first letters of Authorization, as requests came up */
	int64_t spend_us;         /* on each request, at least */
	struct buf big;
};

void answer(struct net_request *request, int status, struct str body);
struct app *app_new(void); /* not started: the test may change conf */
void app_start(struct app *app, const char *cert, const char *key);
struct app *app_plain(void); /* started, without TLS and with long deadlines */
void app_end(struct app *app);
struct tls_pair { /* PEM text, made by the openssl command */
	char *cert, *key;
};
struct tls_pair tls_pair(void);
void tls_pair_free(struct tls_pair *pair);
/** Turns of the loop that wait for nothing. */
void turns(struct app *app, int count);

/* A socket that never blocks, driven between the turns. */
struct client {
	int fd;
	struct gnutls_session_int *session; /* NULL: plain */
	bool greeted;
	struct str out; /* still to be sent */
	struct buf in;
	bool eof;
	size_t most_read; /* of one turn; 0: everything */
};

struct client client_of(const struct app *app);
void client_end(struct client *client);
void client_step(struct client *client); /* send and receive what is possible */
void client_send(struct client *client, const char *text);
size_t count_of(const struct client *client, const char *text);
/** Turn until @text came @times times or, with @text NULL, until the connection ended. */
void await(struct app *app, struct client *client, const char *text, size_t times);
/** A POST of @len letters to /echo; @framing is a header line with CR LF. */
struct buf big_post(size_t len, const char *framing);
int run_cases(const char *name, TCase *const *cases, size_t count); /* exit status */

#define GET(target) "GET " target " HTTP/1.1\r\nHost: hub\r\n\r\n"
