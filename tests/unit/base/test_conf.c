/* test_conf: the INI reader, with a table of keys of its own.
 * Faults are compared as the whole text that an operator sees. */
#include "../suite.h"
#include "roamhub/conf.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct settings {
	char *name, *note, *file, *listen, *url;
	int64_t workers, delta, body, timeout, period;
	bool open;
	int mode;
};

static bool
check_note(const char *value, char *why, size_t why_size)
{
	snprintf(why, why_size, "expected a note without 'x'");
	return strchr(value, 'x') == NULL;
}

static const char *const modes[] = { "strict", "lenient", "off", NULL };

#define AT(field) offsetof(struct settings, field)
static const struct conf_key keys[] = {
	{ "hub", "name", CONF_TEXT, AT(name), "Hub", .max = 8, .help = "Name of the hub." },
	{ "hub", "note", CONF_TEXT, AT(note), NULL, .check = check_note, .flags = CONF_RELOADABLE,
	        .help = "A note." },
	{ "hub", "url", CONF_URL, AT(url), "http://127.0.0.1:8080",
	        .help = "Where parties reach it." },
	{ "http", "listen", CONF_ADDRESS, AT(listen), "127.0.0.1:8080", .help = "Listener." },
	{ "http", "tls_key", CONF_PATH, AT(file), NULL, .help = "PEM file." },
	{ "http", "workers", CONF_INT, AT(workers), "2", 1, 64, .help = "Threads." },
	{ "http", "delta", CONF_INT, AT(delta), "-3", .help = "Any number." },
	{ "http", "max_body", CONF_BYTES, AT(body), "1M", 1024, 1 << 30, .help = "Body." },
	{ "egress", "timeout", CONF_SECONDS, AT(timeout), "2.5", 100, 60000, .help = "Patience." },
	{ "egress", "period", CONF_SECONDS, AT(period), "1", 1000, .help = "No upper bound." },
	{ "egress", "open", CONF_BOOL, AT(open), "false", .help = "Open." },
	{ "egress", "mode", CONF_ENUM, AT(mode), "strict", .values = modes, .help = "Mode." },
	{ 0 },
};
enum { KEYS = COUNT(keys) - 1 };

static char path[] = "/tmp/test_conf_XXXXXX";
static struct settings settings;
static struct conf_origin origins[KEYS];
static struct buf faults;

static void
setup(void)
{
	memset(&settings, 0xa5, sizeof(settings)); /* conf_load() must not look at what was there */
	faults = (struct buf){ 0 };
}

static void
teardown(void)
{
	conf_free(keys, &settings);
	buf_free(&faults);
}

static void
collect(void *ctx, const char *message)
{
	struct str rest = str_of(message);

	if (str_starts(rest, path)) /* the temporary name is of no interest */
		buf_printf(ctx, "F%s\n", str_from(rest, strlen(path)).p);
	else
		buf_printf(ctx, "%s\n", message);
}

static size_t
load_bytes(struct str text, const char *const *sets, size_t set_count)
{
	FILE *file = fopen(path, "w");

	ck_assert_uint_eq(fwrite(text.p, 1, text.len, file), text.len);
	fclose(file);
	return conf_load(keys, path, sets, set_count, &settings, origins, collect, &faults);
}

static void
check_faults(size_t count, const char *expected)
{
	ck_assert_str_eq(buf_str(&faults).p, expected);
	for (const char *at = expected; (at = strchr(at, '\n')) != NULL; at++)
		count--;
	ck_assert_uint_eq(count, 0);
}

START_TEST(test_defaults_without_a_file)
{
	ck_assert_uint_eq(conf_load(keys, NULL, NULL, 0, &settings, NULL, collect, &faults), 0);
	ck_assert_str_eq(settings.name, "Hub");
	ck_assert_ptr_null(settings.note);
	ck_assert_ptr_null(settings.file);
	ck_assert_str_eq(settings.listen, "127.0.0.1:8080");
	ck_assert_int_eq(settings.workers, 2);
	ck_assert_int_eq(settings.delta, -3);
	ck_assert_int_eq(settings.body, 1 << 20);
	ck_assert_int_eq(settings.timeout, 2500);
	ck_assert(!settings.open);
	ck_assert_int_eq(settings.mode, 0);
}
END_TEST

