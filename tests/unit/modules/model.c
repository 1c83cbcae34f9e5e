/* model: the tables of the requirements as rows.
 *
 * The format is as plain as the file: a heading, a header row, a row of dashes, rows until
 * something else comes. */
#include "model.h"

#include <check.h>
#include <stdlib.h>

static char *
read_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = rh_alloc(1 << 20);

	ck_assert_msg(file != NULL, "%s cannot be read", path);
	ck_assert(fread(text, 1, (1 << 20) - 1, file) > 0);
	fclose(file);
	return text;
}

struct model
model_open(const char *title)
{
	const char *path = getenv("MODEL");
	struct model model;
	char heading[64];
	bool found = false;

	ck_assert_msg(path != NULL, "MODEL is not in the environment");
	model.text = read_file(path);
	model.rest = str_of(model.text);
	snprintf(heading, sizeof(heading), "## %s", title);
	while (!found && model.rest.p != NULL)
		found = str_is(str_cut(&model.rest, '\n'), heading);
	ck_assert_msg(found, "%s is not in the model", heading);
	for (size_t i = 0; i < 3; i++) /* blank line, header, dashes */
		str_cut(&model.rest, '\n');
	return model;
}

bool
model_next(struct model *model, struct model_row *row)
{
	struct str line = str_cut(&model->rest, '\n');

	*row = (struct model_row){ 0 };
	if (!str_starts(line, "|")) {
		free(model->text);
		return false;
	}
	line = str_from(line, 1);
	while (row->count < MODEL_CELLS && line.p != NULL && line.len > 0)
		row->cell[row->count++] = str_trim(str_cut(&line, '|'));
	return true;
}
