/* The head of a request, judged before anything is done for it. */
#include "judge.h"

#include "head.h"

enum rh_err
judge_head(struct inbound *in, const char *method, const char *version,
        const struct guard_names *names, struct guard_found *found, struct fault *fault)
{
	struct head_lines lines;
	struct guard_head head = {
		.method = str_of(method),
		.target = buf_str(&in->target),
		.version = str_of(version),
		.headers = lines.line,
		.target_at = in->target_at,
		.end = head_end(in->conn->mhd, method),
	};

	head_lines(in->conn->mhd, MHD_HEADER_KIND, &lines);
	head.count = lines.count;
	return guard_check(&head, names, found, fault);
}

/* Of what kind the request is is known by now. */
enum rh_err
judge_length(struct inbound *in, const struct guard_found *found, struct fault *fault)
{
	const struct net_server_conf *conf = in->conns->conf;

	in->body_most = conf->max_body;
	if (conf->most_body != NULL && (found->content_length > 0 || found->chunked))
		in->body_most = conf->most_body(conf->ctx, &in->request);
	if (found->content_length > in->body_most)
		return fault_set(
		        fault, RH_TOO_LARGE, "", "body is larger than %zu bytes", in->body_most);
	return RH_OK;
}
