/* agreement: the agreements that the registry keeps, of which directories are built. */
#pragma once

#include "registry.h"

void agreement_take(struct hub *hub, const struct store_agreement *row); /* into the list */
void agreement_forget(struct agreement_record *record);
void agreement_forget_all(struct hub *hub);
void agreement_index(struct hub *hub); /* after the list changed, before a directory is built */
/** Both may see what was shared before; once the directory has it. */
void agreement_tell(struct hub *hub, const struct store_agreement *row);
void agreement_free(struct hub *hub);
