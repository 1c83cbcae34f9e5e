/* Tests of the configuration table: defaults, bounds, rules between keys, what a reload takes over,
 * the sample file. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../suite.h"
#include "roamhub/config.h"

struct seen {
	size_t count;
	char first[512];
};

static void
note(void *ctx, const char *message)
{
	struct seen *seen = ctx;

	if (seen->count++ == 0)
		snprintf(seen->first, sizeof(seen->first), "%s", message);
}

static size_t
load_sets(const char *const *sets, size_t count, struct settings *settings, struct seen *seen)
{
	memset(settings, 0, sizeof(*settings));
	memset(seen, 0, sizeof(*seen));
	return settings_load(NULL, sets, count, settings, NULL, note, seen);
}

static const struct conf_key *
key_named(const char *name)
{
	char full[64];

	for (const struct conf_key *key = settings_keys; key->section != NULL; key++) {
		snprintf(full, sizeof(full), "%s.%s", key->section, key->key);
		if (strcmp(full, name) == 0)
			return key;
	}
	return NULL;
}

/* The outward contract, written down a second time on purpose: a default that moves has to move
 * here as well. */
static const struct {
	const char *key, *text; /* NULL: unset */
} defaults[] = {
	{ "hub.country_code", "DE" },
	{ "hub.party_id", "HUB" },
	{ "hub.name", "Roaming Hub" },
	{ "hub.public_url", NULL },
	{ "http.listen", "127.0.0.1:8080" },
	{ "http.tls_certificate", NULL },
	{ "http.tls_key", NULL },
	{ "http.workers", "0" },
	{ "http.max_body", "1M" },
	{ "http.max_connections", "10000" },
	{ "http.head_timeout", "10" },
	{ "http.body_timeout", "30" },
	{ "http.idle_timeout", "120" },
	{ "http.trusted_proxies", "" },
	{ "http.proxy_header", "x-forwarded-for" },
	{ "http.stop_timeout", "15" },
	{ "admin.listen", "127.0.0.1:8081" },
	{ "admin.token_file", NULL },
	{ "admin.tokens_file", NULL },
	{ "admin.hosts", "" },
	{ "portal.listen", NULL },
	{ "portal.public_url", NULL },
	{ "store.url", "sqlite:roamhub.db" },
	{ "store.standby", "false" },
	{ "store.together", "false" },
	{ "store.key_file", NULL },
	{ "store.keep_addressed", "true" },
	{ "store.retention_days", "400" },
	{ "store.event_days", "400" },
	{ "store.event_rows", "100000" },
	{ "store.stale_after", "2" },
	{ "egress.allow_private", "false" },
	{ "egress.allow", "" },
	{ "egress.allow_http", "true" },
	{ "egress.ca_file", NULL },
	{ "egress.connect_timeout", "3" },
	{ "egress.timeout", "10" },
	{ "egress.authorize_timeout", "5" },
	{ "egress.max_answer", "8M" },
	{ "egress.connections", "256" },
	{ "egress.waiting", "1024" },
	{ "push.still_alive_interval", "300" },
	{ "push.offline_after", "3" },
	{ "push.retry_interval", "30" },
	{ "push.unchanged", "skip" },
	{ "pull.interval", "0" },
	{ "pull.modules", "locations,tariffs,tokens" },
	{ "credentials.rotate_days", "0" },
	{ "credentials.invite_days", "14" },
	{ "credentials.check", "true" },
	{ "routing.default", "open" },
	{ "routing.accept_hubs", "false" },
	{ "list.limit", "100" },
	{ "list.max_bytes", "4M" },
	{ "limits.flights", "10000" },
	{ "limits.flights_per_platform", "2000" },
	{ "limits.unread", "256M" },
	{ "limits.unread_per_platform", "32M" },
	{ "limits.requests_per_second", "0" },
	{ "limits.burst", "2" },
	{ "limits.objects", "1000000" },
	{ "limits.relinks", "1000000" },
	{ "limits.disk", "0" },
	{ "trace.max_age_days", "7" },
	{ "trace.max_size", "1G" },
	{ "trace.max_rate", "1000" },
	{ "trace.bodies", "failures" },
	{ "validation.mode", "strict" },
	{ "sandbox.most", "16" },
	{ "sandbox.memory", "128M" },
	{ "sandbox.charge", "60" },
	{ "sandbox.program", NULL },
	{ "log.level", "info" },
	{ "log.format", "text" },
};

START_TEST(test_defaults_are_those_of_the_outward_interface)
{
	struct settings settings;
	struct seen seen;
	char text[256];
	size_t keys = 0;

	ck_assert_uint_eq(load_sets(NULL, 0, &settings, &seen), 0);
	for (size_t i = 0; i < COUNT(defaults); i++) {
		const struct conf_key *key = key_named(defaults[i].key);

		ck_assert_msg(key != NULL, "%s is missing", defaults[i].key);
		ck_assert_msg(
		        conf_text(key, &settings, text, sizeof(text)) == (defaults[i].text != NULL),
		        "%s set or not", defaults[i].key);
		if (defaults[i].text != NULL)
			ck_assert_msg(strcmp(text, defaults[i].text) == 0, "%s is %s, expected %s",
			        defaults[i].key, text, defaults[i].text);
	}
	while (settings_keys[keys].section != NULL)
		keys++;
	ck_assert_uint_eq(keys, COUNT(defaults));
	conf_free(settings_keys, &settings);
}
END_TEST

