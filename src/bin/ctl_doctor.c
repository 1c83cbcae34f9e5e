/* ctl_doctor: is all well with the hub, its configuration, its machine? A row for each look, the
 * worst first; what the hub knows comes from the hub (src/admin/doctor.c). */
#include "roamhub/tree.h"

#include "ctl.h"

#include <stdarg.h>
#include <string.h>

enum { DETAIL_MOST = 600, UNAUTHORIZED = 401 };
static const char *const level_names[] = { "good", "warning", "critical" };

void
ctl_doctor_row(json_t *rows, const char *check, enum ctl_level level, const char *advice,
        const char *fmt, ...)
{
	json_t *row = tree_object();
	char detail[DETAIL_MOST];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(detail, sizeof detail, fmt, args);
	va_end(args);
	tree_set_text(row, "check", check);
	tree_set_number(row, "level", level);
	tree_set_text(row, "status", level_names[level]);
	tree_set_text(row, "detail", detail);
	if (level != LEVEL_GOOD)
		tree_set_text(row, "advice", advice);
	tree_add(rows, row);
}

/* ---- the configuration ---- */

static void
add_fault(void *ctx, const char *message)
{
	ctl_doctor_row(ctx, "file", LEVEL_CRITICAL, "mend it, then reload", "%s", message);
}

static struct config_file *
load(struct ctl *ctl, json_t *rows)
{
	struct config_file *file =
	        config_file_load(ctl->config, ctl->sets, ctl->set_count, add_fault, rows);

	if (file == NULL)
		return ctl_load_rest(ctl);
	ctl_doctor_row(rows, "file", LEVEL_GOOD, NULL, "%s",
	        ctl->config != NULL ? ctl->config : "no file, defaults alone");
	return file;
}

/** The answer of the hub; NULL: there is none, and that was said. */
static json_t *
ask(struct ctl *ctl, const char *target)
{
	struct ctl_request request = { .method = "GET", .target = str_of(target) };
	struct str answer;

	return ctl_call(ctl, &request, &answer) == CTL_OK ? tree_read(answer, NULL) : NULL;
}

static const char *
value_of(const json_t *settings, const char *key)
{
	json_t *row;
	size_t at;

	json_array_foreach(settings, at, row)
	{
		if (str_is(tree_get_str(row, "key"), key))
			return json_string_value(json_object_get(row, "value"));
	}
	return NULL;
}

/* What was written into the file and not taken over. */
static void
compare_running(struct ctl *ctl, json_t *rows)
{
	CLEANUP(tree_drop) json_t *running = ask(ctl, "/admin/v1/config");
	CLEANUP(tree_drop) json_t *file = NULL;
	struct buf keys = { .arena = ctl->arena };
	json_t *row;
	size_t at;

	if (running == NULL || ctl->file->origins == NULL)
		return;
	file = config_file_show(ctl->file);
	json_array_foreach(file, at, row)
	{
		const char *key = json_string_value(json_object_get(row, "key"));
		const char *value = json_string_value(json_object_get(row, "value"));
		const char *now = value_of(running, key);
		bool same = (now == NULL) == (value == NULL) &&
		            (now == NULL || strcmp(now, value) == 0);

		if (!same && !str_is(tree_get_str(row, "origin"), "default"))
			buf_printf(&keys, "%s%s", keys.len > 0 ? ", " : "", key);
	}
	if (keys.len > 0)
		ctl_doctor_row(rows, "running", LEVEL_WARNING,
		        "reload, and restart for what reload names",
		        "the hub runs with other values than the file has: %s", keys.p);
	else
		ctl_doctor_row(
		        rows, "running", LEVEL_GOOD, NULL, "the hub runs with what the file says");
}

/* ---- from the outside ---- */

