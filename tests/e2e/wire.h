/* wire: a client of the running hub that writes bytes, for what no well-behaved client would send.
 *
 * The hub is the one that tests/scenario/run started: ADDRESS, B64_CPO and the like come in the
 * environment. Sockets block; PATIENCE_S bounds every read, so that a hub which does not answer
 * fails a test and does not hang it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { PATIENCE_S = 30, WIRE_ANSWER = 64 * 1024 };

struct wire {
	int fd;
	char answer[WIRE_ANSWER]; /* everything that came so far, NUL-terminated */
	size_t len;
};

void wire_open(struct wire *wire);
void wire_close(struct wire *wire);
/** Send it all. False when the hub has closed the connection meanwhile. */
bool wire_send(struct wire *wire, const void *bytes, size_t len);
bool wire_text(struct wire *wire, const char *text);
/** Read until @count complete answers are there, judged by Content-Length. Fails the test when they
 * do not come. */
void wire_answers(struct wire *wire, int count);
/** Read until the hub closes. Fails the test when it does not. */
void wire_until_closed(struct wire *wire);
/** Does @text stand in what came? */
bool wire_has(const struct wire *wire, const char *text);
int wire_count(const struct wire *wire, const char *text);
/** A value of the environment; fails the test when it is missing. */
const char *wire_env(const char *name);
/** "Authorization: Token ..." of the registered invitation, with its line end. */
const char *wire_authorization(void);
