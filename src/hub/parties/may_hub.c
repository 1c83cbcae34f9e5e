/* may_hub: the questions of may, put with what the directory, the settings and the clock say. */
#include "may_hub.h"

#include <string.h>

static struct may_home
home_of(const struct platform *platform)
{
	return (struct may_home){ platform->id, platform->sandbox_of };
}

/* Where the one is that has this id now, else the last one that had it. */
static struct may_home
find_home(const struct directory *directory, const struct ocpi_id *id)
{
	const struct party *party = directory_holder(directory, id);

	if (party == NULL)
		party = directory_party(directory, id);
	return party != NULL ? home_of(party->platform) : (struct may_home){ 0 };
}

/* Homes matter where there are sandboxes alone. */
static void
fill_homes(struct may_question *question, const struct directory *directory,
        const struct ocpi_id *from, const struct ocpi_id *to)
{
	if (directory->sandbox_count == 0)
		return;
	question->from_home = find_home(directory, from);
	question->to_home = find_home(directory, to);
}

static void
fill_terms(struct may_question *question, const struct hub *hub, const struct directory *directory,
        const struct ocpi_id *a, const struct ocpi_id *b)
{
	question->agreement_count = directory_agreed(directory, a, b, &question->agreements);
	question->now_ms = question->agreement_count > 0 ? rh_wall_coarse_ms() : 0;
	question->open = hub_settings(hub)->routing == 0;
	question->same_id = ocpi_id_same(a, b);
	fill_homes(question, directory, a, b);
}

static struct may_side
side_of(const struct party *party)
{
	return (struct may_side){ .role = party->role, .state = party_state(party) };
}

/* Of the answers for several roles the one that came furthest. */
static void
take_better(struct may_answer *best, struct may_answer answer)
{
	if (best->reason != MAY_YES && (answer.reason == MAY_YES || answer.reason > best->reason))
		*best = answer;
}

static const struct may_answer no_role = { MAY_NOT_SENDER_ROLE, NULL };

struct may_answer
may_agree(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, const struct ocpi_module *module)
{
	struct may_question question = { .module = module };

	fill_terms(&question, hub, directory, a, b);
	return may_by_agreement(&question);
}

bool
may_roam(const struct hub *hub, const struct directory *directory, const struct ocpi_id *a,
        const struct ocpi_id *b, struct str module)
{
	const struct ocpi_module *found =
	        module.p != NULL ? ocpi_module_find(hub->modules, module) : NULL;

	return may_agree(hub, directory, a, b, found).reason == MAY_YES;
}

bool
may_plays(const struct directory *directory, const struct ocpi_id *id)
{
	return directory->sandbox_count > 0 && find_home(directory, id).sandbox_of != 0;
}

bool
may_know(const struct directory *directory, int64_t platform, const struct party *party)
{
	const struct platform *own = directory_platform(directory, platform);
	struct may_home home, other = home_of(party->platform);

	if (directory->sandbox_count == 0 || own == NULL)
		return true;
	if (party->platform->removed && other.sandbox_of != 0)
		return false; /* it was stopped: nothing is left of it */
	home = home_of(own);
	return may_meet(&home, &other);
}

/* Ask for each role that @id has on the platform. */
static struct may_answer
ask_as(struct may_question *question, const struct directory *directory, int64_t id_of_platform,
        const struct ocpi_id *id)
{
	const struct platform *platform = directory_platform(directory, id_of_platform);
	struct may_answer best = no_role;

	if (platform != NULL)
		question->from_home = home_of(platform);
	for (size_t i = 0; platform != NULL && i < platform->party_count && best.reason != MAY_YES;
	        i++) {
		if (!ocpi_id_same(&platform->parties[i].id, id))
			continue;
		question->from = side_of(&platform->parties[i]);
		take_better(&best, may(question));
	}
	return best;
}

struct may_answer
may_speak(const struct directory *directory, int64_t platform, const struct ocpi_id *id,
        const struct ocpi_module *module, enum ocpi_interface interface,
        enum may_direction direction)
{
	struct may_question question = { direction, module, interface };

