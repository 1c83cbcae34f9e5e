/* absent: what stands for the PostgreSQL backend in a build without libpq (-Dpostgresql=disabled).
 */
#include "../backend.h"

static struct backend *
refuse(const char *place, const struct store_conf *conf, struct fault *fault)
{
	(void)place, (void)conf;
	fault_set(fault, RH_STORE_FAILED, "store.url", "this build of roamhub has no PostgreSQL");
	return NULL;
}

const struct backend_ops backend_postgresql = { .scheme = "postgresql:", .open = refuse };
