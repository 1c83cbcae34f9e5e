/* conf_sample: the commented sample file and the manual's list of keys, printed from the table that
 * reads them. Every key stands in the sample commented out with its default, so the file as printed
 * changes nothing. */
#include "conf_value.h"

#include <inttypes.h>
#include <string.h>

static const char *const type_words[] = {
	[CONF_TEXT] = "Text",
	[CONF_PATH] = "Path",
	[CONF_ADDRESS] = "ADDRESS:PORT",
	[CONF_URL] = "URL",
	[CONF_INT] = "Number",
	[CONF_BYTES] = "Bytes (K, M, G)",
	[CONF_SECONDS] = "Seconds",
	[CONF_BOOL] = "true or false",
	[CONF_ENUM] = "One of",
};

static void
print_words(const struct conf_key *key, FILE *out)
{
	for (size_t i = 0; key->values[i] != NULL; i++)
		fprintf(out, "%s %s", i == 0 ? "" : ",", key->values[i]);
}

static void
print_bounds(const struct conf_key *key, FILE *out)
{
	char min[32], max[32];

	if (key->min == 0 && key->max == 0)
		return;
	if (conf_is_text(key->type)) {
		if (key->max >= key->min)
			fprintf(out, ", at most %" PRId64 " bytes", key->max);
		return;
	}
	conf_number_text(key, key->min, min, sizeof(min));
	conf_number_text(key, key->max, max, sizeof(max));
	if (key->max < key->min)
		fprintf(out, ", at least %s", min);
	else
		fprintf(out, ", %s to %s", min, max);
}

/** Type, bounds, default, and when a change is taken over, on one line. */
static void
print_kind(const struct conf_key *key, FILE *out)
{
	fputs(type_words[key->type], out);
	if (key->type == CONF_ENUM)
		print_words(key, out);
	else if (key->type != CONF_BOOL)
		print_bounds(key, out);
	fprintf(out, "; default: %s.",
	        key->preset == NULL      ? "unset"
	        : key->preset[0] == '\0' ? "empty"
	                                 : key->preset);
	fprintf(out, " %s\n", key->flags & CONF_RELOADABLE ? "Reloadable." : "Needs a restart.");
}

static const char *
help_of(const struct conf_key *key)
{
	return key->help == NULL ? key->key : key->help;
}

static void
print_key(const struct conf_key *key, FILE *out)
{
	fprintf(out, "\n# %s\n# ", help_of(key));
	print_kind(key, out);
	if (key->preset == NULL || key->preset[0] == '\0')
		fprintf(out, "#%s =\n", key->key);
	else
		fprintf(out, "#%s = %s\n", key->key, key->preset);
}

void
conf_print_sample(const struct conf_key *keys, FILE *out)
{
	const char *section = "";

	fprintf(out, "# Sample configuration: what is commented out shows the default.\n");
	for (; keys->section != NULL; keys++) {
		if (strcmp(section, keys->section) != 0)
			fprintf(out, "\n[%s]\n", keys->section);
		section = keys->section;
		print_key(keys, out);
	}
}

void
conf_print_manual(const struct conf_key *keys, FILE *out)
{
	const char *section = "";

	for (; keys->section != NULL; keys++) {
		if (strcmp(section, keys->section) != 0)
			fprintf(out, ".SS [%s]\n", keys->section);
		section = keys->section;
		fprintf(out, ".TP\n.B %s\n%s\n", keys->key, help_of(keys));
		print_kind(keys, out);
	}
}
