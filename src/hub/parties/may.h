/* may: who may send what to whom, and who is shown what. */
#pragma once

#include "directory.h"

/** May a party of @role call @interface of @module? Receiver interfaces are called by the side that
 * owns the data; commands and charging profiles, owned by nobody, by the eMSP side. Sender
 * interfaces are called by the other one. */
bool may_call(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface);
/** The other way round: does a party of @role stand on the side that such a call is meant for? */
bool may_be_called(
        enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface);
bool may_meet(
        enum ocpi_role a, enum ocpi_role b); /* may parties of these roles communicate? (HCI-016) */

/** May these two exchange messages of @module now? */
bool may_roam(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module);
/** The same; *by: the agreement that says yes, or one between the two that does not reach so far;
 * NULL: routing.default. */
bool may_roam_by(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module, const struct store_agreement **by);

/** Does @viewer see @party in hubclientinfo? */
bool may_see(const struct hub *hub, const struct directory *directory,
        const struct platform *viewer, const struct party *party);
/** Does @party get this object? Role table, endpoint, agreement, not the owner itself
 * (RTE-035..037). */
bool may_get(const struct hub *hub, const struct store_object *object, const struct party *party);
/** Does @platform get this ClientInfo? It has no TO: once for the platform, whatever its parties.
 */
bool may_hear(
        const struct hub *hub, const struct store_object *object, const struct platform *platform);
