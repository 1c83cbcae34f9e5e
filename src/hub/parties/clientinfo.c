/* clientinfo: one party as others see it; mod_hub_client_info.asciidoc "ClientInfo Object". */
#include "clientinfo.h"

void
client_info_write(struct buf *out, struct str country, struct str party, int role, int state,
        int64_t last_updated_ms)
{
	char stamp[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(last_updated_ms, stamp);
	buf_add(out, STR("{\"party_id\":"));
	json_quote(out, party);
	buf_add(out, STR(",\"country_code\":"));
	json_quote(out, country);
	buf_printf(out, ",\"role\":\"%s\",\"status\":\"%s\",\"last_updated\":\"%s\"}",
	        ocpi_role_name((enum ocpi_role)role), state_name(state), stamp);
}
