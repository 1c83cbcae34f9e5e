/* How fast a peer takes its answer.
 *
 * The library does not tell how much of an answer it has sent, but the kernel knows how much of it
 * the peer has acknowledged. A reader may be as slow as a body: in any ten seconds a peer that has
 * more to come takes ten thousand bytes, or it is gone. It is asked with the sweep, so that an
 * answer that is taken at once, as nearly all are, costs nothing. */
#include "reader.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

/* False: the kernel does not say. */
static bool
acknowledged(const struct conn *conn, uint64_t *bytes)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
	        len < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof(info.tcpi_bytes_acked))
		return false;
	*bytes = info.tcpi_bytes_acked;
	return true;
}

void
reader_begin(struct conn *conn)
{
	conn->taken_since_ms = 0;
}

bool
reader_keeps_up(struct conn *conn, int64_t now_ms)
{
	int64_t grace_ms = conn_grace_ms(conn->conns->conf);
	uint64_t taken, least = (uint64_t)(grace_ms * CONN_BYTES_A_SECOND / 1000);

	if (!acknowledged(conn, &taken))
		return true;
	if (conn->taken_since_ms == 0 || taken - conn->taken >= least) {
		conn->taken = taken;
		conn->taken_since_ms = now_ms;
	}
	return now_ms - conn->taken_since_ms < grace_ms;
}
