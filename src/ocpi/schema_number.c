/* schema_number: numbers judged by their digits, without a double in between.
 *
 * A number is its significant digits and the powers of ten of the first and the last one of them,
 * so 100, 1e2 and 100.000 are one number, and 100.00000000000000000001 is another one. */
#include "schema.h"

enum { FAR = 1000000 }; /* exponents beyond are all the same to us */

struct decimal {
	bool negative, zero;
	int64_t first, last; /* powers of ten of the first and the last digit that is not 0 */
	int64_t whole;       /* the integral part, INT64_MAX when it does not fit */
};

static int64_t
exponent_of(struct str text)
{
	bool negative = text.len > 0 && text.p[0] == '-';
	int64_t value = 0;

	for (size_t i = 0; i < text.len && value < FAR; i++)
		if (text.p[i] >= '0' && text.p[i] <= '9')
			value = value * 10 + (text.p[i] - '0');
	return negative ? -value : value;
}

static void
add_digit(struct decimal *decimal, int64_t power, char c)
{
	if (c != '0' && decimal->zero)
		decimal->zero = false, decimal->first = power;
	if (c != '0')
		decimal->last = power;
	if (power < 0 || decimal->zero)
		return;
	if (__builtin_mul_overflow(decimal->whole, 10, &decimal->whole) ||
	        __builtin_add_overflow(decimal->whole, c - '0', &decimal->whole))
		decimal->whole = INT64_MAX;
}

/** Zeros that the exponent stands for, where it moves the point behind the last digit. */
static void
add_zeros(struct decimal *decimal, int64_t count)
{
	for (; count > 0 && !decimal->zero && decimal->whole < INT64_MAX; count--)
		if (__builtin_mul_overflow(decimal->whole, 10, &decimal->whole))
			decimal->whole = INT64_MAX;
}

static struct decimal
decimal_read(struct str text)
{
	struct decimal decimal = { .negative = text.p[0] == '-', .zero = true };
	size_t digits = 0, point = 0, end = 0;
	int64_t power;

	text = str_from(text, decimal.negative);
	while (end < text.len && (text.p[end] | 0x20) != 'e')
		end++;
	while (point < end && text.p[point] != '.')
		point++;
	power = (int64_t)point - 1 + (end < text.len ? exponent_of(str_from(text, end + 1)) : 0);
	for (size_t i = 0; i < end; i++)
		if (text.p[i] != '.')
			add_digit(&decimal, power - (int64_t)digits++, text.p[i]);
	add_zeros(&decimal, power - (int64_t)digits + 1);
	return decimal;
}

bool
number_within(const struct json_doc *doc, uint32_t node, int64_t least, int64_t most)
{
	struct decimal decimal = decimal_read(json_raw(doc, node));
	bool fraction = !decimal.zero && decimal.last < 0;

	if (decimal.negative)
		return -decimal.whole > least || (-decimal.whole == least && !fraction);
	return decimal.whole >= least &&
	       (decimal.whole < most || (decimal.whole == most && !fraction));
}

int64_t
number_decimals(const struct json_doc *doc, uint32_t node)
{
	struct decimal decimal = decimal_read(json_raw(doc, node));

	return decimal.zero || decimal.last >= 0 ? 0 : -decimal.last;
}
