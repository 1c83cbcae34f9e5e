/* clientinfo: one party as others see it; mod_hub_client_info.asciidoc "ClientInfo Object". */
#pragma once

#include "../context.h"

void client_info_write(struct buf *out, struct str country, struct str party, int role, int state,
        int64_t last_updated_ms);
