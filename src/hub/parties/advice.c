/* advice: what is to be done about a handshake that failed. */
#include "advice.h"

static const char *
on_transport(enum net_result result, bool invited)
{
	switch (result) {
	case NET_NO_CONNECTION:
		return "is the URL right, and reachable from the hub's machine: name, port, "
		       "firewall, certificate?";
	case NET_FORBIDDEN:
		return "the hub calls no such address: list a public one, or have the operator "
		       "allow it (egress.allow)";
	case NET_LATE:
		return invited ? "it has to answer while its own POST is open: who serves one "
		                 "request at a time cannot"
		               : "it is too slow, or waits for something: look into its log";
	case NET_BROKEN:
		return "the connection ended before the answer did: look into its log";
	case NET_GARBAGE:
		return "what came is no HTTP: is it https behind an http URL, or another port?";
	case NET_ANSWER_TOO_LARGE:
		return "is this the right URL? the answer is larger than 1 MB";
	default:
		return "the hub had no room for the call: try again";
	}
}

static const char *
on_refused_token(bool invited)
{
	return invited ? "the token in its Credentials has to be good before it POSTs them"
	               : "the token is not good there: a fresh token A is due, or one in the other "
	                 "spelling (token_encoding)";
}

static const char *
on_missing(enum advice_step step)
{
	static const char *const texts[] = {
		[ADVICE_VERSIONS] = "the versions URL leads nowhere: it has to be that of the list "
		                    "of versions",
		[ADVICE_DETAILS] = "the URL beside 2.2.1 in its versions leads nowhere: it has to "
		                   "be that of its version details",
		[ADVICE_CREDENTIALS] = "the credentials endpoint in its version details leads "
		                       "nowhere",
	};

	return texts[step];
}

/* 404 is a path that is not there; 405 of the credentials says who is thought to be registered. */
static const char *
on_status(int status, enum advice_step step, bool invited)
{
	if (status == 401 || status == 403)
		return on_refused_token(invited);
	if (status == 405 && step == ADVICE_CREDENTIALS)
		return "the two sides disagree on whether they are registered: DELETE there, or "
		       "invite anew";
	if (status == 404 || status == 405)
		return on_missing(step);
	if (status / 100 == 3)
		return "list the URL that answers: redirects to another host are not followed";
	if (status == 429 || status == 503)
		return "it asks to be left alone for a while: try again later";
	if (status >= 500)
		return "its server failed: look into its log at this time";
	return "it does not take the request as it is: its words say why";
}

static bool
is_page(struct str text)
{
	while (text.len > 0 && (unsigned char)text.p[0] <= ' ')
		text = str_from(text, 1);
	return text.len > 0 && text.p[0] == '<';
}

const char *
advice_on_call(const struct partner_call *call, enum advice_step step, bool invited)
{
	const struct net_call *net = &call->net;

	if (net->result != NET_DONE)
		return on_transport(net->result, invited);
	if (net->status / 100 != 2)
		return on_status(net->status, step, invited);
	if (call->result == PARTNER_ANSWERED)
		return "it answers that it refuses: its words say why";
	return is_page(net->answer) ? "a web page came instead of JSON: is this the URL of the API?"
	                            : "expected JSON with status_code 1000 and data";
}

const char *
advice_on_error(enum rh_err err)
{
	switch (err) {
	case RH_CLIENT_VERSION:
		return "list version 2.2.1 in its versions, with the URL of its version details";
	case RH_CLIENT_ENDPOINTS:
		return "list the credentials endpoint in its version details";
	case RH_UNKNOWN_TOKEN:
		return "a token A is good for versions and one exchange of credentials: "
		       "roamhubctl party invite --replace ID makes another one";
	case RH_METHOD:
		return "POST registers, PUT changes, DELETE ends: which one is due depends on "
		       "what was done before";
	case RH_BAD_JSON:
		return "send JSON";
	case RH_BAD_FIELD:
		return "mend what is named";
	case RH_NOT_FOUND:
		return "the hub's URLs stand in its versions and version details";
	case RH_TOO_MANY:
	case RH_BUSY:
		return "wait as long as Retry-After says";
	case RH_STORE_FAILED:
		return "the hub's own fault: roamhubctl check";
	default:
		return "mend what is named, then begin again";
	}
}
