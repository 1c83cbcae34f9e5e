/* auth: step 1, who is speaking? */
#pragma once

#include "flight.h"

/** Would flight_auth() let the platform of @request speak now? RH_OK, RH_UNKNOWN_TOKEN or
 * RH_SUSPENDED; RH_BUSY: too many wait to be judged. Before its body is read. It may leave the
 * request undecided, until it is known what other processes know. */
enum rh_err auth_admits(struct worker *worker, struct net_request *request);
/** The platform that sent @request; 0: a stranger. */
int64_t auth_sender(const struct worker *worker, struct net_request *request);
enum next flight_auth(struct flight *flight);
struct str auth_token(struct flight *flight); /* as it was presented, decoded */
/** The tokens that a message may cite: the one presented, the one in its body, the one that the hub
 * sends to the platform. How many; some may be absent. */
enum { AUTH_SECRETS = 3 };
size_t auth_secrets(struct flight *flight, struct str out[AUTH_SECRETS]);
/** A copy of @text without the tokens that a refusal may cite, as they were in the wrong place: the
 * one presented, the one in the body, the one that the hub sends to the platform. */
struct str auth_hide(struct flight *flight, struct str text);