START_TEST(test_file_over_defaults_and_set_over_file)
{
	static const char *const sets[] = { "http.workers=9", "hub.note=a=b.c", "http.workers=10" };

	ck_assert_uint_eq(load_bytes(STR("# comment\n; another\n\n [hub] \n\tname =  # Hub 2 \r\n"
	                                 "[egress]\nmode=off\nopen = yes\n[ http ]\nworkers = 3\n"
	                                 "[hub]\nurl = https://h.example/x//"),
	                          sets, COUNT(sets)),
	        0);
	ck_assert_str_eq(settings.name, "# Hub 2");
	ck_assert_str_eq(settings.note, "a=b.c");
	ck_assert_str_eq(settings.url, "https://h.example/x");
	ck_assert_int_eq(settings.mode, 2);
	ck_assert(settings.open);
	ck_assert_int_eq(settings.workers, 10);
	ck_assert(origins[0].from == CONF_FROM_FILE && origins[0].line == 5);
	ck_assert(origins[1].from == CONF_FROM_SET);
	ck_assert(origins[2].from == CONF_FROM_FILE && origins[2].line == 12);
	ck_assert(origins[3].from == CONF_FROM_DEFAULT && origins[3].line == 0);
	ck_assert(origins[5].from == CONF_FROM_SET);
}
END_TEST

START_TEST(test_every_fault_is_reported_with_file_line_and_key)
{
	static const char *const sets[] = { "http.workers", "workers=3", "htpp.workers=3",
		"http.wokers=3", "http.workers=many" };

	check_faults(load_bytes(STR("early = 1\n"
	                            "[hub]\n"
	                            "name = far too long\n"
	                            "note = x\n"
	                            "[http]\n"
	                            "wrokers = 3\n"
	                            "workers = 0\n"
	                            "workers = 4\n"
	                            "listen\n"
	                            "[htpp]\n"
	                            "whatever = 1\n"
	                            "no equals sign here\n"
	                            "[egress\n"
	                            "timeout = 1\n"
	                            "[egress]\n"
	                            "workers = 2\n"
	                            "mode = loose\n"
	                            "= 3\n"),
	                     sets, COUNT(sets)),
	        "F:1: early: stands before the first [section]\n"
	        "F:3: [hub] name: expected at most 8 bytes, found 12\n"
	        "F:4: [hub] note: expected a note without 'x'\n"
	        "F:6: [http] wrokers: unknown key, the nearest known one is [http] workers\n"
	        "F:7: [http] workers: expected 1 to 64, found '0'\n"
	        "F:8: [http] workers: is set twice, first in line 7\n"
	        "F:9: [http]: expected 'key = value', found no '=' in 'listen'\n"
	        "F:10: [htpp]: unknown section, the nearest known one is [http]\n"
	        "F:12: expected 'key = value', found no '=' in 'no equals sign here'\n"
	        "F:13: expected [section], found '[egress'\n"
	        "F:16: [egress] workers: unknown key, the nearest known one is [http] workers\n"
	        "F:17: [egress] mode: expected one of strict, lenient, off, found 'loose'\n"
	        "F:18: [egress] : unknown key, the nearest known one is [egress] open\n"
	        "--set: expected SECTION.KEY=VALUE, found 'http.workers'\n"
	        "--set: expected SECTION.KEY=VALUE, found 'workers=3'\n"
	        "--set: [htpp]: unknown section, the nearest known one is [http]\n"
	        "--set: [http] wokers: unknown key, the nearest known one is [http] workers\n"
	        "--set: [http] workers: expected a whole number, found 'many'\n");
	ck_assert_int_eq(settings.workers, 2);
	ck_assert_str_eq(settings.name, "Hub");
}
END_TEST

START_TEST(test_lines_too_long_or_with_nul_are_faults_and_the_next_line_counts)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	buf_add(&text, STR("[hub]\nnote = "));
	buf_printf(&text, "%*d\n#", 4096 - 7, 1); /* exactly 4096 bytes */
	buf_printf(&text, "%*s\n", 4096, "");
	buf_add(&text, STR("name = first\nname = a\0b\nname = ok\nnote = \x1b[2J\n\x1b = 1"));
	check_faults(load_bytes(buf_str(&text), NULL, 0),
	        "F:3: [hub]: line of 4097 bytes, expected at most 4096\n"
	        "F:5: [hub]: line holds a NUL byte\n"
	        "F:6: [hub] name: is set twice, first in line 4\n"
	        "F:7: [hub] note: is set twice, first in line 2\n"
	        "F:8: [hub] ?: unknown key, the nearest known one is [hub] url\n");
	ck_assert_str_eq(settings.note, "1");
}
END_TEST