START_TEST(test_values_reach_their_own_field)
{
	static const char *const sets[] = { "http.max_body=2M", "egress.connect_timeout=0.25",
		"egress.timeout=1.5", "routing.default=closed", "validation.mode=off",
		"log.level=debug", "log.format=json", "store.keep_addressed=no",
		"push.retry_interval=0.1", "http.listen=[::1]:0", "push.unchanged=send",
		"pull.modules=cdrs, sessions" };
	struct settings settings;
	struct seen seen;

	ck_assert_msg(load_sets(sets, COUNT(sets), &settings, &seen) == 0, "%s", seen.first);
	ck_assert_int_eq(settings.max_body_bytes, 2 << 20);
	ck_assert_int_eq(settings.connect_ms, 250);
	ck_assert_int_eq(settings.call_ms, 1500);
	ck_assert_int_eq(settings.routing, 1);
	ck_assert_int_eq(settings.validation, VALIDATION_OFF);
	ck_assert_int_eq(settings.log_level, LOG_DEBUG);
	ck_assert_int_eq(settings.log_format, LOG_JSON);
	ck_assert(!settings.keep_addressed);
	ck_assert_int_eq(settings.retry_ms, 100);
	ck_assert_int_eq(settings.push_unchanged, UNCHANGED_SEND); /* fault D17 */
	ck_assert_str_eq(settings.pull_modules, "cdrs, sessions"); /* fault L4 */
	ck_assert_str_eq(settings.http_listen, "[::1]:0");
	conf_free(settings_keys, &settings);
}
END_TEST

static const char *const bad[] = {
	"hub.country_code=D",
	"hub.country_code=D1",
	"hub.country_code=DEU",
	"hub.party_id=HU",
	"hub.party_id=H-B",
	"hub.name=",
	"hub.public_url=ftp://hub.example",
	"http.listen=8080",
	"http.workers=257",
	"http.workers=-1",
	"http.max_body=12",
	"http.max_connections=0",
	"http.tls_certificate=/etc/hub.pem",
	"http.tls_key=/etc/hub.key",
	"store.url=mysql:hub",
	"store.url=sqlite:",
	"store.url=postgresql:hub",
	"store.url=postgresql://hub:secret@127.0.0.1/hub",
	"store.url=postgresql://127.0.0.1/hub?password=secret",
	"egress.allow=10.0.0.0/33",
	"egress.allow=everybody",
	"egress.timeout=0",
	"egress.connections=0",
	"push.offline_after=0",
	"push.unchanged=ignore",
	"pull.interval=-1",
	"pull.modules=",
	"pull.modules=locations,",
	"pull.modules=commands",
	"routing.default=ajar",
	"list.limit=0",
	"trace.max_size=1",
	"validation.mode=harsh",
	"log.level=loud",
	"push.interval=3",
};

START_TEST(test_a_bad_value_is_one_fault_that_names_its_key)
{
	struct settings settings;
	struct seen seen;
	const char *dot = strchr(bad[_i], '.');
	char key[64];

	snprintf(key, sizeof(key), "%.*s", (int)strcspn(dot + 1, "="), dot + 1);
	ck_assert_msg(load_sets(&bad[_i], 1, &settings, &seen) == 1, "%s: %zu faults", bad[_i],
	        seen.count);
	ck_assert_uint_eq(seen.count, 1);
	ck_assert_msg(strstr(seen.first, key) != NULL, "%s: %s", bad[_i], seen.first);
	conf_free(settings_keys, &settings);
}
END_TEST

START_TEST(test_an_unknown_section_is_a_fault)
{
	static const char *const set = "posh.retry_interval=3";
	struct settings settings;
	struct seen seen;

	ck_assert_uint_eq(load_sets(&set, 1, &settings, &seen), 1);
	ck_assert_msg(strstr(seen.first, "[posh]") != NULL, "%s", seen.first);
	conf_free(settings_keys, &settings);
}
END_TEST

START_TEST(test_certificate_and_key_together_are_fine)
{
	static const char *const sets[] = { "http.tls_certificate=a.pem", "http.tls_key=a.key" };
	struct settings settings;
	struct seen seen;

	ck_assert_uint_eq(load_sets(sets, COUNT(sets), &settings, &seen), 0);
	ck_assert_str_eq(settings.tls_certificate, "a.pem");
	ck_assert_str_eq(settings.tls_key, "a.key");
	conf_free(settings_keys, &settings);
}
END_TEST

