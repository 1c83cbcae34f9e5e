/* pg_listen: what other sessions notify of. */
#include "pg_conn.h"

#include <stdio.h>

bool
pg_heard(struct pg *pg, char *out, size_t size)
{
	PGnotify *notice;

	while ((notice = PQnotifies(pg->conn)) != NULL) {
		bool own = notice->be_pid == pg->server_pid;

		(void)snprintf(out, size, "%s", notice->extra);
		PQfreemem(notice);
		if (!own)
			return true;
	}
	return false;
}
