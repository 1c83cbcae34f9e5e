/* memory: what the layer base shares about running out of it. */
#pragma once

#include <stddef.h>

/** End the process with a message: no caller of rh_alloc() or of an arena knows what to do without
 * memory. */
_Noreturn void memory_exhausted(size_t bytes);
