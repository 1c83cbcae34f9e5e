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

bool
quota_finds_no_room(struct store_op *op, bool full)
{
	bool adds = op->verb == STORE_RELINK_PUT || op->verb == STORE_PROBE ||
	            (op->verb == STORE_SHARE && !str_is(op->u.share.method, "DELETE"));

	if (!full || !adds)
		return false;
	op_result(op, RH_STORE_FAILED, "as much is kept as limits.disk allows");
	if (op->verb == STORE_SHARE)
		(void)fault_set(&op->u.share.fault, op->err, "", "%s", op->why);
	return true;
}
