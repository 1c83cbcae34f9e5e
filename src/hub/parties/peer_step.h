/* peer_step: a request of a handshake to the other side, as a step of the attempt. */
#pragma once

#include "peer.h"

/** The hub begins an attempt with fetch->platform, as far as that is there by now. Control thread.
 */
void peer_step_begin(struct peer_fetch *fetch);
/** It is over: @success, or what @fault says. */
void peer_step_end(const struct peer_fetch *fetch, const struct fault *fault, struct str success);
/** Why a list of versions without ours is refused, in words that name both sides'. From
 * fetch->arena. */
struct str peer_step_versions(const struct peer_fetch *fetch);
/** fetch->call is answered; fetch->advice becomes what is to be done about it, or nothing. */
void peer_step_note(struct peer_fetch *fetch);
