/* may_hub: the questions of may, put with what the directory, the settings and the clock say. Any
 * thread; what is answered is good for the turn. */
#pragma once

#include "directory.h"
#include "may.h"

/** Two parties, whatever their roles: may they exchange messages of @module (NULL: of any) now? */
struct may_answer may_agree(const struct hub *hub, const struct directory *directory,
        const struct ocpi_id *a, const struct ocpi_id *b, const struct ocpi_module *module);
bool may_roam(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module);

/** Is it a party of a sandbox? */
bool may_plays(const struct directory *directory, const struct ocpi_id *id);
/** Does @platform know that @party is there: is neither of them a sandbox, or one the other's? */
bool may_know(const struct directory *directory, int64_t platform, const struct party *party);

/** May @id of @platform do this by any of its roles there? @direction: MAY_CALL, MAY_SHARE. */
struct may_answer may_speak(const struct directory *directory, int64_t platform,
        const struct ocpi_id *id, const struct ocpi_module *module, enum ocpi_interface interface,
        enum may_direction direction);
/** May @id of @platform send this to @receiver, or to what has its id on the same platform? */
struct may_answer may_send(const struct hub *hub, const struct directory *directory,
        int64_t platform, const struct ocpi_id *id, const struct party *receiver,
        const struct ocpi_module *module, enum ocpi_interface interface);
/** Does @id of @platform get objects of @owner in lists? */
struct may_answer may_list(const struct hub *hub, const struct directory *directory,
        int64_t platform, const struct ocpi_id *id, const struct ocpi_id *owner,
        const struct ocpi_module *module, enum ocpi_interface interface);

/** Is @reader shown this interface in the version details: may one of its parties call it? All are
 * shown before it registered, unless its invite names its parties, and with endpoints=all. */
bool may_use(const struct platform *reader, const struct ocpi_module *module,
        enum ocpi_interface interface);
/** Does @viewer see @party in hubclientinfo? */
bool may_see(const struct hub *hub, const struct directory *directory,
        const struct platform *viewer, const struct party *party);
/** Does @party get this object? Role table, endpoint, agreement, not the owner itself
 * (RTE-035..037). */
bool may_get(const struct hub *hub, const struct store_object *object, const struct party *party);
struct may_answer may_get_of(const struct hub *hub, const struct directory *directory,
        const struct ocpi_id *owner, const struct party *party, const struct ocpi_module *module);
/** Does @platform get this ClientInfo? It has no TO: once for the platform, whatever its parties.
 */
bool may_hear(
        const struct hub *hub, const struct store_object *object, const struct platform *platform);
