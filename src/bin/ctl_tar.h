/* ctl_tar: a tar archive in memory. */
#pragma once

#include "roamhub/base.h"

/** @name: less than 100 characters. @at_s: wall clock, in seconds. */
void ctl_tar_add(struct buf *tar, const char *name, struct str content, int64_t at_s);
void ctl_tar_end(struct buf *tar);
