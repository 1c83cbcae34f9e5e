/* ctl_openapi: the hub's OpenAPI document, with the command that asks for each operation, and with
 * what --json prints of the commands that the hub knows nothing of. */
#include <ctype.h>
#include <string.h>

#include "roamhub/tree.h"

#include "ctl.h"

/** "POST platforms/{platform}/rotate" as the document has it: "/admin/v1/platforms/{id}/rotate",
 * and in @method "post". */
static struct str
path_of(const struct ctl *ctl, const struct ctl_verb *verb, char method[8])
{
	struct buf text = { .arena = ctl->arena };
	struct str left = str_of(verb->answers_as != NULL ? verb->answers_as : verb->asks);
	struct str word = str_cut(&left, ' ');

	for (size_t i = 0; i < word.len && i < 7; i++)
		method[i] = (char)tolower((unsigned char)word.p[i]);
	buf_add(&text, STR("/admin/v1/"));
	while (left.p != NULL) {
		struct str name, before = str_cut(&left, '{');

		buf_add(&text, before);
		if (left.p == NULL)
			break;
		name = str_cut(&left, '}');
		if (str_is(name, "platform") || str_is(name, "agreement"))
			name = STR("id");
		buf_printf(&text, "{%.*s}", STR_ARG(name));
	}
	return buf_str(&text);
}

static void
add_command(json_t *object, const char *words)
{
	json_t *list = json_object_get(object, "x-roamhubctl");

	if (list == NULL) {
		list = tree_list();
		tree_set(object, "x-roamhubctl", list);
	}
	tree_add(list, tree_text(words));
}

/** False: the hub, of another version, has no such operation. */
static bool
name_operation(const struct ctl *ctl, const struct ctl_verb *verb, json_t *document)
{
	char method[8] = "";
	struct str path = path_of(ctl, verb, method);
	json_t *paths = json_object_get(document, "paths");
	json_t *operation =
	        json_object_get(json_object_get(paths, arena_cstr(ctl->arena, path)), method);

	if (operation == NULL)
		return false;
	add_command(operation, verb->words);
	return true;
}

/* ---- what the hub does not answer ---- */

static void
add_own(json_t *own, const struct ctl_verb *verb)
{
	json_t *object = tree_object();

	tree_set_text(object, "help", verb->help);
	tree_set_text(object, "prints", verb->prints);
	tree_set(own, verb->words, object);
}

static int
print(const json_t *document)
{
	CLEANUP(buf_free) struct buf text = { 0 };

	tree_print(document, &text);
	(void)fwrite(text.p, 1, text.len, stdout);
	return fflush(stdout) == 0 ? CTL_OK : CTL_FAILED;
}

static int
complete(const struct ctl *ctl, json_t *document)
{
	json_t *own = tree_object();
	int status = CTL_OK;

	for (const struct ctl_verb *verb = ctl->verbs; verb->words != NULL; verb++) {
		if (verb->prints != NULL)
			add_own(own, verb);
		else if (verb->asks != NULL && !name_operation(ctl, verb, document))
			status = CTL_FAILED;
	}
	tree_set(document, "x-roamhubctl", own);
	if (status != CTL_OK)
		ctl_complain("the hub is of another version: it does not know all commands");
	return status;
}

int
ctl_openapi(struct ctl *ctl, const struct ctl_request *request)
{
	CLEANUP(tree_drop) json_t *document = NULL;
	struct fault fault = { 0 };
	struct str answer;
	int status = ctl_call(ctl, request, &answer);

	if (status != CTL_OK)
		return status;
	document = tree_read(answer, &fault);
	if (document == NULL) {
		ctl_complain("the hub's answer cannot be read: %s", fault.why);
		return CTL_FAILED;
	}
	status = complete(ctl, document);
	return print(document) == CTL_OK ? status : CTL_FAILED;
}
