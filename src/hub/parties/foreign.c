/* foreign: what a platform of another hub presents is known as a digest under the key of that hub,
 * and of the token itself nobody has more. So the key comes along, sealed, and is asked after the
 * hub's own. */
#include "foreign.h"

#include <string.h>

bool
foreign_add(struct digest_keys *keys, const uint8_t key[RH_KEY_BYTES])
{
	for (size_t i = 0; i < keys->count; i++)
		if (rh_same_bytes(keys->keys[i], key, RH_KEY_BYTES))
			return true;
	if (keys->count == MOST_FOREIGN)
		return false;
	memcpy(keys->keys[keys->count++], key, RH_KEY_BYTES);
	return true;
}

struct str
foreign_seal(const struct hub *hub, const struct digest_keys *keys, struct arena *arena)
{
	struct str plain = { (const char *)keys->keys, keys->count * RH_KEY_BYTES };

	return rh_base64(rh_seal(hub->seal_key, plain, arena), arena);
}

void
foreign_open(struct hub *hub, struct str sealed)
{
	struct digest_keys *keys = &hub->registry->foreign;
	struct arena *arena = arena_new(1024);
	struct str bytes, plain;

	if (rh_unbase64(sealed, arena, &bytes) && rh_unseal(hub->seal_key, bytes, arena, &plain) &&
	        plain.len <= sizeof keys->keys && plain.len % RH_KEY_BYTES == 0) {
		memcpy(keys->keys, plain.p, plain.len);
		keys->count = plain.len / RH_KEY_BYTES;
	} else {
		LOG(LOG_ERROR, "registry",
		        KV("error", "the keys of imported platforms cannot be unsealed: is this "
		                    "the right key file?"));
	}
	arena_free(arena);
}
