/* bench_schema: the other reader, without its header, which has names in common with ours. */
#pragma once

#include "roamhub/base.h"

void jansson_read(struct str text); /* parse and free */
