/* store_move: the whole store of a hub that is stopped, out and in. */
#include "roamhub/store_move.h"
#include "keys.h"

static struct store *
look(const struct settings *settings, struct store_found *found, struct fault *fault)
{
	struct store_conf conf = { .url = settings->store_url };

	return store_look(&conf, found, fault);
}

enum rh_err
hub_move_out(const struct settings *settings, const char *path, bool skip_damaged,
        struct store_moved *moved, struct fault *fault)
{
	struct store_found found;
	struct store *store = look(settings, &found, fault);
	enum rh_err err;

	if (store == NULL)
		return fault->err;
	err = store_move_out(store, path, skip_damaged, moved, fault);
	store_close(store);
	return err;
}

/* Tokens stand in it by digests and seals of the key of the hub that it left. */
static enum rh_err
check_key(struct settings *settings, const struct move_file *file, char mark[KEYS_MARK_BYTES],
        struct fault *fault)
{
	struct store_found of_file = {
		.tokens = true, .moved = true, .key_mark = move_file_key_mark(file)
	};
	struct hub hub = { 0 };

	atomic_init(&hub.settings, settings);
	return keys_open(&hub, &of_file, false, mark, fault);
}

static enum rh_err
move_in(struct settings *settings, struct move_file *file, struct store_moved *moved,
        struct fault *fault)
{
	char mark[KEYS_MARK_BYTES];
	struct store_found found;
	struct store *store;
	enum rh_err err;

	if (check_key(settings, file, mark, fault) != RH_OK)
		return fault->err;
	store = look(settings, &found, fault);
	if (store == NULL)
		return fault->err;
	err = store_move_in(store, file, str_of(mark), moved, fault);
	store_close(store);
	return err;
}

enum rh_err
hub_move_in(
        struct settings *settings, const char *path, struct store_moved *moved, struct fault *fault)
{
	struct move_file *file = move_file_open(path, fault);
	enum rh_err err;

	if (file == NULL)
		return fault->err;
	err = move_in(settings, file, moved, fault);
	move_file_close(file);
	return err;
}
