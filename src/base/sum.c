/* sum: XXH64, which tells whether bytes are what they were. Against chance alone: who wants to make
 * two texts of one sum can. The only file that knows libxxhash. */
#include "roamhub/base.h"

#include <xxhash.h>

uint64_t
rh_sum64(struct str s)
{
	return XXH64(s.len == 0 ? "" : s.p, s.len, 0);
}
