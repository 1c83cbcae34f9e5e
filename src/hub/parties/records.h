/* records: the platforms that the registry has. Control thread. */
#pragma once

#include "registry.h"

struct record *records_find(const struct hub *hub, int64_t id); /* NULL: there is none */
/** Sorted by id; where @old stood when there is one. */
void records_insert(struct hub *hub, struct record *record, struct record *old);
/** As it stands in the store; the record that it replaces is the caller's, NULL: there was none.
 */
struct record *records_take(struct hub *hub, const struct store_platform *row);
/** CONNECTED or OFFLINE, of a platform that is registered, as others are told. */
enum store_state records_presence(const struct store_platform *row);
