/* Answers, handed to libmicrohttpd from inside its handler. Private to net. */
#pragma once

#include "conn.h"

#include <microhttpd.h>

enum MHD_Result answer_queue(struct inbound *in); /* what net_answer() said */
/** Refuse with the body that the server's owner has for it, and close. */
enum MHD_Result answer_refusal(struct inbound *in, enum rh_err err, const char *why);
