/* From the owner of a request to its connection: an answer, or one that stays open. */
#include "stream.h"

#include <assert.h>

void
net_answer(struct net_request *request, const struct net_answer *answer)
{
	struct inbound *in = container_of(request, struct inbound, request);

	assert(in->handed && !in->answered);
	in->answer = *answer;
	in->answered = true;
	if (in->conn == NULL)
		list_add_tail(&in->conns->left, &in->node);
	else if (in->suspended)
		MHD_resume_connection(in->conn->mhd);
	else if (!in->waiting)
		return; /* from inside of request() */
	conns_want_runs(in->conns, RUNS_OF_ANSWER);
}

void
net_admit(struct net_request *request, enum rh_err err)
{
	struct inbound *in = container_of(request, struct inbound, request);

	assert(request->undecided);
	request->undecided = false;
	request->turned_away = err;
	in->conns->handed--;
	if (in->conn == NULL) {
		inbound_put(in);
		return;
	}
	in->suspended = false;
	MHD_resume_connection(in->conn->mhd);
	conns_want_runs(in->conns, RUNS_OF_ANSWER);
}

bool
net_stream(struct net_request *request, const struct net_answer *answer)
{
	struct inbound *in = container_of(request, struct inbound, request);

	if (!stream_begin(in, answer->body))
		return false;
	net_answer(request, answer);
	return true;
}
