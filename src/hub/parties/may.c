/* may: who may send what to whom, and who is shown what. */
#include "may.h"

#include <string.h>

/* ---- roles ---- */

static bool
on_cpo_side(enum ocpi_role role)
{
	return role == ROLE_CPO || role == ROLE_HUB;
}

static bool
on_emsp_side(enum ocpi_role role)
{
	return role != ROLE_CPO && role != ROLE_NONE;
}

/* Receiver interfaces are called by the side that owns the data; commands and charging profiles,
 * owned by nobody, by the eMSP side. Sender interfaces are called by the other one. */
bool
may_call(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface)
{
	bool cpo_calls = (module->owner == ROLE_CPO) == (interface == IFACE_RECEIVER);

	return cpo_calls ? on_cpo_side(role) : on_emsp_side(role);
}

bool
may_be_called(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface)
{
	bool cpo_calls = (module->owner == ROLE_CPO) == (interface == IFACE_RECEIVER);

	return cpo_calls ? on_emsp_side(role) : on_cpo_side(role);
}

bool
may_meet(enum ocpi_role a, enum ocpi_role b)
{
	if (a == ROLE_HUB || b == ROLE_HUB)
		return true;
	if ((a == ROLE_CPO) != (b == ROLE_CPO))
		return true;
	return (a == ROLE_SCSP && b == ROLE_EMSP) ||
	       (a == ROLE_EMSP && b == ROLE_SCSP); /* CHP-014 */
}

/* ---- agreements ---- */

static bool
covers_module(const struct store_agreement *agreement, struct str module)
{
	struct str left = agreement->modules;

	if (left.p == NULL || left.len == 0)
		return true;
	while (left.p != NULL)
		if (str_eq(str_trim(str_cut(&left, ',')), module))
			return true;
	return false;
}

static bool
agreement_names(const struct store_agreement *agreement, const struct ocpi_id *cpo,
        const struct ocpi_id *emsp)
{
	return str_ieq(str_of(agreement->cpo_country), str_of(cpo->country)) &&
	       str_ieq(str_of(agreement->cpo_party), str_of(cpo->party)) &&
	       str_ieq(str_of(agreement->emsp_country), str_of(emsp->country)) &&
	       str_ieq(str_of(agreement->emsp_party), str_of(emsp->party));
}

static bool
in_force(const struct store_agreement *agreement, int64_t now_ms)
{
	return (agreement->from_ms == 0 || now_ms >= agreement->from_ms) &&
	       (agreement->until_ms == 0 || now_ms < agreement->until_ms);
}

bool
may_roam_by(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module, const struct store_agreement **by)
{
	bool open = hub_settings(hub)->routing == 0;
	int64_t now_ms;

	*by = NULL;
	if (directory->agreement_count == 0)
		return open;
	now_ms = rh_wall_ms();
	for (size_t i = 0; i < directory->agreement_count; i++) {
		const struct store_agreement *agreement = &directory->agreements[i];

		if (!agreement_names(agreement, a, b) && !agreement_names(agreement, b, a))
			continue;
		/* the two agreed on something: then that holds, whatever the default is */
		*by = agreement;
		if (in_force(agreement, now_ms) &&
		        (module.p == NULL || covers_module(agreement, module)))
			return true;
		open = false;
	}
	return open;
}

bool
may_roam(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module)
{
	const struct store_agreement *by;

	return may_roam_by(hub, directory, a, b, module, &by);
}

/* ---- who is shown what ---- */

/* HCI-016: a viewer sees whom it can communicate with; its own parties and the hub are left out. */
bool
may_see(const struct hub *hub, const struct directory *directory, const struct platform *viewer,
        const struct party *party)
{
	if (party->platform->id == viewer->id)
		return false;
	for (size_t i = 0; i < viewer->party_count; i++)
		if (viewer->parties[i].state != STATE_SUSPENDED &&
		        may_meet(viewer->parties[i].role, party->role) &&
		        may_roam(hub, directory, &viewer->parties[i].id, &party->id,
		                (struct str){ 0 }))
			return true;
	return false;
}

static bool
role_receives(const struct ocpi_module *module, const struct party *party)
{
	if (party->role == ROLE_HUB)
		return false; /* RTE-036: other hubs by configuration alone, and there is none for
		                 it */
	return module->owner == ROLE_CPO ? party->role != ROLE_CPO : party->role == ROLE_CPO;
}

/* Locations and tokens that are withdrawn have no DELETE in OCPI: lists end them. */
static bool
can_be_deleted(const struct ocpi_module *module)
{
	for (const struct ocpi_route *route = module->routes; route->interface != IFACE_NONE;
	        route++)
		if (route->interface == IFACE_RECEIVER && strcmp(route->method, "DELETE") == 0 &&
		        (route->flags & ROUTE_SHARE) != 0)
			return true;
	return false;
}

bool
may_get(const struct hub *hub, const struct store_object *object, const struct party *party)
{
	const struct ocpi_module *module = ocpi_module_find(hub->modules, object->key.module);
	struct ocpi_id owner;

	if (party->state == STATE_SUSPENDED || !ocpi_id_parse(object->key.owner, &owner))
		return false;
	if (ocpi_id_same(&owner, &party->id))
		return false;
	if (module == NULL || !role_receives(module, party))
		return false;
	if (object->body.p == NULL && !can_be_deleted(module))
		return false;
	if (platform_endpoint(party->platform, object->key.module, IFACE_RECEIVER) == NULL)
		return false;
	return may_roam(hub, hub_directory(hub), &owner, &party->id, object->key.module);
}

bool
may_hear(const struct hub *hub, const struct store_object *object, const struct platform *platform)
{
	const struct directory *directory = hub_directory(hub);
	enum ocpi_role role;
	struct ocpi_id id;

	if (platform_endpoint(platform, object->key.module, IFACE_RECEIVER) == NULL ||
	        !ocpi_id_parse(object->key.owner, &id) || !ocpi_role_parse(object->key.id, &role))
		return false;
	for (const struct party *party = directory_party(directory, &id); party != NULL;
	        party = party->same)
		if (party->role == role && may_see(hub, directory, platform, party))
			return true;
	return false;
}
