/* conf: the INI reader. It knows sections, keys and lines; what a value means is in conf_value.c.
 * Every fault is reported, not only the first: an operator mends a file in one go. */
#include "roamhub/conf.h"

#include "conf_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096, FILE_MAX_BYTES = 4 << 20, NAME_MAX_BYTES = 64, MESSAGE_BYTES = 768 };

struct load {
	const struct conf_key *keys;
	void *settings;
	struct conf_origin *origins;
	const char *path;
	int line; /* 0: not in the file */
	struct str section;
	bool skip;      /* in an unknown section, which was reported once */
	int *seen_line; /* for each key: where the file set it, 0 when it did not */
	size_t faults;
	conf_fault_fn report;
	void *ctx;
};

/* ---- reporting ---- */

/* A faulty file may hold anything; the terminal that the message goes to must not obey it. */
static void
make_printable(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

static void fault(struct load *load, struct str section, struct str key, const char *fmt, ...)
        PRINTF_LIKE(4, 5);

static void
fault(struct load *load, struct str section, struct str key, const char *fmt, ...)
{
	CLEANUP(buf_free) struct buf message = { 0 };
	char what[MESSAGE_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	buf_add(&message, str_of(load->path));
	if (load->line > 0)
		buf_printf(&message, ":%d", load->line);
	if (section.p != NULL)
		buf_printf(&message, ": [%.*s]", STR_ARG(section));
	if (key.p != NULL)
		buf_printf(&message, "%s%.*s", section.p == NULL ? ": " : " ", STR_ARG(key));
	buf_printf(&message, ": %s", what);
	make_printable(message.p);
	load->faults++;
	load->report(load->ctx, message.p);
}

/* Long enough to be found again, short enough to read. */
static struct str
shown(struct str s)
{
	return (struct str){ s.p, s.len < NAME_MAX_BYTES ? s.len : NAME_MAX_BYTES };
}

/* ---- the nearest known name ---- */

static size_t
least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein distance with one row; names are short, so longer ones are compared by their
 * beginning. */
static size_t
edit_distance(struct str a, struct str b)
{
	size_t row[NAME_MAX_BYTES + 1];

	a = shown(a);
	b = shown(b);
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t above = row[j];

			row[j] = least(
			        above + 1, row[j - 1] + 1, diagonal + (a.p[i - 1] != b.p[j - 1]));
			diagonal = above;
		}
	}
	return row[b.len];
}

static const char *
nearest_section(const struct conf_key *keys, struct str section)
{
	const char *nearest = "";
	size_t best = SIZE_MAX;

	for (; keys->section != NULL; keys++) {
		size_t distance = edit_distance(section, str_of(keys->section));

		if (distance < best)
			best = distance, nearest = keys->section;
	}
	return nearest;
}

/* A key of the right name in another section is nearer than one here with three letters wrong. */
static const struct conf_key *
nearest_key(const struct conf_key *keys, struct str section, struct str name)
{
	const struct conf_key *nearest = keys;
	size_t best = SIZE_MAX;

	for (; keys->section != NULL; keys++) {
		size_t distance = edit_distance(name, str_of(keys->key));

		distance += str_is(section, keys->section) ? 0 : 3;
		if (distance < best)
			best = distance, nearest = keys;
	}
	return nearest;
}

/* ---- keys ---- */

static bool
section_known(const struct conf_key *keys, struct str section)
{
	for (; keys->section != NULL; keys++)
		if (str_is(section, keys->section))
			return true;
	return false;
}

static const struct conf_key *
key_find(struct load *load, struct str section, struct str name)
{
	const struct conf_key *nearest;

	for (const struct conf_key *key = load->keys; key->section != NULL; key++)
		if (str_is(section, key->section) && str_is(name, key->key))
			return key;
	nearest = nearest_key(load->keys, section, name);
	fault(load, section, shown(name), "unknown key, the nearest known one is [%s] %s",
	        nearest->section, nearest->key);
	return NULL;
}

static bool
section_check(struct load *load, struct str section)
{
	if (section_known(load->keys, section))
		return true;
	fault(load, shown(section), (struct str){ 0 },
	        "unknown section, the nearest known one is [%s]",
	        nearest_section(load->keys, section));
	return false;
}

static void
key_set(struct load *load, const struct conf_key *key, struct str value, struct conf_origin origin)
{
	char why[CONF_WHY_BYTES];

	if (!conf_value_set(key, value, load->settings, why))
		fault(load, str_of(key->section), str_of(key->key), "%s", why);
	else if (load->origins != NULL)
		load->origins[key - load->keys] = origin;
}

/* ---- the file ---- */

static void
read_section(struct load *load, struct str line)
{
	struct str name = str_from(line, 1);

	load->section = (struct str){ 0 };
	load->skip = true;
	if (line.p[line.len - 1] != ']') {
		fault(load, (struct str){ 0 }, (struct str){ 0 },
		        "expected [section], found '%.*s'", STR_ARG(shown(line)));
		return;
	}
	name.len--;
	name = str_trim(name);
	if (!section_check(load, name))
		return;
	load->section = name;
	load->skip = false;
}