START_TEST(test_a_lone_certificate_is_reported_with_its_line)
{
	char path[] = "/tmp/roamhub-settings-XXXXXX";
	struct settings settings = { 0 };
	struct seen seen = { 0 };
	char where[64];
	FILE *file = fdopen(mkstemp(path), "w");

	ck_assert_ptr_nonnull(file);
	fputs("[http]\n\ntls_certificate = /etc/hub.pem\n", file);
	fclose(file);
	ck_assert_uint_eq(settings_load(path, NULL, 0, &settings, NULL, note, &seen), 1);
	snprintf(where, sizeof(where), "%s:3: ", path);
	ck_assert_msg(strncmp(seen.first, where, strlen(where)) == 0, "%s", seen.first);
	conf_free(settings_keys, &settings);
	unlink(path);
}
END_TEST

/** The sections and keys that a reload takes over (docs/operations.md). */
static bool
may_reload(const struct conf_key *key)
{
	static const char *const sections[] = { "validation", "routing", "log", "push", "pull",
		"egress", "limits", "trace", "credentials", "sandbox" };

	for (size_t i = 0; i < COUNT(sections); i++)
		if (strcmp(key->section, sections[i]) == 0)
			return true;
	if (strcmp(key->section, "admin") == 0)
		return strcmp(key->key, "tokens_file") == 0 || strcmp(key->key, "hosts") == 0;
	return strcmp(key->section, "http") == 0 && strncmp(key->key, "tls_", 4) == 0;
}

START_TEST(test_a_reload_takes_over_what_the_interface_says)
{
	for (const struct conf_key *key = settings_keys; key->section != NULL; key++)
		ck_assert_msg(((key->flags & CONF_RELOADABLE) != 0) == may_reload(key), "%s.%s",
		        key->section, key->key);
}
END_TEST

START_TEST(test_every_key_has_its_own_field_and_a_sentence)
{
	for (const struct conf_key *key = settings_keys; key->section != NULL; key++) {
		ck_assert_msg(key->help != NULL && key->help[strlen(key->help) - 1] == '.',
		        "%s.%s: help", key->section, key->key);
		for (const struct conf_key *other = settings_keys; other != key; other++)
			ck_assert_msg(other->offset != key->offset, "%s.%s and %s.%s", key->section,
			        key->key, other->section, other->key);
	}
}
END_TEST

static char *
whole_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	ck_assert_msg(file != NULL, "%s", path);
	ck_assert_uint_lt(fread(text, 1, 65535, file), 65535);
	fclose(file);
	return text;
}

START_TEST(test_the_committed_sample_is_what_the_table_prints)
{
	char *committed = whole_file(getenv("SAMPLE_CONF"));
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);

	conf_print_sample(settings_keys, out);
	fclose(out);
	for (size_t line = 1, i = 0; i <= size; line += committed[i++] == '\n')
		ck_assert_msg(printed[i] == committed[i],
		        "line %zu differs; write it with test_settings --sample", line);
	free(printed);
	free(committed);
}
END_TEST

START_TEST(test_the_sample_loads_and_changes_nothing)
{
	struct settings settings = { 0 };
	struct conf_origin origins[COUNT(defaults)];
	struct seen seen = { 0 };
	char text[256];

	ck_assert_msg(
	        settings_load(getenv("SAMPLE_CONF"), NULL, 0, &settings, origins, note, &seen) == 0,
	        "%s", seen.first);
	for (size_t i = 0; i < COUNT(defaults); i++)
		if (conf_text(key_named(defaults[i].key), &settings, text, sizeof(text)))
			ck_assert_str_eq(text, defaults[i].text);
	conf_free(settings_keys, &settings);
}
END_TEST

/** `test_settings --sample` prints the sample: this is how config/roamhub.conf is made. */
int
main(int argc, char **argv)
{
	Suite *suite;
	TCase *cases;

	if (argc == 2 && strcmp(argv[1], "--sample") == 0) {
		conf_print_sample(settings_keys, stdout);
		return 0;
	}
	suite = suite_create("settings");
	cases = tcase_create("settings");
	tcase_add_test(cases, test_defaults_are_those_of_the_outward_interface);
	tcase_add_test(cases, test_values_reach_their_own_field);
	tcase_add_loop_test(
	        cases, test_a_bad_value_is_one_fault_that_names_its_key, 0, (int)COUNT(bad));
	tcase_add_test(cases, test_an_unknown_section_is_a_fault);
	tcase_add_test(cases, test_certificate_and_key_together_are_fine);
	tcase_add_test(cases, test_a_lone_certificate_is_reported_with_its_line);
	tcase_add_test(cases, test_a_reload_takes_over_what_the_interface_says);
	tcase_add_test(cases, test_every_key_has_its_own_field_and_a_sentence);
	tcase_add_test(cases, test_the_committed_sample_is_what_the_table_prints);
	tcase_add_test(cases, test_the_sample_loads_and_changes_nothing);
	suite_add_tcase(suite, cases);
	return suite_run(suite, CK_NOFORK);
}
