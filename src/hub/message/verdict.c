/* verdict: what a receiver's answer is to the requester. */
#include "verdict.h"

/* HTTP counts before the envelope: a proxy or a framework that failed speaks through the status,
 * whatever the body behind it was meant to be. A status of failure over a success is believed. */
enum said { SAID_NOTHING, SAID_SUCCESS, SAID_ERROR, SAID_COUNT };
enum status { STATUS_2XX, STATUS_OTHER, STATUS_429, STATUS_5XX, STATUS_COUNT };

static const enum rh_err verdicts[STATUS_COUNT][SAID_COUNT] = {
	[STATUS_2XX] = { RH_BAD_ANSWER, RH_OK, RH_OK },
	[STATUS_OTHER] = { RH_BAD_ANSWER, RH_RECEIVER_FAILED, RH_OK },
	[STATUS_429] = { RH_RECEIVER_SLOWER, RH_RECEIVER_SLOWER, RH_OK },
	[STATUS_5XX] = { RH_RECEIVER_FAILED, RH_RECEIVER_FAILED, RH_RECEIVER_FAILED },
};

static enum status
status_of(int http)
{
	if (http >= 200 && http <= 299)
		return STATUS_2XX;
	if (http == 429)
		return STATUS_429;
	return http >= 500 && http <= 599 ? STATUS_5XX : STATUS_OTHER;
}

static enum said
said_of(int code)
{
	if (code == 0)
		return SAID_NOTHING;
	return code / 1000 == 1 ? SAID_SUCCESS : SAID_ERROR;
}

/* RTE-016, TRP-54: these are kept, an envelope under another status comes with 200. */
static int
relayed_status(int http)
{
	return http == 201 || http == 404 || http == 405 || http == 429 ? http : 200;
}

struct verdict
verdict_of(int http, int code)
{
	return (struct verdict){
		.err = verdicts[status_of(http)][said_of(code)],
		.http = relayed_status(http),
	};
}
