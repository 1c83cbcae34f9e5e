/* move_row: a row of a table as a line of a file, and back. */
#include "move.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool
is_number(enum move_kind kind)
{
	return kind == MOVE_INT || kind == MOVE_BOOL;
}

/* ---- out ---- */

static char
letter_of(char c)
{
	return c == '\t' ? 't' : c == '\n' ? 'n' : c == '\\' ? '\\' : '\0';
}

static void
print_text(struct str s, struct buf *out)
{
	size_t begun = 0;

	if (s.p == NULL) {
		buf_add(out, STR("\\N"));
		return;
	}
	for (size_t i = 0; i < s.len; i++) {
		char letter = letter_of(s.p[i]);

		if (letter == '\0')
			continue;
		buf_add(out, (struct str){ s.p + begun, i - begun });
		buf_addc(out, '\\');
		buf_addc(out, letter);
		begun = i + 1;
	}
	if (begun < s.len)
		buf_add(out, (struct str){ s.p + begun, s.len - begun });
}

void
move_print(const struct move_table *table, const struct move_value *values, struct buf *out)
{
	size_t count = move_columns(table);

	for (size_t i = 0; i < count; i++) {
		buf_addc(out, i == 0 ? '+' : '\t');
		if (is_number(table->columns[i].kind))
			buf_printf(out, "%" PRId64, values[i].n);
		else
			print_text(values[i].s, out);
	}
}

void
move_print_table(const struct move_table *table, struct buf *out)
{
	buf_printf(out, "table\t%s", table->name);
	for (size_t i = 0; i < move_columns(table); i++)
		buf_printf(out, "\t%s", table->columns[i].name);
}

void
move_print_rows(const struct move_sum *sum, struct buf *out)
{
	char digest[RH_SHA256_TEXT];

	move_sum_text(sum, digest);
	buf_printf(out, "rows\t%" PRIu64 "\t%s", sum->rows, digest);
}

/* ---- in ---- */

static bool
parse_number(struct str field, enum move_kind kind, int64_t *out)
{
	bool negative = kind == MOVE_INT && field.len > 0 && field.p[0] == '-';
	uint64_t n;

	if (!str_to_u64(negative ? str_from(field, 1) : field,
	            kind == MOVE_BOOL ? 1 : (uint64_t)INT64_MAX + negative, &n))
		return false;
	*out = negative ? (int64_t)(0 - n) : (int64_t)n;
	return true;
}

/* What becomes of a field is never longer than it. */
static bool
parse_text(char *p, size_t len, struct str *out)
{
	size_t to = 0;

	if (len == 2 && p[0] == '\\' && p[1] == 'N') {
		*out = (struct str){ 0 };
		return true;
	}
	for (size_t i = 0; i < len; i++) {
		char c = p[i];

		if (c == '\\') {
			c = ++i < len ? p[i] : '\0';
			if (c != 't' && c != 'n' && c != '\\')
				return false;
			c = c == 't' ? '\t' : c == 'n' ? '\n' : '\\';
		}
		p[to++] = c;
	}
	*out = (struct str){ p, to };
	return true;
}

static bool
parse_field(enum move_kind kind, char *p, size_t len, struct move_value *out)
{
	*out = (struct move_value){ 0 };
	if (is_number(kind))
		return parse_number((struct str){ p, len }, kind, &out->n);
	return parse_text(p, len, &out->s);
}

bool
move_parse(const struct move_table *table, char *line, size_t len, struct move_value *values)
{
	size_t count = move_columns(table);
	char *at = line + 1, *end = line + len;

	if (len == 0 || line[0] != '+')
		return false;
	for (size_t i = 0; i < count; i++) {
		char *tab = memchr(at, '\t', (size_t)(end - at));
		char *stop = tab != NULL ? tab : end;

		if ((tab == NULL) != (i == count - 1) ||
		        !parse_field(table->columns[i].kind, at, (size_t)(stop - at), &values[i]))
			return false;
		at = stop + 1;
	}
	return true;
}

/* ---- sums ---- */

void
move_sum_add(struct move_sum *sum, struct str line)
{
	static const uint8_t no_key[RH_KEY_BYTES] = { 0 };
	uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(no_key, line, digest);
	sum->rows++;
	for (size_t i = 0; i < COUNT(sum->lanes); i++) {
		uint64_t lane = 0;

		for (size_t j = 8; j-- > 0;)
			lane = lane << 8 | digest[8 * i + j];
		sum->lanes[i] += lane;
	}
}

void
move_sum_text(const struct move_sum *sum, char out[RH_SHA256_TEXT])
{
	for (size_t i = 0; i < COUNT(sum->lanes); i++)
		(void)snprintf(out + 16 * i, 17, "%016" PRIx64, sum->lanes[i]);
}
