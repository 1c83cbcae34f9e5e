/* ctl_transfer: export and import. The passphrase stays here: the hub gets the key that is made of
 * it, so that its control thread is never busy with making it. */
#include "roamhub/tree.h"

#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LEAST_PASSPHRASE = 12, MOST_DOCUMENT = 64 << 20 };

/* ---- the key ---- */

/** Into the body as "key". */
static bool
set_key(struct ctl *ctl, json_t *body, const char *passphrase, const struct rh_stretch *how)
{
	uint8_t key[RH_KEY_BYTES];
	struct fault fault = { 0 };
	bool made = rh_crypt_init(&fault) == RH_OK &&
	            rh_stretch_key(str_of(passphrase), how, key, &fault) == RH_OK;

	if (made)
		tree_set_str(body, "key",
		        rh_base64((struct str){ (const char *)key, sizeof key }, ctl->arena));
	else
		ctl_complain("--passphrase: %s", fault.why);
	rh_wipe(key, sizeof key);
	return made;
}

static json_t *
stretch_tree(const struct ctl *ctl, const struct rh_stretch *how)
{
	json_t *object = tree_object();

	tree_set_text(object, "kdf", "argon2id");
	tree_set_str(object, "salt",
	        rh_base64((struct str){ (const char *)how->salt, sizeof how->salt }, ctl->arena));
	tree_set_count(object, "passes", how->passes);
	tree_set_count(object, "memory_bytes", how->memory_bytes);
	return object;
}

static bool
read_stretch(const struct ctl *ctl, const json_t *object, struct rh_stretch *how)
{
	struct str salt;

	if (!str_is(tree_get_str(object, "kdf"), "argon2id") ||
	        !rh_unbase64(tree_get_str(object, "salt"), ctl->arena, &salt) ||
	        salt.len != sizeof how->salt) {
		ctl_complain("seal.how: expected what export made");
		return false;
	}
	memcpy(how->salt, salt.p, salt.len);
	how->passes = (uint64_t)json_integer_value(json_object_get(object, "passes"));
	how->memory_bytes = (uint64_t)json_integer_value(json_object_get(object, "memory_bytes"));
	return true;
}

/* ---- export ---- */

static bool
ask_export(struct ctl *ctl, json_t *body)
{
	const char *passphrase = ctl_option(ctl, "passphrase");
	struct rh_stretch how;

	if (passphrase == NULL)
		return true;
	if (!ctl_secret(ctl, passphrase, &passphrase))
		return false;
	if (strlen(passphrase) < LEAST_PASSPHRASE) {
		ctl_complain("--passphrase: expected %d characters at least: who has the file may "
		             "try as many as he likes",
		        LEAST_PASSPHRASE);
		return false;
	}
	rh_stretch_new(&how);
	tree_set(body, "how", stretch_tree(ctl, &how));
	return set_key(ctl, body, passphrase, &how);
}

/* Nobody else may read it, and nothing that is there is written over. */
int
ctl_write_file(const char *path, struct str text)
{
	int fd = path == NULL ? STDOUT_FILENO
	                      : open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool written = fd >= 0;

	while (written && text.len > 0) {
		ssize_t n = write(fd, text.p, text.len);

		if (n < 0 && errno == EINTR)
			continue;
		written = n > 0;
		text = str_from(text, written ? (size_t)n : 0);
	}
	if (written && path != NULL)
		written = fsync(fd) == 0;
	if (!written)
		ctl_complain("cannot write %s: %s", path != NULL ? path : "standard output",
		        strerror(errno));
	if (fd >= 0 && path != NULL)
		(void)close(fd);
	if (fd >= 0 && path != NULL && !written)
		(void)unlink(path); /* else the next attempt would be refused for it */
	return written ? CTL_OK : CTL_FAILED;
}

static void
say_exported(const struct ctl *ctl, const char *path, const json_t *document)
{
	bool sealed = ctl_option(ctl, "passphrase") != NULL;
	size_t platforms = json_array_size(json_object_get(document, "platforms"));
	size_t agreements = json_array_size(json_object_get(document, "agreements"));
	CLEANUP(tree_drop) json_t *object = tree_object();
	struct buf text = { .arena = ctl->arena };

	tree_set_text(object, "path", path);
	tree_set_count(object, "platform_count", platforms);
	tree_set_count(object, "agreement_count", agreements);
	tree_set_text(object, "seal", sealed ? "passphrase" : "key file");
	tree_print(object, &text);
	if (ctl->json)
		(void)fwrite(text.p, 1, text.len, stdout);
	else
		(void)printf("%s: %zu platforms, %zu agreements; opened by %s\n", path, platforms,
		        agreements, sealed ? "the passphrase" : "a hub with the same key file");
}

