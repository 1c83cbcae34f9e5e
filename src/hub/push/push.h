/* push: what the hub owes to each platform, and how it gets there (design.md, section 5).
 *
 * A receiver is a platform. Its cursor says up to which change everything was delivered or given
 * up; what it is owed are the objects whose newest change is above. push.c reads the feed of
 * changes, receiver.c keeps what is owed and when it may be sent, deliver.c makes one request of it
 * and reads the answer. */
#pragma once

#include "../context.h"

struct pusher {
	struct worker *worker;
	struct list receivers;
	struct table *cursors; /* as loaded at start: key -> int64_t */
	struct arena *arena;
	bool loaded, loading, reading, more, stopped;
	int64_t head; /* changes up to it were handed to the receivers that keep up */
	struct net_timer timer;
	struct store_op load_op, save_op;
	bool saving;
	struct arena *save_arena;
};

struct batch { /* objects of one read of the feed; freed when nobody points into it */
	unsigned refs;
	struct arena *arena;
	struct store_op op;
	struct worker *worker;
	int64_t platform; /* read for this receiver; 0: for all that keep up */
	int64_t after;
};

struct owed {             /* one object for one party of the receiver */
	struct list node; /* in the receiver's queue, in the order of changes */
	struct receiver *receiver;
	struct ocpi_id to;
	struct str key;            /* party and object, of the table */
	int64_t change, delivered; /* delivered: the version that this party got last from us, 0:
	                              not known */
	int64_t since; /* the cursor stays below: this version, older than the newest perhaps, was
	                  not delivered */
	struct batch *batch, *next_batch;
	const struct store_object *object; /* the newest version, in batch */
	const struct store_object
	        *next; /* a newer one that came while this one was in the air, in next_batch */
	bool flying, next_whole;
	bool announces; /* a ClientInfo: goes before the objects behind it (HCI-014) */
	bool extra;     /* beside the feed: the cursor does not wait for it */
	bool whole;     /* it cannot be sent as it came: a PUT of the newest version instead */
	struct delivery *delivery; /* while flying */
};

struct receiver {
	struct list node;
	struct worker *worker;
	int64_t platform;
	struct live *live;
	char key[32]; /* of the cursor: "platform/7" */
	struct list queue;
	struct table *owed;
	size_t owed_count, in_air;
	unsigned window, failures;
	int64_t floor, saved; /* delivered up to; as last stored */
	int64_t read_at;      /* changes up to it were read */
	int64_t sure; /* versions up to it were read while they were the newest, none was passed
	                 over */
	int64_t retry_at_ms;
	bool reading, seen, gone;
};

/* push.c */
void push_start(struct worker *worker); /* on its thread, or before it runs */
void push_stop(struct worker *worker);  /* nothing new is sent; on its thread */
void push_free(struct worker *worker);
struct receiver *push_receiver(struct worker *worker, int64_t platform); /* NULL: none */

/* again.c */
void push_introduce(struct receiver *receiver); /* a newcomer gets the whole list of ClientInfo */

/* push.c, for receivers */
void push_read(struct receiver *receiver); /* it has room again and lags behind */
void batch_release(struct batch *batch);

/* receiver.c */
struct receiver *receiver_new(
        struct worker *worker, const struct platform *platform, int64_t floor);
void receiver_free(struct receiver *receiver);
/** Owe what @batch brings, for the parties of @platform, as far as there is room: it lags from
 * there. */
void receiver_take(struct receiver *receiver, const struct platform *platform, struct batch *batch);
/** The same for what is sent beside the feed; not bounded by the room, the caller bounds it. */
void receiver_take_extra(
        struct receiver *receiver, const struct platform *platform, struct batch *batch);
void receiver_report(const struct receiver *receiver); /* into its live, for the operator */
bool receiver_has_room(const struct receiver *receiver);
void receiver_go(struct receiver *receiver); /* send what may be sent now */
void receiver_pause(struct receiver
                *receiver); /* not CONNECTED: forget what is not in the air, read it again later */
int64_t receiver_floor(const struct receiver *receiver);
enum verdict { DELIVERED, TRY_AGAIN, TRY_WHOLE, REFUSED };
void receiver_delivered(struct owed *owed, enum verdict verdict, int64_t retry_after_ms);

/* deliver.c */
void deliver_start(struct owed *owed); /* receiver_delivered() follows, never from inside */