static void
look_at_versions(struct ctl *ctl, const json_t *status, json_t *rows)
{
	const char *set = ctl->file->settings.public_url;
	struct str base = set != NULL ? str_of(set) : tree_get_str(status, "url"), url, why = { 0 };
	int got;

	if (base.p == NULL)
		return;
	while (base.len > 0 && base.p[base.len - 1] == '/')
		base.len--;
	url = arena_printf(ctl->arena, "%.*s/ocpi/versions", STR_ARG(base));
	got = ctl_get(ctl, url, &why);
	if (got == UNAUTHORIZED)
		ctl_doctor_row(rows, "versions", LEVEL_GOOD, NULL,
		        "%.*s is reached and asks for a token", STR_ARG(url));
	else if (got != 0)
		ctl_doctor_row(rows, "versions", LEVEL_CRITICAL,
		        "look at the proxy: the hub would ask for a token with 401",
		        "%.*s answers HTTP %d", STR_ARG(url), got);
	else
		ctl_doctor_row(rows, "versions", LEVEL_CRITICAL,
		        "look at hub.public_url, name service, proxy and firewall",
		        "%.*s is not reached from here: %.*s", STR_ARG(url), STR_ARG(why));
}

/* ---- the hub ---- */

static void
take_rows(json_t *rows, const json_t *answer)
{
	json_t *row;
	size_t at;

	json_array_foreach(json_object_get(answer, "checks"), at, row)
	        tree_add(rows, json_incref(row));
}

static bool
ask_hub(struct ctl *ctl, json_t *rows)
{
	CLEANUP(tree_drop) json_t *answer = ask(ctl, "/admin/v1/doctor");
	CLEANUP(tree_drop) json_t *status = NULL;

	if (answer != NULL) {
		take_rows(rows, answer);
		compare_running(ctl, rows);
		status = ask(ctl, "/admin/v1/status");
	} else {
		ctl_doctor_row(rows, "hub", LEVEL_CRITICAL,
		        "start roamhubd, or look for its admin token",
		        "it does not answer: what it alone knows is left out");
	}
	look_at_versions(ctl, status, rows);
	return answer != NULL;
}

/* ---- the whole ---- */

static json_t *
worst_first(json_t *rows, int *worst)
{
	json_t *sorted = tree_list(), *row;
	size_t at;

	*worst = LEVEL_GOOD;
	for (int level = LEVEL_CRITICAL; level >= LEVEL_GOOD; level--) {
		json_array_foreach(rows, at, row)
		{
			if (json_integer_value(json_object_get(row, "level")) != level)
				continue;
			*worst = level > *worst ? level : *worst;
			tree_add(sorted, json_incref(row));
		}
	}
	tree_drop(&rows);
	return sorted;
}

json_t *
ctl_doctor_tree(struct ctl *ctl)
{
	json_t *object = tree_object(), *rows = tree_list();
	struct fault fault = { 0 };
	bool answers = false;
	int worst;

	if (ctl->file == NULL)
		ctl->file = load(ctl, rows);
	if (ctl->file != NULL && rh_crypt_init(&fault) == RH_OK) {
		ctl_doctor_files(ctl, rows);
		answers = ask_hub(ctl, rows);
	}
	rows = worst_first(rows, &worst);
	tree_set_number(object, "level", worst);
	tree_set_text(object, "status", level_names[worst]);
	tree_set_bool(object, "hub_answers", answers);
	tree_set(object, "checks", rows);
	return object;
}

static void
print_rows(const struct ctl *ctl, struct val rows)
{
	static const enum ctl_colour colours[] = { GREEN, YELLOW, RED };
	struct val row = { 0 };

	while (val_each(rows, &row)) {
		const char *advice = val_text(ctl, row, "advice");
		int64_t level = val_number(row, "level");

		(void)printf("%s%*s %-13s %s%s%s\n",
		        ctl_paint(ctl, val_text(ctl, row, "status"), colours[level]),
		        (int)(sizeof "critical" - 1 - strlen(level_names[level])), "",
		        val_text(ctl, row, "check"), val_text(ctl, row, "detail"),
		        advice != NULL ? "; " : "", advice != NULL ? advice : "");
	}
}

int
ctl_doctor(struct ctl *ctl)
{
	CLEANUP(tree_drop) json_t *object = ctl_doctor_tree(ctl);
	struct buf text = { .arena = ctl->arena };
	int level = (int)json_integer_value(json_object_get(object, "level"));

	if (ctl->json) {
		tree_print(object, &text);
		(void)fwrite(text.p, 1, text.len, stdout);
	} else {
		print_rows(ctl, val_get((struct val){ .node = object }, "checks"));
	}
	config_file_free(ctl->file);
	return fflush(stdout) == 0 ? level : CTL_USAGE;
}