int
ctl_export(struct ctl *ctl, const struct ctl_request *request)
{
	struct ctl_request asked = *request;
	CLEANUP(tree_drop) json_t *body = tree_object(), *document = NULL;
	const char *path = ctl->operand_count > 0 ? ctl->operands[0] : NULL;
	struct str answer;
	int status;

	asked.body = body;
	if (!ask_export(ctl, body))
		return CTL_USAGE;
	status = ctl_call(ctl, &asked, &answer);
	if (status == CTL_OK)
		status = ctl_write_file(path, answer);
	if (status != CTL_OK || path == NULL)
		return status;
	document = tree_read(answer, NULL);
	say_exported(ctl, path, document);
	return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

/* ---- import ---- */

static json_t *
read_document(struct ctl *ctl, const char *path)
{
	struct buf text = { .arena = ctl->arena };
	struct fault fault = { 0 };
	char part[65536];
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	json_t *document = NULL;
	size_t n;

	if (in == NULL) {
		ctl_complain("cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	while (text.len < MOST_DOCUMENT && (n = fread(part, 1, sizeof part, in)) > 0)
		buf_add(&text, (struct str){ part, n });
	if (in != stdin)
		(void)fclose(in);
	document = tree_read(buf_str(&text), &fault);
	if (document == NULL)
		ctl_complain("%s: %s", path, fault.why);
	return document;
}

bool
ctl_ask_import(struct ctl *ctl, struct ctl_request *request)
{
	json_t *document = read_document(ctl, ctl->operands[0]);
	const char *passphrase = ctl_option(ctl, "passphrase");
	const json_t *how;
	struct rh_stretch stretch;

	if (document == NULL)
		return false;
	request->body = tree_object();
	tree_set(request->body, "document", document);
	tree_set_bool(request->body, "dry_run", ctl_option(ctl, "apply") == NULL);
	how = json_object_get(json_object_get(document, "seal"), "how");
	if (passphrase == NULL || how == NULL)
		return true;
	return ctl_secret(ctl, passphrase, &passphrase) && read_stretch(ctl, how, &stretch) &&
	       set_key(ctl, request->body, passphrase, &stretch);
}

static const char *
list_text(const struct ctl *ctl, struct val list)
{
	struct buf text = { .arena = ctl->arena };
	struct val one = { 0 };

	while (val_each(list, &one))
		buf_printf(&text, "%s%s", text.len > 0 ? ", " : "", val_string(ctl, one));
	return text.p;
}

static enum ctl_colour
change_colour(const char *change)
{
	return change != NULL && strcmp(change, "none") == 0 ? DIM : GREEN;
}

static void
print_platforms(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "PLATFORM", "WAS", "NAME", "PARTIES", "STATUS",
		"CHANGE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row)) {
		const char *change = val_text(ctl, row, "action");
		const char *status = val_text(ctl, row, "status");

		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "platform")).p,
		        PLAIN);
		ctl_grid_add(grid,
		        arena_printf(ctl->arena, "%lld", (long long)val_number(row, "was")).p,
		        PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
		ctl_grid_add(grid, list_text(ctl, val_get(row, "parties")), PLAIN);
		ctl_grid_add(grid, status, ctl_status_colour(status));
		ctl_grid_add(grid, change, change_colour(change));
	}
	ctl_grid_print(grid);
}

static void
print_agreements(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "CPO", "EMSP", "MODULES", "CHANGE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(list) == 0)
		return;
	while (val_each(list, &row)) {
		struct val modules = val_get(row, "modules");
		const char *change = val_text(ctl, row, "action");

		ctl_grid_add(grid, val_text(ctl, row, "cpo"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "emsp"), PLAIN);
		ctl_grid_add(grid, val_count(modules) > 0 ? list_text(ctl, modules) : "all", PLAIN);
		ctl_grid_add(grid, change, change_colour(change));
	}
	(void)putchar('\n');
	ctl_grid_print(grid);
}

/* They stand in a file, which is the operator's to write. */
static void
print_settings(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "SETTING", "THERE", "HERE" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	if (val_count(list) == 0)
		return;
	while (val_each(list, &row)) {
		ctl_grid_add(grid, val_text(ctl, row, "key"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "there"), PLAIN);
		ctl_grid_add(grid, val_text(ctl, row, "here"), PLAIN);
	}
	(void)puts("\nSettings that differ; they are the configuration file's and stay as they "
	           "are:");
	ctl_grid_print(grid);
}

void
ctl_print_import(const struct ctl *ctl, struct val answer)
{
	long long changes = (long long)val_number(answer, "changes");

	print_platforms(ctl, val_get(answer, "platforms"));
	print_agreements(ctl, val_get(answer, "agreements"));
	print_settings(ctl, val_get(answer, "setting_differences"));
	if (changes == 0)
		(void)puts("\nThe hub has all of it.");
	else if (val_true(answer, "dry_run"))
		(void)printf("\n%lld to be made. Nothing was changed: --apply does it.\n", changes);
	else
		(void)printf("\n%lld made.\n", changes);
}
