/* config_file: the configuration as loaded: settings, where each came from, and the files before
 * it. */
#pragma once

#include "roamhub/config.h"

struct json_t; /* jansson's, see tree.h */

struct config_file {
	struct config_file *before; /* the one it replaced */
	struct settings settings;
	struct conf_origin *origins; /* one for each key of settings_keys */
};
/** NULL when there are faults: each was reported. @path NULL: defaults and @sets alone. */
struct config_file *config_file_load(
        const char *path, const char *const *sets, size_t count, conf_fault_fn report, void *ctx);
/** Load again; keys that are not reloadable keep the value of @now and are named. NULL: faults,
 * @report has them; it is the caller's. The result stands before @now. @report as admin.h says. */
struct config_file *config_file_reload(struct config_file *now, const char *path,
        const char *const *sets, size_t count, struct json_t **report);
/** What config_file_reload() gave cannot be used after all: free it, and make @report the one of a
 * refusal, with @faults, which are taken. */
void config_file_refuse(struct config_file *fresh, struct json_t *faults, struct json_t *report);
struct json_t *config_file_fault(const struct fault *fault); /* as the only one of such faults */
/** A reload found something else behind @key, whose value may be the same. */
void config_file_changed(struct json_t *report, const char *key);
/** The files that the settings name: PEM files that are missing, a key of another certificate. Each
 * was reported; how many. */
size_t config_file_try(const struct settings *settings, conf_fault_fn report, void *ctx);
struct json_t *config_file_show(const struct config_file *file); /* as admin.h says */
void config_file_free(struct config_file *file);                 /* and all before it */
/** Path of the admin token file: as set, or "admin.token" beside the database. */
void config_file_admin_token(const struct settings *settings, char *out, size_t size);
/** The admin address in fact bound, into "TOKEN_FILE.address", for roamhubctl (port 0). */
bool config_file_write_address(
        const struct settings *settings, const char *address, struct fault *fault);
/** ADDRESS:PORT to call: of the file above when it is there and the configured port is 0, else as
 * configured. */
void config_file_admin_address(const struct settings *settings, char *out, size_t size);
