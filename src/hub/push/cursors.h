/* cursors: how far each receiver got, loaded once, kept in memory and stored in batches. */
#pragma once

#include "pusher.h"

/** pusher->loaded() follows, or nothing when they could not be read. */
void channels_load(struct pusher *pusher);
/** Where @channel begins: from what was loaded, else from when its platform joined. */
void channel_begin(struct channel *channel);
/** Nothing is to be stored of it, nor is it being stored. */
bool channel_is_saved(struct channel *channel);
/** Store what moved. @all: the cursors of those in step that nothing was sent to, too. Some
 * hundreds at a time; pusher->save_arena tells whether it is under way. */
void channels_save(struct pusher *pusher, bool all);
