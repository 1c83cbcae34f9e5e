/* ctl_grid: aligned columns for people, colours for a terminal, and nothing that could steer it. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

enum { GAP = 2, MOST_COLUMNS = 12 };

struct cell {
	const char *text;
	enum ctl_colour colour;
};
struct ctl_grid {
	const struct ctl *ctl;
	const char *const *titles;
	size_t columns, count, room;
	struct cell *cells;
};

/** Bytes of a control character at @p (C0, DEL, C1 in UTF-8); 0: none. */
static size_t
control_at(const char *p)
{
	unsigned char first = (unsigned char)p[0], second = (unsigned char)p[1];

	if (first < 0x20 || first == 0x7f)
		return 1;
	return first == 0xc2 && second >= 0x80 && second <= 0x9f ? 2 : 0;
}

const char *
ctl_clean(const struct ctl *ctl, const char *text)
{
	struct buf clean = { .arena = ctl->arena };

	buf_add(&clean, STR(""));
	while (*text != '\0') {
		size_t bad = control_at(text);

		if (bad > 0)
			buf_add(&clean, STR("\xef\xbf\xbd"));
		else
			buf_addc(&clean, *text);
		text += bad > 0 ? bad : 1;
	}
	return clean.p != NULL ? clean.p : "";
}

const char *
ctl_paint(const struct ctl *ctl, const char *text, enum ctl_colour colour)
{
	static const char *const codes[] = { "", "\033[1m", "\033[2m", "\033[32m", "\033[33m",
		"\033[31m" };

	if (!ctl->colour || colour == PLAIN)
		return text;
	return arena_printf(ctl->arena, "%s%s\033[0m", codes[colour], text).p;
}

enum ctl_colour
ctl_status_colour(const char *status)
{
	if (status == NULL)
		return PLAIN;
	if (strcmp(status, "CONNECTED") == 0 || strcmp(status, "ok") == 0)
		return GREEN;
	if (strcmp(status, "OFFLINE") == 0 || strcmp(status, "critical") == 0)
		return RED;
	return strcmp(status, "SUSPENDED") == 0 || strcmp(status, "warning") == 0 ? YELLOW : DIM;
}

struct ctl_grid *
ctl_grid_new(const struct ctl *ctl, const char *const *titles, size_t columns)
{
	struct ctl_grid *grid = arena_alloc(ctl->arena, sizeof *grid);

	grid->ctl = ctl;
	grid->titles = titles;
	grid->columns = columns < MOST_COLUMNS ? columns : MOST_COLUMNS;
	return grid;
}

void
ctl_grid_add(struct ctl_grid *grid, const char *text, enum ctl_colour colour)
{
	if (grid->count == grid->room) {
		struct cell *more =
		        arena_alloc(grid->ctl->arena, 2 * (grid->room + 32) * sizeof *more);

		if (grid->count > 0)
			memcpy(more, grid->cells, grid->count * sizeof *more);
		grid->cells = more;
		grid->room = 2 * (grid->room + 32);
	}
	grid->cells[grid->count++] =
	        (struct cell){ text != NULL && text[0] != '\0' ? text : "-", colour };
}

static size_t
width_of(const char *text)
{
	return ocpi_characters(str_of(text));
}

static void
print_cell(const struct ctl_grid *grid, const char *text, enum ctl_colour colour, size_t width,
        bool last)
{
	size_t fill = last ? 0 : width - width_of(text) + GAP;

	(void)printf("%s%*s", ctl_paint(grid->ctl, text, colour), (int)fill, "");
}

void
ctl_grid_print(const struct ctl_grid *grid)
{
	size_t widths[MOST_COLUMNS] = { 0 };

	assert(grid->columns > 0 && grid->columns <= MOST_COLUMNS);
	for (size_t c = 0; c < grid->columns; c++)
		widths[c] = width_of(grid->titles[c]);
	for (size_t i = 0; i < grid->count; i++)
		if (width_of(grid->cells[i].text) > widths[i % grid->columns])
			widths[i % grid->columns] = width_of(grid->cells[i].text);
	for (size_t c = 0; c < grid->columns; c++)
		print_cell(grid, grid->titles[c], BOLD, widths[c], c + 1 == grid->columns);
	for (size_t i = 0; i < grid->count; i++) {
		size_t c = i % grid->columns;

		if (c == 0)
			(void)putchar('\n');
		print_cell(grid, grid->cells[i].text, grid->cells[i].colour, widths[c],
		        c + 1 == grid->columns);
	}
	(void)putchar('\n');
}
