/* retry_after: the header of a 429 or 503. */
#include "retry_after.h"

#include "roamhub/ocpi.h"

enum { MOST_S = 24 * 3600 };

int64_t
retry_after_ms(struct str value, int64_t wall_ms)
{
	uint64_t seconds;
	int64_t at_ms;

	if (value.p == NULL)
		return 0;
	value = str_trim(value);
	if (str_to_u64(value, INT64_MAX, &seconds))
		return (int64_t)(seconds > MOST_S ? MOST_S : seconds) * 1000;
	if (!ocpi_http_date_parse(value, &at_ms) || at_ms <= wall_ms)
		return 0;
	return at_ms - wall_ms > MOST_S * 1000 ? MOST_S * 1000 : at_ms - wall_ms;
}
