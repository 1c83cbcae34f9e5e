/* conf: an INI file read by one table; every fault with file, line and key (base/conf.c). */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base.h"

enum conf_type {
	CONF_TEXT,    /* char *: any text, may be empty */
	CONF_PATH,    /* char *: as written */
	CONF_ADDRESS, /* char *: ADDRESS:PORT, IPv6 in brackets, port 0 to 65535 */
	CONF_URL,     /* char *: absolute http or https URL without query and fragment, no trailing
	                 slash kept */
	CONF_INT,     /* int64_t */
	CONF_BYTES,   /* int64_t: 4096, 16K, 1M, 1G */
	CONF_SECONDS, /* int64_t milliseconds, written in seconds, fractions allowed */
	CONF_BOOL,    /* bool: true false yes no on off */
	CONF_ENUM,    /* int: index into values */
};
enum { CONF_RELOADABLE = 1 };

struct conf_key {
	const char *section, *key;
	enum conf_type type;
	size_t offset;      /* of the field in the settings struct */
	const char *preset; /* default, in the file's spelling; NULL: unset (text NULL) */
	int64_t min,
	        max; /* for numbers, in the field's unit; both 0: no bound. For text: max length */
	const char *const *values; /* CONF_ENUM: the words, NULL-terminated */
	unsigned flags;
	const char *help; /* one sentence */
	/* further check of a text value; on failure writes what was expected */
	bool (*check)(const char *value, char *why, size_t why_size);
};

/** Where a value came from: a line of the file, a --set, or the default. */
struct conf_origin {
	enum { CONF_FROM_DEFAULT, CONF_FROM_FILE, CONF_FROM_SET } from;
	int line;
};

/** Called for each fault: "FILE:LINE: [section] key: what is wrong, what was expected" without a
 * newline. */
typedef void (*conf_fault_fn)(void *ctx, const char *message);

/**
 * Fill @settings from defaults, then file @path (NULL: none), then @sets ("SECTION.KEY=VALUE"), by
 * @keys.
 *
 * @keys     ends with a row whose section is NULL
 * @origins  one for each key, or NULL
 * Returns the number of faults; with faults @settings is still safe to give to conf_free().
 * Lines: `[section]`, `key = value`, blank, `#` or `;` comments on lines of their own. A key twice
 * is a fault, an unknown section or key is one (with the nearest known name), a line over 4096
 * bytes is one.
 */
MUST_CHECK size_t conf_load(const struct conf_key *keys, const char *path, const char *const *sets,
        size_t set_count, void *settings, struct conf_origin *origins, conf_fault_fn report,
        void *ctx);
void conf_free(const struct conf_key *keys, void *settings); /* frees the text values */
/** The value in the file's spelling into @out; false when it is unset. */
bool conf_text(const struct conf_key *key, const void *settings, char *out, size_t size);
/** Print the commented sample file: every key with its help, unit, bounds and default. */
void conf_print_sample(const struct conf_key *keys, FILE *out);
/** Print every key in the same way for a manual page: sections and tagged paragraphs of man(7). */
void conf_print_manual(const struct conf_key *keys, FILE *out);
