/* desk_count: what a listener of the operator's side answered, by HTTP status. */
#include "desk.h"

const int desk_statuses[DESK_STATUSES] = { 200, 201, 202, 303, 304, 400, 401, 403, 404, 405, 409,
	413, 429, 500, 503, 0 };

void
desk_count(struct desk *desk, int http)
{
	size_t at = 0;

	while (desk_statuses[at] != 0 && desk_statuses[at] != http)
		at++;
	desk->answers[at]++;
}
