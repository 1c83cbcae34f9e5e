/* Answers that stay open behind their header: what is added is sent as it comes.
 *
 * The library asks for more when it could send it; when there is none the connection is suspended,
 * as one that waits for its answer, and resumed by the next piece. Nobody is waited for: a peer
 * that leaves more unread than fits, or acknowledges nothing for half a minute, is gone. */
#include "stream.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

enum {
	BLOCK_BYTES = 4096,
	MOST_UNREAD = 256 * 1024,
	SILENT_MS = 30 * 1000 /* of the peer's kernel */
};

static void
wake(struct inbound *in)
{
	if (in->suspended)
		MHD_resume_connection(in->conn->mhd);
	in->suspended = false;
	conns_want_runs(in->conns, RUNS_OF_ANSWER);
}

/* ---- from inside of the library ---- */

static ssize_t
take(struct stream *stream, char *out, size_t most)
{
	size_t left = stream->text.len - stream->sent, bytes = left < most ? left : most;

	memcpy(out, stream->text.p + stream->sent, bytes);
	stream->sent += bytes;
	if (stream->sent == stream->text.len)
		stream->text.len = stream->sent = 0;
	return (ssize_t)bytes;
}

static ssize_t
more(void *ctx, uint64_t at, char *out, size_t most)
{
	struct inbound *in = ctx;

	(void)at;
	if (in->conn == NULL || in->conn->state == CONN_DYING)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (in->stream.sent < in->stream.text.len)
		return take(&in->stream, out, most);
	if (in->stream.ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	in->suspended = true;
	MHD_suspend_connection(in->conn->mhd);
	return 0;
}

struct MHD_Response *
stream_response(struct inbound *in)
{
	unsigned silent_ms = SILENT_MS;

	(void)setsockopt(in->conn->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms, sizeof silent_ms);
	in->suspended = false;
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_BYTES, more, in, NULL);
}

static void
drop(struct inbound *in)
{
	conn_kill(in->conn);
	wake(in);
}

void
stream_completed(struct inbound *in)
{
	if (!in->stream.open)
		return;
	in->stream.open = false;
	in->conn->open = NULL;
	in->conns->streams--;
}

/* ---- of the owner ---- */

bool
stream_begin(struct inbound *in, struct str beginning)
{
	if (in->conns->streams >= in->conns->conf->max_streams)
		return false;
	if (in->conn == NULL)
		return true; /* nobody will read it */
	in->stream.open = true;
	in->stream.left = drop;
	in->conn->open = in;
	in->conns->streams++;
	buf_add(&in->stream.text, beginning);
	return true;
}

static bool
is_open(const struct inbound *in)
{
	return in->stream.open && in->conn->state != CONN_DYING && !in->stream.ended;
}

void
net_stream_add(struct net_request *request, struct str text)
{
	struct inbound *in = container_of(request, struct inbound, request);
	struct stream *stream = &in->stream;

	if (!is_open(in))
		return; /* done() is about to come */
	if (stream->text.len - stream->sent + text.len > MOST_UNREAD) {
		drop(in);
		return;
	}
	buf_add(&stream->text, text);
	wake(in);
}

void
net_stream_end(struct net_request *request)
{
	struct inbound *in = container_of(request, struct inbound, request);

	if (!is_open(in))
		return;
	in->stream.ended = true;
	wake(in);
}
