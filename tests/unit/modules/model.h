/* model: reads the tables of tests/data/ocpi-2.2.1-model.md, cell by cell. */
#pragma once

#include <stdio.h>

#include <roamhub/schema.h>

enum { MODEL_CELLS = 6 };
struct model {
	char *text; /* the whole file; rows point into it */
	struct str rest;
};
struct model_row {
	struct str cell[MODEL_CELLS];
	size_t count;
};
/** Open the file that the environment names as MODEL at the rows of the table under heading "##
 * @title". */
struct model model_open(const char *title);
/** Next row of the table; false at its end, which frees the model. */
bool model_next(struct model *model, struct model_row *row);
