/* pusher_rig: a worker's half of the push engine. The test turns the worker's loop itself and
 * stands where requests go out (linked with --wrap), so that turns, reads and deliveries are
 * counted and no clock decides. */
#pragma once

#include "../../../src/hub/news.h"
#include "../../../src/hub/parties/live.h"
#include "../../../src/hub/push/deliver.h"
#include "../../../src/hub/push/receivers.h"
#include "registry_rig.h"

#include <pthread.h>

enum { MOST_SENT = 2048 };

struct sent { /* a delivery that was started and not answered */
	struct channel *channel;
	struct owed *owed;
	deliver_done_fn done;
};
extern struct sent sent[MOST_SENT];
extern size_t sent_count;
extern size_t touched;    /* questions for a platform: nobody is sent anything without one */
extern size_t log_lines;  /* errors of the push engine */
extern size_t room;       /* of each origin */
extern pthread_t control; /* to be set by main() */

struct pusher *pusher(void);
void turn_once(void);
void turn_until_quiet(void);
void turn_until_sent(size_t count);
void answer_first(size_t count); /* delivered */
size_t answer_all(void);
void deliver_the_rest(size_t count); /* turns and answers until so many were */

int64_t join(const char *id, enum ocpi_role role, const char *module); /* its Receiver interface */
void join_many(const char *country, int count, enum ocpi_role role, const char *module);
void everybody_is(enum store_state state);
void share(int number); /* a location of DE*CPO */
void share_many(int count);
