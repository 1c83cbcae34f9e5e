/* console: the pages of the operator and of partners, which are files alone: all that they show
 * they ask the API of their desk for. */
#include <string.h>

#include "console.h"
#include "inside.h"
#include "portal.h"

enum { NAME = 1 }; /* segment of "/console/{file}" */

static const struct console_file *
file_of(struct str name)
{
	for (const struct console_file *file = console_files; file->name != NULL; file++)
		if (str_is(name, file->name))
			return file;
	return NULL;
}

/* The one style that the chart library writes into an element is named by its digest. */
#define CHART_STYLE "'sha256-MJyOH6fkfzWPCLv2CfAAYjOtxkqoLBYZsmiMyy1D4sc='"

void
console_headers(struct inquiry *inquiry)
{
	inquiry_header(inquiry, "Content-Security-Policy",
	        STR("default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
	            "form-action 'self'; object-src 'none'; style-src-attr "
	            "'unsafe-hashes' " CHART_STYLE));
	inquiry_header(inquiry, "X-Content-Type-Options", STR("nosniff"));
	inquiry_header(inquiry, "Referrer-Policy", STR("no-referrer"));
}

static void
serve(struct inquiry *inquiry, struct str name)
{
	const struct console_file *file = file_of(name);

	if (file == NULL) {
		inquiry_refuse(inquiry, 404, "there is no such file");
		return;
	}
	console_headers(inquiry);
	buf_add(&inquiry->text, (struct str){ file->bytes, file->len });
	inquiry_answer(inquiry, 200, file->type);
}

static struct str
asked_file(struct inquiry *inquiry, const char *folder)
{
	return arena_printf(
	        inquiry->arena, "%s/%.*s", folder, STR_ARG(inquiry->path.decoded[NAME]));
}

void
console_page(struct inquiry *inquiry)
{
	serve(inquiry, STR("console/index.html"));
}

void
console_show(struct inquiry *inquiry)
{
	serve(inquiry, asked_file(inquiry, "console"));
}

/* ---- of partners ---- */

void
portal_page(struct inquiry *inquiry)
{
	serve(inquiry, STR("portal/index.html"));
}

void
portal_show(struct inquiry *inquiry)
{
	serve(inquiry, asked_file(inquiry, "portal"));
}

/* What their pages are built of; the operator's pages are nothing to them. */
void
portal_share(struct inquiry *inquiry)
{
	static const char *const shared[] = { "console/api.js", "console/console.css",
		"console/dom.js", "console/frame.js", "console/icon.svg", "console/parts.js",
		"console/shown.js" };
	struct str name = asked_file(inquiry, "console");

	for (size_t i = 0; i < COUNT(shared); i++)
		if (str_is(name, shared[i])) {
			serve(inquiry, name);
			return;
		}
	inquiry_refuse(inquiry, 404, inquiry->desk->nothing);
}
