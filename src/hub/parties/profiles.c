/* profiles: settings that go together, by the kind of stack that a partner runs. One row a profile:
 * what it sets, and why. A setting that a profile does not name stays as it was. */
#include "settings.h"

#include <string.h>

const struct registry_profile registry_profiles[] = {
	/* Under test, or certified: whatever departs from the text is to be seen at once, by
	 * whoever made it. A receiver is named in each list, so that none is answered by the hub
	 * unnoticed. */
	{ "strict", "holds the partner to the letter",
	        { { "validation", "strict" }, { "datetime_offset", "refuse" },
	                { "endpoint_slash", "off" }, { "lists_without_to", "refuse" },
	                { "token_encoding", "base64" } } },
	/* Python frameworks: isoformat() ends in +00:00, not in Z; py-ocpi and its kin write
	 * {endpoint}{country_code}/... without a slash between; their models name each fault of a
	 * body as {"detail": [...]}, so lists in `data` are what their people look for. */
	{ "fastapi", "FastAPI and pydantic: py-ocpi and its kin",
	        { { "datetime_offset", "accept" }, { "endpoint_slash", "on" },
	                { "errors_detail", "data" }, { "lists_without_to", "all" } } },
	/* Clients that parse each answer into one type (Kotlin, Rust, Go, TypeScript with schemas):
	 * `data` of a refusal that is not of this type hides its status_message; they send Base64,
	 * since their types say so; their libraries print times with the zone they have. */
	{ "typed-client", "clients that read each answer by one type",
	        { { "errors_detail", "none" }, { "datetime_offset", "accept" },
	                { "lists_without_to", "all" }, { "token_encoding", "base64" } } },
	/* A test tool of the OCPI Foundation's kind: it sends what is wrong to see it refused, asks
	 * for lists without a receiver, compares endpoints character by character, and what it
	 * authorizes is to reach it and nobody in its place. */
	{ "foundation-tool", "test tools of the OCPI Foundation's kind",
	        { { "validation", "strict" }, { "datetime_offset", "refuse" },
	                { "endpoint_slash", "off" }, { "errors_detail", "none" },
	                { "lists_without_to", "all" }, { "offline_authorize", "off" },
	                { "token_encoding", "base64" } } },
	/* Made for one partner at the other end: it names no receiver, so the hub answers its
	 * lists, and it asks for nothing by itself, so it is sent what was there before it came. */
	{ "no-routing-headers", "stacks made for one partner, without OCPI-to and OCPI-from",
	        { { "lists_without_to", "all" }, { "initial_sync", "push" } } },
	{ 0 },
};

static const struct registry_profile *
find_profile(struct str name)
{
	for (const struct registry_profile *row = registry_profiles; row->name != NULL; row++)
		if (str_is(name, row->name))
			return row;
	return NULL;
}

const char *
registry_profile_value(struct str profile, struct str key)
{
	const struct registry_profile *row = find_profile(profile);

	for (size_t i = 0; row != NULL && row->sets[i].key != NULL; i++)
		if (str_is(key, row->sets[i].key))
			return row->sets[i].value;
	return NULL;
}
