/* ctl_bundle: what somebody who helps from afar asks for, as one tar file. It has what the admin
 * API tells, which tells no secret; what may hold one all the same is masked once more here. */
#include "roamhub/tree.h"

#include "ctl.h"
#include "ctl_tar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PLATFORMS = 200, MOST_LOG = 4 << 20, NAME_MOST = 100 };

struct bundle {
	struct ctl *ctl;
	struct buf tar, missing; /* missing: names, a line each */
	struct str secrets[3];   /* of the admin token: raw, in Base64, in hexadecimal */
	char folder[NAME_MOST / 2];
	int64_t at_s;
};

/* What is asked of the hub, in this order. */
static const struct {
	const char *name, *target;
} answers[] = {
	{ "status.json", "/admin/v1/status" },
	{ "config.json", "/admin/v1/config" },
	{ "push.json", "/admin/v1/push" },
	{ "agreements.json", "/admin/v1/agreements" },
	{ "events.json", "/admin/v1/events?limit=1000" },
	{ "audit.json", "/admin/v1/audit?limit=500" },
	{ "refusals.json", "/admin/v1/log?outcome=failed&limit=1000" },
	{ "metrics.txt", "/metrics" },
};

/* ---- secrets ---- */

static void
know_secrets(struct bundle *bundle)
{
	struct ctl *ctl = bundle->ctl;
	struct buf hexadecimal = { .arena = ctl->arena };
	struct str token;

	if (!ctl_authorization(ctl, &token))
		return;
	(void)str_cut(&token, ' '); /* "Bearer" */
	for (size_t i = 0; i < token.len; i++)
		buf_printf(&hexadecimal, "%02x", (unsigned char)token.p[i]);
	bundle->secrets[0] = token;
	bundle->secrets[1] = rh_base64(token, ctl->arena);
	bundle->secrets[2] = buf_str(&hexadecimal);
}

static void
blot(char *text, size_t len, struct str secret)
{
	char *end = text + len, *at = text;

	while (secret.len > 0 &&
	        (at = memmem(at, (size_t)(end - at), secret.p, secret.len)) != NULL) {
		memset(at, '*', secret.len);
		at += secret.len; /* it may be stars itself */
	}
}

/* "postgresql://user:PASSWORD@host/", "password=PASSWORD": of a URL that a setting may be. */
static void
blot_passwords(char *text, size_t len)
{
	static const char word[] = "password=";
	char *end = text + len, *at = text;

	while ((at = memmem(at, (size_t)(end - at), word, sizeof word - 1)) != NULL)
		for (at += sizeof word - 1; at < end && strchr(" &\"\\\n", *at) == NULL; at++)
			*at = '*';
	at = text;
	while ((at = memmem(at, (size_t)(end - at), "://", 3)) != NULL) {
		char *host, *colon;

		at += 3;
		host = at + strcspn(at, "/@\" \n");
		colon = *host == '@' ? memchr(at, ':', (size_t)(host - at)) : NULL;
		for (char *p = colon; p != NULL && ++p < host;)
			*p = '*';
	}
}

/* ---- files ---- */

static void
add_file(struct bundle *bundle, const char *name, struct str content)
{
	struct str copy = arena_str(bundle->ctl->arena, content);
	char *text = (char *)(uintptr_t)copy.p;
	char path[2 * NAME_MOST];

	for (size_t i = 0; copy.len > 0 && i < COUNT(bundle->secrets); i++)
		blot(text, copy.len, bundle->secrets[i]);
	if (copy.len > 0)
		blot_passwords(text, copy.len);
	(void)snprintf(path, sizeof path, "%s/%s", bundle->folder, name);
	ctl_tar_add(&bundle->tar, path, copy, bundle->at_s);
}

static void
add_tree(struct bundle *bundle, const char *name, const json_t *tree)
{
	struct buf text = { .arena = bundle->ctl->arena };

	tree_print(tree, &text);
	add_file(bundle, name, buf_str(&text));
}

static struct str
add_answer(struct bundle *bundle, const char *name, const char *target)
{
	struct ctl_request request = { .method = "GET", .target = str_of(target) };
	struct str answer = { 0 };

	if (ctl_call(bundle->ctl, &request, &answer) == CTL_OK) {
		add_file(bundle, name, answer);
		return answer;
	}
	buf_printf(&bundle->missing, "%s: the hub gave no answer to GET %s\n", name, target);
	return (struct str){ 0 };
}

/* ---- what the hub has ---- */

static void
add_platforms(struct bundle *bundle)
{
	struct str list = add_answer(bundle, "platforms.json", "/admin/v1/platforms");
	CLEANUP(tree_drop) json_t *platforms = list.p != NULL ? tree_read(list, NULL) : NULL;

	for (size_t i = 0; i < json_array_size(platforms) && i < MOST_PLATFORMS; i++) {
		long long id =
		        json_integer_value(json_object_get(json_array_get(platforms, i), "id"));
		char name[NAME_MOST], target[NAME_MOST];

		(void)snprintf(name, sizeof name, "platforms/%lld.json", id);
		(void)snprintf(target, sizeof target, "/admin/v1/platforms/%lld", id);
		(void)add_answer(bundle, name, target);
		(void)snprintf(name, sizeof name, "platforms/%lld-handshakes.json", id);
		(void)snprintf(target, sizeof target, "/admin/v1/platforms/%lld/handshakes", id);
		(void)add_answer(bundle, name, target);
	}
	if (json_array_size(platforms) > MOST_PLATFORMS)
		buf_printf(&bundle->missing, "platforms: all but the first %d\n", MOST_PLATFORMS);
}

