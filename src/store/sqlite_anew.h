/* sqlite_anew: what is counted along with the rows of a SQLite, counted of these rows. */
#pragma once

/** Scripts: how much each platform has; the blocks of objects, and how many of each list are in
 * each. */
extern const char sqlite_platforms_anew[], sqlite_blocks_anew[];