static void
read_pair(struct load *load, struct str line)
{
	struct str value = line, name = str_trim(str_cut(&value, '='));
	const struct conf_key *key;
	int *seen;

	if (value.p == NULL) {
		fault(load, load->section, (struct str){ 0 },
		        "expected 'key = value', found no '=' in '%.*s'", STR_ARG(shown(line)));
		return;
	}
	if (load->skip)
		return;
	if (load->section.p == NULL) {
		fault(load, load->section, shown(name), "stands before the first [section]");
		return;
	}
	key = key_find(load, load->section, name);
	if (key == NULL)
		return;
	seen = &load->seen_line[key - load->keys];
	if (*seen > 0) {
		fault(load, load->section, name, "is set twice, first in line %d", *seen);
		return;
	}
	*seen = load->line;
	key_set(load, key, str_trim(value), (struct conf_origin){ CONF_FROM_FILE, load->line });
}

static void
read_line(struct load *load, struct str line)
{
	const struct str none = { 0 };

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	if (line.len > LINE_MAX_BYTES) {
		fault(load, load->section, none, "line of %zu bytes, expected at most %d", line.len,
		        LINE_MAX_BYTES);
		return;
	}
	if (line.len > 0 && memchr(line.p, '\0', line.len) != NULL) {
		fault(load, load->section, none, "line holds a NUL byte");
		return;
	}
	line = str_trim(line);
	if (line.len == 0 || line.p[0] == '#' || line.p[0] == ';')
		return;
	if (line.p[0] == '[')
		read_section(load, line);
	else
		read_pair(load, line);
}

static void
close_file(FILE **file)
{
	if (*file != NULL)
		fclose(*file);
}

/* False with errno set. */
static bool
slurp(const char *path, struct buf *text)
{
	CLEANUP(close_file) FILE *file = fopen(path, "re");
	size_t n;

	if (file == NULL)
		return false;
	do {
		buf_reserve(text, LINE_MAX_BYTES);
		n = fread(text->p + text->len, 1, LINE_MAX_BYTES, file);
		text->len += n;
	} while (n > 0 && text->len <= FILE_MAX_BYTES);
	if (text->len > FILE_MAX_BYTES)
		errno = EFBIG;
	return !ferror(file) && text->len <= FILE_MAX_BYTES;
}

static void
read_file(struct load *load)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	struct str rest;

	if (!slurp(load->path, &text)) {
		fault(load, (struct str){ 0 }, (struct str){ 0 }, "cannot be read: %s",
		        strerror(errno));
		return;
	}
	rest = buf_str(&text);
	while (rest.p != NULL) {
		load->line++;
		read_line(load, str_cut(&rest, '\n'));
	}
	load->line = 0;
}

/* ---- defaults and command line ---- */

static void
read_defaults(struct load *load)
{
	for (const struct conf_key *key = load->keys; key->section != NULL; key++) {
		conf_value_clear(key, load->settings);
		if (load->origins != NULL)
			load->origins[key - load->keys] =
			        (struct conf_origin){ CONF_FROM_DEFAULT, 0 };
		if (key->preset != NULL)
			key_set(load, key, str_of(key->preset),
			        (struct conf_origin){ CONF_FROM_DEFAULT, 0 });
	}
}

static void
read_set(struct load *load, const char *set)
{
	struct str value = str_of(set), name = str_cut(&value, '='), section = str_cut(&name, '.');
	const struct conf_key *key;

	if (value.p == NULL || name.p == NULL) {
		fault(load, (struct str){ 0 }, (struct str){ 0 },
		        "expected SECTION.KEY=VALUE, found '%.*s'", STR_ARG(shown(str_of(set))));
		return;
	}
	section = str_trim(section);
	if (!section_check(load, section))
		return;
	key = key_find(load, section, str_trim(name));
	if (key != NULL)
		key_set(load, key, str_trim(value), (struct conf_origin){ CONF_FROM_SET, 0 });
}

size_t
conf_load(const struct conf_key *keys, const char *path, const char *const *sets, size_t set_count,
        void *settings, struct conf_origin *origins, conf_fault_fn report, void *ctx)
{
	struct load load = {
		.keys = keys, .settings = settings, .origins = origins, .report = report, .ctx = ctx
	};
	size_t count = 0;

	while (keys[count].section != NULL)
		count++;
	load.seen_line = rh_alloc(count * sizeof(*load.seen_line));
	load.path = "default";
	read_defaults(&load);
	load.path = path;
	if (path != NULL)
		read_file(&load);
	load.path = "--set";
	for (size_t i = 0; i < set_count; i++)
		read_set(&load, sets[i]);
	free(load.seen_line);
	return load.faults;
}

void
conf_free(const struct conf_key *keys, void *settings)
{
	for (; keys->section != NULL; keys++) {
		if (conf_is_text(keys->type))
			free(*(char **)((char *)settings + keys->offset));
		conf_value_clear(keys, settings);
	}
}