static void
add_hub(struct bundle *bundle)
{
	for (size_t i = 0; i < COUNT(answers); i++)
		(void)add_answer(bundle, answers[i].name, answers[i].target);
	add_platforms(bundle);
}

/* ---- what this machine has ---- */

static void
add_configuration(struct bundle *bundle)
{
	const struct config_file *file = bundle->ctl->file;
	CLEANUP(tree_drop) json_t *settings = NULL;

	if (file == NULL || file->origins == NULL) {
		buf_printf(&bundle->missing, "config-file.json: the file has faults, see "
		                             "doctor.json\n");
		return;
	}
	settings = config_file_show(file);
	add_tree(bundle, "config-file.json", settings);
}

/* The last MOST_LOG bytes: whole lines, for a secret that was cut would not be known. */
static struct str
read_end(FILE *in, struct arena *arena)
{
	struct str text = { arena_alloc(arena, MOST_LOG), 0 };
	bool cut = fseek(in, -(long)MOST_LOG, SEEK_END) == 0 && ftell(in) > 0;

	if (!cut)
		rewind(in);
	text.len = fread((char *)(uintptr_t)text.p, 1, MOST_LOG, in);
	if (cut)
		(void)str_cut(&text, '\n');
	return text.p != NULL ? text : STR("");
}

/* The file that the log goes to. */
static bool
add_log(struct bundle *bundle)
{
	const char *path = ctl_option(bundle->ctl, "log");
	struct str text;
	FILE *in;

	if (path == NULL)
		return true;
	in = fopen(path, "re");
	if (in == NULL) {
		ctl_complain("cannot read %s: %s", path, strerror(errno));
		return false;
	}
	text = read_end(in, bundle->ctl->arena);
	(void)fclose(in);
	add_file(bundle, "hub.log", text);
	return true;
}

static void
add_about(struct bundle *bundle)
{
	CLEANUP(tree_drop) json_t *about = tree_object();

	tree_set_text(about, "roamhubctl", ROAMHUB_VERSION);
	tree_set_time(about, "made", bundle->at_s * 1000);
	add_tree(bundle, "about.json", about);
}

/* ---- the whole ---- */

static bool
fill(struct bundle *bundle)
{
	CLEANUP(tree_drop) json_t *doctor = ctl_doctor_tree(bundle->ctl);
	bool answers_it = json_is_true(json_object_get(doctor, "hub_answers"));

	if (bundle->ctl->file != NULL)
		know_secrets(bundle);
	add_about(bundle);
	add_tree(bundle, "doctor.json", doctor);
	add_configuration(bundle);
	if (answers_it)
		add_hub(bundle);
	else
		buf_printf(&bundle->missing, "all that the hub alone knows: it does not answer\n");
	if (!add_log(bundle))
		return false;
	if (bundle->missing.len > 0)
		add_file(bundle, "missing.txt", buf_str(&bundle->missing));
	ctl_tar_end(&bundle->tar);
	return true;
}

static void
say_written(const struct bundle *bundle, const char *path)
{
	CLEANUP(tree_drop) json_t *object = tree_object();
	struct buf text = { .arena = bundle->ctl->arena };

	tree_set_text(object, "path", path);
	tree_set_count(object, "bytes", bundle->tar.len);
	tree_set_bool(object, "complete", bundle->missing.len == 0);
	tree_print(object, &text);
	if (bundle->ctl->json)
		(void)fwrite(text.p, 1, text.len, stdout);
	else
		(void)printf("%s: %zu kB%s\n", path, (bundle->tar.len + 1023) / 1024,
		        bundle->missing.len > 0 ? "; missing.txt says what could not be had" : "");
}

int
ctl_bundle(struct ctl *ctl)
{
	struct bundle bundle = { .ctl = ctl,
		.tar.arena = ctl->arena,
		.missing.arena = ctl->arena,
		.at_s = rh_wall_ms() / 1000 };
	const char *path = ctl->operand_count > 0 ? ctl->operands[0] : NULL;
	char stamp[OCPI_DATETIME_LEN + 1];
	int status = CTL_FAILED;

	ocpi_datetime_print(bundle.at_s * 1000, stamp);
	(void)snprintf(bundle.folder, sizeof bundle.folder,
	        "roamhub-support-%.4s%.2s%.2sT%.2s%.2s%.2sZ", stamp, stamp + 5, stamp + 8,
	        stamp + 11, stamp + 14, stamp + 17);
	if (path == NULL)
		path = arena_printf(ctl->arena, "%s.tar", bundle.folder).p;
	if (fill(&bundle))
		status = ctl_write_file(path, buf_str(&bundle.tar));
	if (status == CTL_OK)
		say_written(&bundle, path);
	config_file_free(ctl->file);
	return fflush(stdout) == 0 ? status : CTL_FAILED;
}
