/* Scripted peers for the tests of the client: a thread for each connection, blocking sockets on
 * 127.0.0.1, and a play that decides what goes over them. And the client's side: a loop with a
 * client, and probes for single calls. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "roamhub/net.h"

enum { PEER_CONNS = 64, PEER_REQUEST = 4096 };

struct peer;
struct peer_conn {
	struct peer *peer;
	int fd;
	int nth; /* from 1, in order of accept */
	pthread_t thread;
	char request[PEER_REQUEST]; /* the head of the last request, a string */
	size_t body_len;
	void *tls;
	ssize_t (*recv)(struct peer_conn *conn, char *bytes, size_t size);
	ssize_t (*send)(struct peer_conn *conn, const char *bytes, size_t len);
};
struct peer {
	int listen_fd;
	uint16_t port;
	void (*play)(struct peer_conn *conn);
	const void *script;
	atomic_int accepted, requests, ended, most_at_once, at_once;
	atomic_int signal; /* from the test to the play, or back */
	pthread_t thread;
	pthread_mutex_t lock;
	struct peer_conn conns[PEER_CONNS];
};
void peer_open(struct peer *peer, void (*play)(struct peer_conn *conn), const void *script);
void peer_close(struct peer *peer);
bool peer_request(struct peer_conn *conn); /* read one; false when the client is gone */
bool peer_head(struct peer_conn *conn);    /* the same without its body */
bool peer_send(struct peer_conn *conn, struct str bytes); /* false when the client is gone */
bool peer_say(struct peer_conn *conn, const char *text);
void peer_reset(struct peer_conn *conn); /* RST instead of FIN */
void peer_wait_gone(struct peer_conn *conn);
void peer_await(atomic_int *value, int least); /* ends the program after twenty seconds */

bool peer_say_number(struct peer_conn *conn); /* an answer with the number of its connection */
void play_numbers(struct peer_conn *conn);    /* to every request */
void play_once(struct peer_conn *conn);       /* to the first, then close */
void play_by_signal(struct peer_conn *conn);  /* to /N when the signal has reached N */

struct rig {
	struct net_loop *loop;
	struct net_egress *egress;
	struct net_client_conf conf; /* change it before rig_open() */
	struct net_client *client;
};
struct probe {
	struct net_call call;
	struct arena *arena;
	struct rig *rig;
	int ended; /* how often done() came */
	bool in_start;
	void (*after)(struct probe *probe); /* called by done() */
	struct probe *other;
};
void rig_init(struct rig *rig); /* defaults: loopback allowed, 4 connections, 64 waiting */
void rig_open(struct rig *rig);
void rig_close(struct rig *rig);
void rig_turn(struct rig *rig, int turns);

void probe_init(struct probe *probe, struct rig *rig, const char *method, const struct peer *peer,
        const char *target);
void probe_start(struct probe *probe);
void probe_wait(struct probe *probe);
void probe_end(struct probe *probe); /* wait and free */
void probe_expect(const struct probe *probe, enum net_result result, int status, const char *body);
/** One call from start to end; @number of the connection that answered and @anew may be NULL. */
enum net_result rig_call(struct rig *rig, const struct peer *peer, const char *method,
        const char *target, int *number, bool *anew);
