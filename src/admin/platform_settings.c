/* platform_settings: what holds for one platform, chosen by the operator or not: a row for each key
 * of `party set`. */
#include <string.h>

#include "inside.h"

static const char *
mode_word(int mode)
{
	static const char *const modes[] = { "strict", "lenient", "off" };

	return mode >= 0 && (size_t)mode < COUNT(modes) ? modes[mode] : modes[0];
}

const char *
platform_validation(const struct hub *hub, const struct platform *platform)
{
	return mode_word(
	        platform->validation < 0 ? hub_settings(hub)->validation : platform->validation);
}

const char *
platform_encoding(const struct platform *platform)
{
	static const char *const encodings[] = { "auto", "base64", "plain" };

	return encodings[platform->encoding];
}

static void
write_row(const struct registry_setting *row, const char *key, const char *value, bool chosen,
        struct buf *json)
{
	put_open(json, NULL, '{');
	put_word(json, "key", key);
	put_word(json, "value", value);
	put_bool(json, "chosen", chosen);
	put_word(json, "takes", row->takes);
	put_word(json, "help", row->help);
	buf_addc(json, '}');
}

/* ---- a function for each key ---- */

typedef void (*key_fn)(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json);

static void
write_validation(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	write_row(
	        row, row->key, platform_validation(hub, platform), platform->validation >= 0, json);
}

static void
write_module_validation(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	(void)hub;
	for (size_t i = 0; i < platform->validation_count; i++) {
		struct buf key = { 0 };

		buf_printf(&key, "validation.%.*s", STR_ARG(platform->validation_of[i].module));
		write_row(row, key.p, mode_word(platform->validation_of[i].mode), true, json);
		buf_free(&key);
	}
}

static void
write_encoding(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	(void)hub;
	write_row(row, row->key, platform_encoding(platform), platform->encoding != ENCODING_AUTO,
	        json);
}

static void
write_catch_up(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	(void)hub;
	write_row(row, row->key, platform->catch_up_skip ? "skip" : "replay",
	        platform->catch_up_skip, json);
}

static void
write_pull(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	bool chosen = platform->pull_ms >= 0;
	int64_t every_ms = chosen ? platform->pull_ms : hub_settings(hub)->pull_ms;
	struct buf seconds = { 0 };

	buf_printf(&seconds, "%lld", (long long)every_ms / 1000);
	write_row(row, row->key, seconds.p, chosen, json);
	buf_free(&seconds);
}

static void
write_offline_authorize(const struct hub *hub, const struct platform *platform,
        const struct registry_setting *row, struct buf *json)
{
	(void)hub;
	write_row(row, row->key, platform->no_offline_authorize ? "off" : "on",
	        platform->no_offline_authorize, json);
}

static const struct {
	const char *key;
	key_fn write;
} writers[] = {
	{ "validation", write_validation },
	{ "validation.MODULE", write_module_validation },
	{ "token_encoding", write_encoding },
	{ "catch_up", write_catch_up },
	{ "pull", write_pull },
	{ "offline_authorize", write_offline_authorize },
};

void
platform_settings_write(const struct hub *hub, const struct platform *platform, struct buf *json)
{
	put_open(json, "settings_in_force", '[');
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++)
		for (size_t i = 0; i < COUNT(writers); i++)
			if (strcmp(row->key, writers[i].key) == 0)
				writers[i].write(hub, platform, row, json);
	buf_addc(json, ']');
}
