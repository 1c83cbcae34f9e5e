/* config_file: the configuration as loaded: settings, where each came from, and the files before
 * it. */
#include "roamhub/tree.h"

#include "config_file.h"
#include "roamhub/pem.h"

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

/* ---- the files that it names ---- */

struct trial {
	conf_fault_fn report;
	void *ctx;
	size_t faults;
};

static void
tell(struct trial *trial, const char *key, const struct fault *fault)
{
	char message[sizeof fault->field + sizeof fault->why + 64];

	(void)snprintf(message, sizeof message, "%s: %s%s%s", key, fault->field,
	        fault->field[0] != '\0' ? " " : "", fault->why);
	trial->report(trial->ctx, message);
	trial->faults++;
}

static char *
try_pem(struct trial *trial, const char *key, const char *path)
{
	struct fault fault = { 0 };
	char *text = net_pem_read(path, &fault);

	if (text == NULL)
		tell(trial, key, &fault);
	return text;
}

static void
try_pair(struct trial *trial, const struct settings *settings)
{
	char *chain = try_pem(trial, "[http] tls_certificate", settings->tls_certificate);
	char *key = try_pem(trial, "[http] tls_key", settings->tls_key);
	struct net_loop *loop = net_loop_new();
	struct fault fault = { 0 };

	if (chain != NULL && key != NULL && !net_pem_works(loop, chain, key, &fault))
		tell(trial, "[http] tls_key", &fault);
	net_loop_free(loop);
	free(chain);
	free(key);
}

size_t
config_file_try(const struct settings *settings, conf_fault_fn report, void *ctx)
{
	struct trial trial = { .report = report, .ctx = ctx };

	if (settings->tls_certificate != NULL && settings->tls_key != NULL)
		try_pair(&trial, settings);
	if (settings->ca_file != NULL)
		free(try_pem(&trial, "[egress] ca_file", settings->ca_file));
	return trial.faults;
}

/* ---- reload ---- */

static void
add_fault(void *ctx, const char *message)
{
	tree_add(ctx, tree_text(message));
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

static json_t *
key_name(const struct conf_key *key)
{
	char name[64];

	(void)snprintf(name, sizeof name, "%s.%s", key->section, key->key);
	return tree_text(name);
}

/** The keys whose value is another one; those that need a restart keep the value that they had. */
static json_t *
list_differences(struct config_file *fresh, const struct config_file *now, bool reloadable)
{
	json_t *list = tree_list();

	for (size_t i = 0; settings_keys[i].section != NULL; i++) {
		const struct conf_key *key = &settings_keys[i];

		if (((key->flags & CONF_RELOADABLE) != 0) != reloadable ||
		        same_value(key, &fresh->settings, &now->settings))
			continue;
		tree_add(list, key_name(key));
		if (!reloadable) {
			keep_value(key, &fresh->settings, &now->settings);
			fresh->origins[i] = now->origins[i];
		}
	}
	return list;
}

struct config_file *
config_file_reload(struct config_file *now, const char *path, const char *const *sets, size_t count,
        json_t **report)
{
	json_t *faults = tree_list();
	struct config_file *fresh = config_file_load(path, sets, count, add_fault, faults);

	*report = tree_object();
	if (fresh == NULL) {
		tree_set(*report, "config_faults", faults);
		return NULL;
	}
	tree_drop(&faults);
	tree_set(*report, "changed", list_differences(fresh, now, true));
	tree_set(*report, "needs_restart", list_differences(fresh, now, false));
	fresh->before = now;
	return fresh;
}

void
config_file_refuse(struct config_file *fresh, json_t *faults, json_t *report)
{
	fresh->before = NULL; /* the ones before stay in use */
	config_file_free(fresh);
	(void)json_object_clear(report);
	tree_set(report, "config_faults", faults);
}

json_t *
config_file_fault(const struct fault *fault)
{
	json_t *faults = tree_list();
	char message[sizeof fault->field + sizeof fault->why + 4];

	(void)snprintf(message, sizeof message, "%s: %s", fault->field, fault->why);
	add_fault(faults, message);
	return faults;
}

void
config_file_changed(json_t *report, const char *key)
{
	json_t *changed = json_object_get(report, "changed"), *name;
	size_t at;

	json_array_foreach(changed, at, name) if (strcmp(json_string_value(name), key) == 0) return;
	tree_add(changed, tree_text(key));
}

/* ---- show ---- */

static json_t *
origin_text(const struct conf_origin *origin)
{
	char text[32];

	if (origin->from != CONF_FROM_FILE)
		return tree_text(origin->from == CONF_FROM_SET ? "set" : "default");
	(void)snprintf(text, sizeof text, "file:%d", origin->line);
	return tree_text(text);
}

json_t *
config_file_show(const struct config_file *file)
{
	json_t *list = tree_list();
	char value[4200];

	for (size_t i = 0; settings_keys[i].section != NULL; i++) {
		const struct conf_key *key = &settings_keys[i];
		json_t *object = tree_object();
		bool set = conf_text(key, &file->settings, value, sizeof value);

		tree_set(object, "key", key_name(key));
		tree_set_text(object, "value", set ? value : NULL);
		tree_set(object, "origin", origin_text(&file->origins[i]));
		tree_add(list, object);
	}
	return list;
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
