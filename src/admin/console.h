/* console: the files of the operator's and the partners' pages, as embed.py made them. */
#pragma once

#include <stddef.h>

struct console_file {
	const char *name, *type; /* "console/dom.js" */
	const char *bytes;
	size_t len;
};
extern const struct console_file console_files[]; /* ends with a row without a name */
