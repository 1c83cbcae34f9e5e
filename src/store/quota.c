/* quota: what a platform may have, for all backends. */
#include "quota.h"

int64_t
quota_platform(const struct store_relink *relink)
{
	return relink->kind == RELINK_RESPONSE_URL ? relink->target_platform
	                                           : relink->caller_platform;
}

bool
quota_allows(struct store_op *op, int64_t has, int64_t most, const char *what, struct fault *fault)
{
	struct fault own;

	if (has < most)
		return true;
	if (fault == NULL)
		fault = &own;
	(void)fault_set(fault, RH_QUOTA, "", "quota of %lld %s reached", (long long)most, what);
	op_result(op, RH_QUOTA, fault->why);
	return false;
}
