/* config_file: the configuration as loaded: settings, where each came from, and the files before
 * it. */
#include "config_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t
key_count(void)
{
	size_t count = 0;

	while (settings_keys[count].section != NULL)
		count++;
	return count;
}

struct config_file *
config_file_load(
        const char *path, const char *const *sets, size_t count, conf_fault_fn report, void *ctx)
{
	struct config_file *file = rh_alloc(sizeof *file);

	file->origins = rh_alloc((key_count() + 1) * sizeof *file->origins);
	if (settings_load(path, sets, count, &file->settings, file->origins, report, ctx) == 0)
		return file;
	config_file_free(file);
	return NULL;
}

void
config_file_free(struct config_file *file)
{
	while (file != NULL) {
		struct config_file *before = file->before;

		conf_free(settings_keys, &file->settings);
		free(file->origins);
		free(file);
		file = before;
	}
}

/* ---- reload ---- */

static void
add_fault(void *ctx, const char *message)
{
	struct buf *faults = ctx;

	buf_add(faults, faults->len == 0 ? STR("{\"faults\":[\"") : STR(",\""));
	for (const char *c = message; *c != '\0'; c++) {
		if (*c == '"' || *c == '\\')
			buf_addc(faults, '\\');
		buf_addc(faults, (unsigned char)*c < 0x20 ? ' ' : *c);
	}
	buf_addc(faults, '"');
}

static bool
is_text(const struct conf_key *key)
{
	return key->type == CONF_TEXT || key->type == CONF_PATH || key->type == CONF_ADDRESS ||
	       key->type == CONF_URL;
}

static size_t
value_size(const struct conf_key *key)
{
	return key->type == CONF_BOOL   ? sizeof(bool)
	       : key->type == CONF_ENUM ? sizeof(int)
	                                : sizeof(int64_t);
}

static void
keep_value(const struct conf_key *key, struct settings *fresh, const struct settings *now)
{
	char *to = (char *)fresh + key->offset;
	const char *from = (const char *)now + key->offset;

	if (is_text(key)) {
		char *old, *kept;

		memcpy(&old, to, sizeof old);
		memcpy(&kept, from, sizeof kept);
		free(old);
		kept = kept != NULL ? rh_strdup(kept) : NULL;
		memcpy(to, &kept, sizeof kept);
	} else {
		memcpy(to, from, value_size(key));
	}
}

static bool
same_value(const struct conf_key *key, const struct settings *a, const struct settings *b)
{
	char left[4200] = "", right[4200] = "";
	bool left_set = conf_text(key, a, left, sizeof left),
	     right_set = conf_text(key, b, right, sizeof right);

	return left_set == right_set && strcmp(left, right) == 0;
}

static void
list_changes(struct config_file *fresh, const struct config_file *now, bool reloadable,
        struct buf *report)
{
	size_t listed = 0;

	for (size_t i = 0; settings_keys[i].section != NULL; i++) {
		const struct conf_key *key = &settings_keys[i];

		if (((key->flags & CONF_RELOADABLE) != 0) != reloadable ||
		        same_value(key, &fresh->settings, &now->settings))
			continue;
		buf_printf(report, "%s\"%s.%s\"", listed++ > 0 ? "," : "", key->section, key->key);
		if (!reloadable) {
			keep_value(key, &fresh->settings, &now->settings);
			fresh->origins[i] = now->origins[i];
		}
	}
}

struct config_file *
config_file_reload(struct config_file *now, const char *path, const char *const *sets, size_t count,
        struct buf *report)
{
	struct buf faults = { 0 };
	struct config_file *fresh = config_file_load(path, sets, count, add_fault, &faults);

	if (fresh == NULL) {
		buf_add(&faults, STR("]}"));
		buf_add(report, buf_str(&faults));
		buf_free(&faults);
		return NULL;
	}
	buf_add(report, STR("{\"changed\":["));
	list_changes(fresh, now, true, report);
	buf_add(report, STR("],\"needs_restart\":["));
	list_changes(fresh, now, false, report);
	buf_add(report, STR("]}"));
	fresh->before = now;
	return fresh;
}

void
config_file_refuse(struct config_file *fresh, const struct fault *fault, struct buf *report)
{
	char message[sizeof fault->field + sizeof fault->why + 4];

	fresh->before = NULL; /* the ones before stay in use */
	config_file_free(fresh);
	(void)snprintf(message, sizeof message, "%s: %s", fault->field, fault->why);
	report->len = 0;
	add_fault(report, message);
	buf_add(report, STR("]}"));
}

/* ---- show ---- */

static void
add_origin(const struct conf_origin *origin, struct buf *json)
{
	if (origin->from == CONF_FROM_FILE)
		buf_printf(json, "\"origin\":\"file:%d\"}", origin->line);
	else
		buf_printf(json, "\"origin\":\"%s\"}",
		        origin->from == CONF_FROM_SET ? "set" : "default");
}

void
config_file_show(const struct config_file *file, struct buf *json)
{
	char value[4200];

	buf_addc(json, '[');
	for (size_t i = 0; settings_keys[i].section != NULL; i++) {
		const struct conf_key *key = &settings_keys[i];

		buf_printf(json, "%s{\"key\":\"%s.%s\",\"value\":", i > 0 ? "," : "", key->section,
		        key->key);
		if (conf_text(key, &file->settings, value, sizeof value))
			json_quote(json, str_of(value));
		else
			buf_add(json, STR("null"));
		buf_addc(json, ',');
		add_origin(&file->origins[i], json);
	}
	buf_addc(json, ']');
}

/* ---- files beside the database ---- */

static void
beside_database(const struct settings *settings, const char *name, char *out, size_t size)
{
	const char *path =
	        strncmp(settings->store_url, "sqlite:", 7) == 0 ? settings->store_url + 7 : "";
	const char *slash = strrchr(path, '/');

	(void)snprintf(
	        out, size, "%.*s%s", slash != NULL ? (int)(slash - path + 1) : 0, path, name);
}

void
config_file_admin_token(const struct settings *settings, char *out, size_t size)
{
	if (settings->admin_token_file != NULL)
		(void)snprintf(out, size, "%s", settings->admin_token_file);
	else
		beside_database(settings, "admin.token", out, size);
}

static void
address_file(const struct settings *settings, char *out, size_t size)
{
	char token[4096];

	config_file_admin_token(settings, token, sizeof token);
	(void)snprintf(out, size, "%s.address", token);
}

static bool
port_is_free_choice(const struct settings *settings)
{
	const char *colon = strrchr(settings->admin_listen, ':');

	return colon != NULL && strcmp(colon, ":0") == 0;
}

bool
config_file_write_address(const struct settings *settings, const char *address, struct fault *fault)
{
	char path[4200];
	FILE *out;
	bool written;

	if (!port_is_free_choice(settings))
		return true;
	address_file(settings, path, sizeof path);
	out = fopen(path, "we");
	written = out != NULL && fprintf(out, "%s\n", address) > 0;
	if (out != NULL && fclose(out) != 0)
		written = false;
	if (!written)
		(void)fault_set(fault, RH_SYSTEM, path, "cannot be written");
	return written;
}

void
config_file_admin_address(const struct settings *settings, char *out, size_t size)
{
	char path[4200];
	FILE *in;

	(void)snprintf(out, size, "%s", settings->admin_listen);
	if (!port_is_free_choice(settings))
		return;
	address_file(settings, path, sizeof path);
	in = fopen(path, "re");
	if (in == NULL)
		return;
	if (fgets(out, (int)size, in) != NULL)
		out[strcspn(out, "\n")] = '\0';
	(void)fclose(in);
}