	return ask_as(&question, directory, platform, id);
}

struct may_answer
may_send(const struct hub *hub, const struct directory *directory, int64_t platform,
        const struct ocpi_id *id, const struct party *receiver, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	struct may_question question = { MAY_FORWARD, module, interface };
	struct may_answer best = no_role;

	fill_terms(&question, hub, directory, id, &receiver->id);
	question.same_platform = platform == receiver->platform->id;
	question.to_home = home_of(receiver->platform);
	question.to.endpoint =
	        platform_endpoint(receiver->platform, str_of(module->id), interface) != NULL;
	for (size_t i = 0; i < receiver->platform->party_count && best.reason != MAY_YES; i++) {
		const struct party *to = &receiver->platform->parties[i];

		if (!ocpi_id_same(&to->id, &receiver->id))
			continue;
		question.to.role = to->role;
		question.to.state = party_state(to);
		take_better(&best, ask_as(&question, directory, platform, id));
	}
	return best;
}

struct may_answer
may_list(const struct hub *hub, const struct directory *directory, int64_t platform,
        const struct ocpi_id *id, const struct ocpi_id *owner, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	struct may_question question = { MAY_LIST, module, interface };

	fill_terms(&question, hub, directory, id, owner);
	return ask_as(&question, directory, platform, id);
}

/* ---- who is shown what ---- */

/* Roles alone decide: what a party may use does not change while it is away. */
static bool
role_uses(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface)
{
	const struct may_question question = { MAY_CALL, module, interface,
		.from = { .role = role, .state = STATE_CONNECTED } };

	return may(&question).reason == MAY_YES;
}

bool
may_use(const struct platform *reader, const struct ocpi_module *module,
        enum ocpi_interface interface)
{
	bool has_party = false;

	if (reader->endpoints_all || (reader->state == STATE_PLANNED && !reader->claims_bound))
		return true;
	for (size_t i = 0; i < reader->party_count; i++) {
		if (reader->parties[i].state == STATE_SUSPENDED)
			continue; /* dropped by PUT */
		if (role_uses(reader->parties[i].role, module, interface))
			return true;
		has_party = true;
	}
	return !has_party;
}

bool
may_see(const struct hub *hub, const struct directory *directory, const struct platform *viewer,
        const struct party *party)
{
	struct may_question question = { .direction = MAY_SEE, .to = side_of(party) };

	question.same_platform = party->platform == viewer;
	for (size_t i = 0; i < viewer->party_count; i++) {
		fill_terms(&question, hub, directory, &viewer->parties[i].id, &party->id);
		question.from_home = home_of(viewer);
		question.to_home = home_of(party->platform);
		question.from = side_of(&viewer->parties[i]);
		if (may(&question).reason == MAY_YES)
			return true;
	}
	return false;
}

struct may_answer
may_get_of(const struct hub *hub, const struct directory *directory, const struct ocpi_id *owner,
        const struct party *party, const struct ocpi_module *module)
{
	struct may_question question = { MAY_GET, module, IFACE_RECEIVER, .to = side_of(party) };
	struct may_answer best = no_role;
	const struct party *from = directory_party(directory, owner);

	question.to.endpoint =
	        platform_endpoint(party->platform, str_of(module->id), IFACE_RECEIVER) != NULL;
	if (!question.to.endpoint) /* the commonest no, and the cheapest */
		return (struct may_answer){ MAY_NOT_ENDPOINT, NULL };
	fill_terms(&question, hub, directory, owner, &party->id);
	question.to_home = home_of(party->platform);
	for (; from != NULL && best.reason != MAY_YES; from = from->same) {
		question.from = side_of(from);
		take_better(&best, may(&question));
	}
	return best;
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

	return module != NULL && (object->body.p != NULL || can_be_deleted(module)) &&
	       ocpi_id_parse(object->key.owner, &owner) &&
	       may_get_of(hub, hub_directory(hub), &owner, party, module).reason == MAY_YES;
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
