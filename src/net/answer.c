/* Answers as libmicrohttpd wants them. */
#include "answer.h"

#include "reader.h"
#include "stream.h"

enum { REFUSAL_BYTES = 2048, TLS_RECORD_BYTES = 16384 };

static enum MHD_Result
queue(struct inbound *in, unsigned status, struct MHD_Response *response)
{
	const struct net_server_conf *conf = in->conns->conf;
	enum MHD_Result result;

	/* However steadily a peer reads, it may hold its answer as long as it may idle, and not for
	 * ever. */
	if (in->stream.open)
		conn_enter(in->conn, CONN_OPEN, 0);
	else
		conn_enter(in->conn, CONN_SENDING, conf->body_ms + conf->idle_ms);
	reader_begin(in->conn);
	conns_want_runs(in->conns, RUNS_OF_ANSWER - 1);
	result = MHD_queue_response(in->conn->mhd, status, response);
	MHD_destroy_response(response);
	return result;
}

enum MHD_Result
answer_refusal(struct inbound *in, enum rh_err err, const char *why)
{
	const struct net_server_conf *conf = in->conns->conf;
	const struct net_refusal refusal = { err, why, in->request.peer, in->request.method,
		in->request.target.p != NULL ? in->request.target : buf_str(&in->target) };
	char body[REFUSAL_BYTES];
	size_t len = conf->refuse(conf->ctx, &refusal, body, sizeof(body));
	struct MHD_Response *response =
	        MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_COPY);

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", "application/json");
	MHD_add_response_header(response, "Connection", "close");
	if (err == RH_BUSY)
		MHD_add_response_header(response, "Retry-After", "1");
	in->conn->linger = true;
	return queue(in, (unsigned)rh_err_info(err)->http, response);
}

static char *
put(char *at, struct str s)
{
	if (s.len > 0)
		at = mempcpy(at, s.p, s.len);
	*at++ = '\0';
	return at;
}

/* The library wants C strings, which it copies. */
static void
add_header(struct buf *scratch, struct MHD_Response *response, const struct net_header *header)
{
	char *at;

	scratch->len = 0;
	buf_reserve(scratch, header->name.len + 1 + header->value.len);
	at = put(scratch->p, header->name);
	(void)put(at, header->value);
	MHD_add_response_header(response, scratch->p, at);
}

/* In TLS a run sends one record, and the next one waits for no event. */
static unsigned
records_of(const struct inbound *in)
{
	return in->conns->conf->tls_cert == NULL
	               ? 0
	               : (unsigned)(in->answer.body.len / TLS_RECORD_BYTES);
}

enum MHD_Result
answer_queue(struct inbound *in)
{
	const struct net_answer *answer = &in->answer;
	struct MHD_Response *response =
	        in->stream.open
	                ? stream_response(in)
	                : MHD_create_response_from_buffer(answer->body.len,
	                          (void *)(uintptr_t)answer->body.p, MHD_RESPMEM_PERSISTENT);

	if (response == NULL)
		return MHD_NO;
	for (size_t i = 0; i < answer->header_count; i++)
		add_header(&in->conns->scratch, response, &answer->headers[i]);
	if (in->conns->stopping || in->conn->linger)
		MHD_add_response_header(response, "Connection", "close");
	conns_want_runs(in->conns, RUNS_OF_ANSWER - 1 + records_of(in));
	return queue(in, (unsigned)answer->status, response);
}
