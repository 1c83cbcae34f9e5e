/* parked: what a receiver is owed whatever its cursor says, as rows of the store: what failed three
 * times, what an operator wants sent again, and what was there before the receiver was entitled to
 * it.
 *
 * A row is tried when it is due, in slices, each time after a longer pause, with the newest version
 * of its object. It ends when that was taken or refused, when the object is deleted for good, or
 * when the feed brings a newer version that is taken. A row without an object's id stands for a
 * whole module and is made into rows page by page. */
#pragma once

#include "deliver.h"
#include "pusher.h"

/** Look at the rows of all whose time has come. */
void parked_turn(struct pusher *pusher);
void parked_look(struct channel *channel); /* at one's, if it is time */
/** Look before anything is due, as site_early() has it. */
void parked_early(struct channel *channel, enum early early);
void parked_news(struct pusher *pusher);  /* as news_parked() and news_owed() say */
void parked_woken(struct pusher *pusher); /* as news_woken() says */
