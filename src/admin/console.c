/* console: the operator's pages, which are files alone: all that they show they ask the API for. */
#include <string.h>

#include "console.h"
#include "inside.h"

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

/* Nothing is loaded from elsewhere, nothing is run that is not a file of ours, nobody frames it. */
static void
serve(struct inquiry *inquiry, struct str name)
{
	const struct console_file *file = file_of(name);

	if (file == NULL) {
		inquiry_refuse(inquiry, 404, "the console has no such file");
		return;
	}
	inquiry_header(inquiry, "Content-Security-Policy",
	        STR("default-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
	            "form-action 'self'; object-src 'none'; style-src-attr "
	            "'unsafe-hashes' " CHART_STYLE));
	inquiry_header(inquiry, "X-Content-Type-Options", STR("nosniff"));
	inquiry_header(inquiry, "Referrer-Policy", STR("no-referrer"));
	buf_add(&inquiry->text, (struct str){ file->bytes, file->len });
	inquiry_answer(inquiry, 200, file->type);
}

void
console_page(struct inquiry *inquiry)
{
	serve(inquiry, STR("index.html"));
}

void
console_show(struct inquiry *inquiry)
{
	serve(inquiry, inquiry->path.decoded[NAME]);
}
