/* versions: of which objects earlier versions are kept. */
#include "versions.h"

/* Between the begin of a session and the last change of its CDR. */
static const int64_t LATE_MS = 92LL * 24 * 3600 * 1000;

bool
versions_kept(const struct store_key *key)
{
	return str_is(key->module, "tariffs");
}

int64_t
versions_before(int64_t records_ms)
{
	return records_ms - LATE_MS;
}