START_TEST(test_a_file_that_cannot_be_read_is_one_fault)
{
	static const char *const paths[] = { "/nonexistent/x.conf", "/" };

	for (size_t i = 0; i < COUNT(paths); i++) {
		ck_assert_uint_eq(
		        conf_load(keys, paths[i], NULL, 0, &settings, NULL, collect, &faults), 1);
		conf_free(keys, &settings);
	}
	check_faults(2, "/nonexistent/x.conf: cannot be read: No such file or directory\n"
	                "/: cannot be read: Is a directory\n");
}
END_TEST

static const struct {
	const char *set;
	const char *text; /* conf_text() afterwards; NULL: a fault */
} values[] = {
	{ "http.workers=64", "64" },
	{ "http.workers=65", NULL },
	{ "http.workers=", NULL },
	{ "http.workers=1.0", NULL },
	{ "http.workers=+1", NULL },
	{ "http.delta=-9223372036854775807", "-9223372036854775807" },
	{ "http.delta=9223372036854775808", NULL },
	{ "http.delta=--1", NULL },
	{ "http.delta=-", NULL },
	{ "http.max_body=4096", "4K" },
	{ "http.max_body=4097", "4097" },
	{ "http.max_body=16k", "16K" },
	{ "http.max_body=1G", "1G" },
	{ "http.max_body=2G", NULL },
	{ "http.max_body=1023", NULL },
	{ "http.max_body=K", NULL },
	{ "http.max_body=1KB", NULL },
	{ "http.max_body=1 K", NULL },
	{ "http.max_body=99999999999G", NULL },
	{ "egress.timeout=10", "10" },
	{ "egress.timeout=0.1", "0.1" },
	{ "egress.timeout=1.250", "1.25" },
	{ "egress.timeout=0.05", NULL },
	{ "egress.timeout=60.001", NULL },
	{ "egress.timeout=1.0001", NULL },
	{ "egress.timeout=1.", NULL },
	{ "egress.timeout=.5", NULL },
	{ "egress.timeout=1.-5", NULL },
	{ "egress.timeout=5s", NULL },
	{ "egress.timeout=99999999999999999", NULL },
	{ "egress.period=0.9", NULL },
	{ "egress.period=86400", "86400" },
	{ "egress.open=yes", "true" },
	{ "egress.open=on", "true" },
	{ "egress.open=true", "true" },
	{ "egress.open=no", "false" },
	{ "egress.open=off", "false" },
	{ "egress.open=1", NULL },
	{ "egress.open=", NULL },
	{ "egress.mode=lenient", "lenient" },
	{ "egress.mode=len", NULL },
	{ "hub.name=", "" },
	{ "hub.name=12345678", "12345678" },
	{ "hub.name=123456789", NULL },
	{ "hub.note=a\nb", NULL },
	{ "http.tls_key=/a b/c.pem", "/a b/c.pem" },
	{ "http.listen=0.0.0.0:0", "0.0.0.0:0" },
	{ "http.listen=[::1]:65535", "[::1]:65535" },
	{ "http.listen=[::]:80", "[::]:80" },
	{ "http.listen=::1:80", NULL },
	{ "http.listen=[::1]", NULL },
	{ "http.listen=[::1]80", NULL },
	{ "http.listen=[::1:80", NULL },
	{ "http.listen=[127.0.0.1]:80", NULL },
	{ "http.listen=127.0.0.1", NULL },
	{ "http.listen=127.0.0.1:", NULL },
	{ "http.listen=127.0.0.1:65536", NULL },
	{ "http.listen=127.0.0.1:80:80", NULL },
	{ "http.listen=localhost:80", NULL },
	{ "http.listen=:80", NULL },
	{ "http.listen=", NULL },
	{ "hub.url=http://h", "http://h" },
	{ "hub.url=http://h/", "http://h" },
	{ "hub.url=https://h.example:8443/a/b//", "https://h.example:8443/a/b" },
	{ "hub.url=http://[::1]:80/x", "http://[::1]:80/x" },
	{ "hub.url=http://[::1]", "http://[::1]" },
	{ "hub.url=http://[::1]x", NULL },
	{ "hub.url=http://[::1", NULL },
	{ "hub.url=ftp://h", NULL },
	{ "hub.url=http://", NULL },
	{ "hub.url=http:///x", NULL },
	{ "hub.url=http://h:x", NULL },
	{ "hub.url=http://h:70000", NULL },
	{ "hub.url=http://user@h", NULL },
	{ "hub.url=http://h/a b", NULL },
	{ "hub.url=http://h?x", NULL },
	{ "hub.url=http://h/#x", NULL },
	{ "hub.url=h", NULL },
	{ "hub.url=", NULL },
};

