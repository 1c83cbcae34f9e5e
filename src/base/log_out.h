/* log_out: the end of the log that touches the descriptor. Private to log.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/** Write a whole line, at most PIPE_BUF bytes, to standard error. Never blocks: false when there
 * was no room for all of it. One thread at a time. */
bool log_out(const char *line, size_t len);
