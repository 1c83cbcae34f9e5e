/* fuzz_conf: a configuration file with the hub's own table. A good one means the same when its
 * values are spelled out. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "roamhub/config.h"

enum { MAX_KEYS = 128, TEXT_BYTES = 8192 };

static void
count_fault(void *ctx, const char *message)
{
	must(message[0] != '\0' && strchr(message, '\n') == NULL, "a fault is one line");
	++*(size_t *)ctx;
}

/* Every value as a --set, in its own spelling. */
static void
check_spelling(const struct settings *settings, struct arena *arena)
{
	const char *sets[MAX_KEYS] = { 0 };
	struct settings again = { 0 };
	size_t count = 0, faults = 0;
	char text[TEXT_BYTES];

	for (const struct conf_key *key = settings_keys; key->section != NULL && count < MAX_KEYS;
	        key++)
		if (conf_text(key, settings, text, sizeof text))
			sets[count++] =
			        arena_printf(arena, "%s.%s=%s", key->section, key->key, text).p;
	must(conf_load(settings_keys, NULL, sets, count, &again, NULL, count_fault, &faults) == 0,
	        "the spelling of a good value is good");
	for (const struct conf_key *key = settings_keys; key->section != NULL; key++) {
		char other[TEXT_BYTES];
		bool set = conf_text(key, settings, text, sizeof text);

		must(conf_text(key, &again, other, sizeof other) == set, "a value stays set");
		must(!set || strcmp(text, other) == 0, "and stays the same");
	}
	conf_free(settings_keys, &again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	int fd = memfd_create("conf", MFD_CLOEXEC);
	struct arena *arena = arena_new(4096);
	struct settings settings = { 0 };
	char path[64];
	size_t told = 0, faults;

	must(fd >= 0 && write(fd, bytes, size) == (ssize_t)size, "there is room for the file");
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	faults = conf_load(settings_keys, path, NULL, 0, &settings, NULL, count_fault, &told);
	must(faults == told, "every fault is told");
	if (faults == 0)
		check_spelling(&settings, arena);
	conf_free(settings_keys, &settings);
	arena_free(arena);
	(void)close(fd);
	return 0;
}