static const struct conf_key *
key_of(const char *set)
{
	for (const struct conf_key *key = keys; key->section != NULL; key++) {
		char name[64];

		snprintf(name, sizeof(name), "%s.%s=", key->section, key->key);
		if (str_starts(str_of(set), name))
			return key;
	}
	ck_abort_msg("%s", set);
	return NULL;
}

START_TEST(test_values_parse_and_print)
{
	char text[128];

	for (size_t i = 0; i < COUNT(values); i++) {
		size_t count =
		        conf_load(keys, NULL, &values[i].set, 1, &settings, NULL, collect, &faults);

		ck_assert_msg(count == (values[i].text == NULL), "%s", values[i].set);
		ck_assert(conf_text(key_of(values[i].set), &settings, text, sizeof(text)) ||
		          values[i].text == NULL);
		if (values[i].text != NULL)
			ck_assert_str_eq(text, values[i].text);
		conf_free(keys, &settings);
	}
}
END_TEST

/* What is refused leaves the default in place: a reload with faults must not change half a setting.
 */
START_TEST(test_refused_values_leave_the_default)
{
	char text[128], preset[128];
	struct settings defaults;

	ck_assert_uint_eq(conf_load(keys, NULL, NULL, 0, &defaults, NULL, collect, &faults), 0);
	for (size_t i = 0; i < COUNT(values); i++) {
		const struct conf_key *key = key_of(values[i].set);

		if (values[i].text != NULL)
			continue;
		ck_assert_uint_eq(
		        conf_load(keys, NULL, &values[i].set, 1, &settings, NULL, collect, &faults),
		        1);
		ck_assert_int_eq(conf_text(key, &settings, text, sizeof(text)),
		        conf_text(key, &defaults, preset, sizeof(preset)));
		ck_assert_str_eq(text, preset);
		conf_free(keys, &settings);
	}
	conf_free(keys, &defaults);
}
END_TEST

START_TEST(test_optional_path_given_as_nothing_is_unset)
{
	static const char *const sets[] = { "http.tls_key=a", "http.tls_key=" };
	char text[8];

	ck_assert_uint_eq(conf_load(keys, NULL, sets, 2, &settings, NULL, collect, &faults), 0);
	ck_assert_ptr_null(settings.file);
	ck_assert(!conf_text(&keys[4], &settings, text, sizeof(text)));
}
END_TEST

/* Uncommenting every line of the sample gives the defaults again. */
START_TEST(test_sample_names_every_key_and_reads_back_as_the_defaults)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	char *printed = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&printed, &size);
	struct str rest;

	conf_print_sample(keys, out);
	fclose(out);
	rest = (struct str){ printed, size };
	while (rest.p != NULL) {
		struct str line = str_cut(&rest, '\n');
		bool setting = str_starts(line, "#") && !str_starts(line, "# ");

		buf_add(&text, str_from(line, setting));
		buf_addc(&text, '\n');
	}
	check_faults(load_bytes(buf_str(&text), NULL, 0), "");
	for (size_t i = 0; i < KEYS; i++) {
		ck_assert_msg(origins[i].from == CONF_FROM_FILE, "%s", keys[i].key);
		ck_assert_ptr_nonnull(strstr(printed, keys[i].help));
	}
	ck_assert_ptr_nonnull(strstr(printed, "[http]\n"));
	ck_assert_ptr_nonnull(
	        strstr(printed, "\n# Seconds, 0.1 to 60; default: 2.5. Needs a restart.\n"
	                        "#timeout = 2.5\n"));
	ck_assert_ptr_nonnull(strstr(printed, "# One of strict, lenient, off; default: strict."));
	ck_assert_int_eq(settings.timeout, 2500);
	ck_assert_str_eq(settings.listen, "127.0.0.1:8080");
	free(printed);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("conf");
	TCase *tcase = tcase_create("conf");
	int status, fd = mkstemp(path);

	if (fd < 0)
		return EXIT_FAILURE;
	close(fd);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_defaults_without_a_file);
	tcase_add_test(tcase, test_file_over_defaults_and_set_over_file);
	tcase_add_test(tcase, test_every_fault_is_reported_with_file_line_and_key);
	tcase_add_test(tcase, test_lines_too_long_or_with_nul_are_faults_and_the_next_line_counts);
	tcase_add_test(tcase, test_a_file_that_cannot_be_read_is_one_fault);
	tcase_add_test(tcase, test_values_parse_and_print);
	tcase_add_test(tcase, test_refused_values_leave_the_default);
	tcase_add_test(tcase, test_optional_path_given_as_nothing_is_unset);
	tcase_add_test(tcase, test_sample_names_every_key_and_reads_back_as_the_defaults);
	status = suite_run(suite, CK_NOFORK);
	unlink(path);
	return status;
}
