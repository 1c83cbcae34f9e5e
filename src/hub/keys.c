/* keys: the key file, beside the database, or where the hub was started if that is a server's: 32
 * bytes key the digests of tokens that we accept, 32 seal those that we send.
 *
 * With another key everybody is a stranger, and the first change of a platform writes over the
 * token that the right key would have opened. So the database holds a mark of its key, and a start
 * with another one, or with none, is refused. A database of before has no mark: there the tokens
 * tell. */
#include "keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 4200 };

struct keys {
	char path[PATH_MAX_BYTES]; /* empty: a store that forgets needs no key that stays */
	uint8_t bytes[2 * RH_KEY_BYTES];
};

static void
find_path(const struct settings *settings, struct keys *keys)
{
	if (settings->key_file != NULL)
		(void)snprintf(keys->path, sizeof keys->path, "%s", settings->key_file);
	else if (strncmp(settings->store_url, "sqlite:", 7) == 0)
		(void)snprintf(keys->path, sizeof keys->path, "%s-key", settings->store_url + 7);
	else if (strncmp(settings->store_url, "postgresql:", 11) == 0)
		(void)snprintf(keys->path, sizeof keys->path, "roamhub-key");
}

/* A digest under one key of the other: it tells both from any others, and nothing about them. */
static void
make_mark(const struct keys *keys, char mark[KEYS_MARK_BYTES])
{
	struct str sealing = { (const char *)keys->bytes + RH_KEY_BYTES, RH_KEY_BYTES };
	uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(keys->bytes, sealing, digest);
	for (size_t i = 0; i < sizeof digest; i++)
		(void)snprintf(mark + 2 * i, 3, "%02x", digest[i]);
}

static bool
opens_any(const struct keys *keys, const struct store_found *found)
{
	struct arena *arena = arena_new(1024);
	bool opens = false;

	for (size_t i = 0; !opens && i < found->sealed_count; i++) {
		struct str plain;

		opens = rh_unseal(keys->bytes + RH_KEY_BYTES, found->sealed[i], arena, &plain);
	}
	arena_free(arena);
	return opens;
}

static bool
are_right(const struct keys *keys, const struct store_found *found, const char *mark)
{
	if (!found->tokens && !found->led)
		return true; /* no key was used yet */
	if (found->key_mark.p != NULL)
		return str_is(found->key_mark, mark);
	return found->sealed_count == 0 || opens_any(keys, found);
}

/* Of what comes from another store the key comes along; without it nobody is let in. */
static enum rh_err
refuse_moved(struct fault *fault, const struct keys *keys, const char *what)
{
	return fault_set(fault, RH_BAD_CONFIG, keys->path,
	        "%s: put a copy of the key file of the hub that was exported here, or name it as "
	        "store.key_file",
	        what);
}

static enum rh_err
refuse(struct fault *fault, const struct keys *keys, const char *what)
{
	return fault_set(fault, RH_BAD_CONFIG, keys->path,
	        "%s: put the key file back that belongs to the database; --new-key goes on without "
	        "it, and every platform has to be connected anew",
	        what);
}

static enum rh_err
read_keys(struct keys *keys, const struct store_found *found, bool new_key, struct fault *fault)
{
	bool missing = access(keys->path, F_OK) != 0 && errno == ENOENT;

	if (missing && found->led)
		return fault_set(fault, RH_BAD_CONFIG, keys->path,
		        "is missing: who stands by has the key file of the hub that leads");
	if (missing && found->moved)
		return refuse_moved(fault, keys, "is missing");
	if (missing && found->tokens && !new_key)
		return refuse(fault, keys, "is missing, but the database holds tokens");
	return rh_key_file(keys->path, keys->bytes, sizeof keys->bytes, fault);
}

static enum rh_err
check_keys(const struct keys *keys, const struct store_found *found, bool new_key, const char *mark,
        struct fault *fault)
{
	if (are_right(keys, found, mark))
		return RH_OK;
	if (found->moved)
		return refuse_moved(fault, keys, "is not the key of what is to be imported");
	if (!new_key)
		return refuse(fault, keys, "is not the key of this database");
	LOG(LOG_WARNING, "new_key", KV("key_file", keys->path),
	        KV("why", "--new-key: no token in the database is good any more"));
	return RH_OK;
}

enum rh_err
keys_open(struct hub *hub, const struct store_found *found, bool new_key,
        char mark[KEYS_MARK_BYTES], struct fault *fault)
{
	struct keys keys = { .path = "" };
	enum rh_err err = RH_OK;

	find_path(hub_settings(hub), &keys);
	if (keys.path[0] != '\0')
		err = read_keys(&keys, found, new_key, fault);
	else
		rh_random(keys.bytes, sizeof keys.bytes);
	if (err != RH_OK)
		return err;
	make_mark(&keys, mark);
	memcpy(hub->digest_key, keys.bytes, RH_KEY_BYTES);
	memcpy(hub->seal_key, keys.bytes + RH_KEY_BYTES, RH_KEY_BYTES);
	return check_keys(&keys, found, new_key, mark, fault);
}
