/* Room for one more connection: who gives way when there is none.
 *
 * Whoever has asked nothing costs nothing to lose, so the oldest of these goes first, then the
 * oldest that waits for its next request. Who waits for an answer stays. */
#include "conn.h"

#include <sys/ioctl.h>

enum {
	MOST_LEAVING = 128, /* connections that gave way, and are about to end */
	RUNS_OF_END = 3     /* until the library has noticed */
};

static bool
may_leave(const struct conn *conn)
{
	return conn->state == CONN_IDLE ||
	       (!conn->proven && (conn->state == CONN_HEAD || conn->state == CONN_BODY));
}

/* Lower ones go first. What came in this very turn is not read yet. */
static int
worth_of(const struct conn *conn)
{
	int unread = 0;

	ioctl(conn->fd, FIONREAD, &unread);
	return (conn->proven ? 1 : 0) + (unread > 0 ? 2 : 0);
}

/* They are in the order in which they came. */
static bool
make_room(struct conns *conns)
{
	struct conn *least = NULL;
	int worth = INT32_MAX;

	list_each (node, &conns->list) {
		struct conn *conn = container_of(node, struct conn, node);
		int other = may_leave(conn) ? worth_of(conn) : INT32_MAX;

		if (other >= worth)
			continue;
		least = conn;
		worth = other;
		if (worth == 0)
			break;
	}
	if (least == NULL)
		return false;
	conn_kill(least);
	conns_want_runs(conns, RUNS_OF_END); /* before the next ones come */
	return true;
}

size_t
conns_most(const struct net_server_conf *conf)
{
	return conf->max_connections + conf->max_streams + (conf->make_room ? MOST_LEAVING : 0);
}

bool
conns_have_room(struct conns *conns)
{
	const struct net_server_conf *conf = conns->conf;

	if (conns->count >= conns_most(conf))
		return false;
	return conns->count - conns->dying - conns->streams < conf->max_connections ||
	       (conf->make_room && make_room(conns));
}
