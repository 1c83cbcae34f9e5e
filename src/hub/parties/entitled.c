/* entitled: who gets the objects of a party, and by which rule who does not. For the operator. */
#include "may_hub.h"

void
hub_entitled(const struct hub *hub, const struct ocpi_id *owner, const struct ocpi_module *module,
        const struct party *party, struct hub_entitled *out)
{
	const struct may_answer answer = may_get_of(hub, hub_directory(hub), owner, party, module);

	*out = (struct hub_entitled){ .is = answer.reason == MAY_YES,
		.why = may_reason_text(answer.reason),
		.agreement = answer.by != NULL ? answer.by->id : 0,
		.is_itself = answer.reason == MAY_NOT_ITSELF || ocpi_id_same(owner, &party->id),
		.by_role = answer.reason == MAY_NOT_RECEIVER_ROLE };
}

size_t
hub_requests(
        const struct hub *hub, const struct platform *platform, const struct store_object *object)
{
	size_t count = 0;

	if (str_is(object->key.module, "hubclientinfo"))
		return platform->party_count > 0 && may_hear(hub, object, platform) ? 1 : 0;
	for (size_t i = 0; i < platform->party_count; i++)
		count += may_get(hub, object, &platform->parties[i]);
	return count;
}
