/* values: the basic types of OCPI that are strings on the wire.
 *
 * Spec: 2.2.1 types.asciidoc. DateTime is read more widely than it is written: what others send in
 * the field is relayed anyway and must be comparable here. */
#include <assert.h>
#include <string.h>

#include "roamhub/ocpi.h"

enum { SECONDS_A_DAY = 86400, NS_A_SECOND = 1000000000 };

/* ---- calendar: proleptic Gregorian, days since 1970-01-01 ---- */

static bool
leap_year(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap_year(year));
}

/** Days before year @year, counted from the year 0. */
static int64_t
days_before(int year)
{
	int64_t past = year - 1;

	return year == 0 ? 0 : 366 + past * 365 + past / 4 - past / 100 + past / 400;
}

static int64_t
days_since_1970(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };

	return days_before(year) - days_before(1970) + before[month - 1] +
	       (month > 2 && leap_year(year)) + day - 1;
}

/* ---- DateTime ---- */

struct datetime {
	int year, month, day, hour, minute, second;
	int64_t fraction_ns;
	int offset_minutes;
};

static inline void
drop(struct str *s, size_t count)
{
	s->p += count;
	s->len -= count;
}

/** Exactly @count digits at the front of *s. */
static inline bool
take_digits(struct str *s, size_t count, int *out)
{
	*out = 0;
	if (s->len < count)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	drop(s, count);
	return true;
}

static inline bool
take(struct str *s, char c)
{
	if (s->len == 0 || s->p[0] != c)
		return false;
	drop(s, 1);
	return true;
}

/**
 * Eight characters at the front of *s as @form has them, a digit where it has '0': what they are
 * less @form, that is the digits' values. @room is what may be added to a byte of it before it
 * reaches 0x80: 0x76 for a digit, 0x7f for any other character.
 */
static inline bool
take_eight(struct str *s, const char *form, const char *room, unsigned char digits[8])
{
	uint64_t found, expected, rooms;

	if (s->len < 8)
		return false;
	memcpy(&found, s->p, 8);
	memcpy(&expected, form, 8);
	memcpy(&rooms, room, 8);
	found ^= expected;
	if (((found + rooms) | found) & UINT64_C(0x8080808080808080))
		return false;
	memcpy(digits, &found, 8);
	drop(s, 8);
	return true;
}

static bool
take_date(struct str *s, struct datetime *t)
{
	unsigned char d[8];

	if (!take_eight(s, "0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f", d))
		return false;
	t->year = d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3];
	t->month = d[5] * 10 + d[6];
	return take_digits(s, 2, &t->day) && (take(s, 'T') || take(s, 't')) && t->month >= 1 &&
	       t->month <= 12 && t->day >= 1 && t->day <= days_in_month(t->year, t->month);
}

static bool
take_time(struct str *s, struct datetime *t)
{
	unsigned char d[8];

	if (!take_eight(s, "00:00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76", d))
		return false;
	t->hour = d[0] * 10 + d[1];
	t->minute = d[3] * 10 + d[4];
	t->second = d[6] * 10 + d[7];
	return t->hour <= 23 && t->minute <= 59 && t->second <= 60;
}

/** An optional point and one to nine digits. */
static bool
take_fraction(struct str *s, struct datetime *t)
{
	int64_t unit = NS_A_SECOND;
	int digit;

	if (!take(s, '.'))
		return true;
	while (unit > 1 && take_digits(s, 1, &digit)) {
		unit /= 10;
		t->fraction_ns += digit * unit;
	}
	return unit < NS_A_SECOND;
}

/** Nothing, Z, or a numeric offset whose '+' may have become a space in a query (TRP-59). */
static bool
take_zone(struct str *s, struct datetime *t)
{
	int hours, minutes, sign = 1;

	if (s->len == 0 || take(s, 'Z') || take(s, 'z'))
		return true;
	if (take(s, '-'))
		sign = -1;
	else if (!take(s, '+') && !take(s, ' '))
		return false;
	if (!take_digits(s, 2, &hours) || !take(s, ':'))
		return false;
	if (!take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	t->offset_minutes = sign * (hours * 60 + minutes);
	return true;
}

/** Years outside 1677 to 2262 are dates like any other ("2999-12-31"), but do not fit: they count
 * as the last moment. */
static int64_t
saturate(int64_t seconds, int64_t fraction_ns)
{
	int64_t ns;

	if (__builtin_mul_overflow(seconds, (int64_t)NS_A_SECOND, &ns) ||
	        __builtin_add_overflow(ns, fraction_ns, &ns))
		return seconds < 0 ? INT64_MIN : INT64_MAX;
	return ns;
}

/* RFC 3339 has the leap second only as the last of a UTC day. 1970 time has no room for it, so it
 * counts as the last nanosecond of that day: not before 23:59:59.9, not after midnight. */
static bool
to_ns(const struct datetime *t, int64_t *ns)
{
	bool leap = t->second == 60;
	int64_t seconds = days_since_1970(t->year, t->month, t->day) * SECONDS_A_DAY +
	                  t->hour * 3600 + t->minute * 60 + (leap ? 59 : t->second) -
	                  t->offset_minutes * 60;
	int64_t of_day = (seconds % SECONDS_A_DAY + SECONDS_A_DAY) % SECONDS_A_DAY;

	if (leap && of_day != SECONDS_A_DAY - 1)
		return false;
	*ns = saturate(seconds, leap ? NS_A_SECOND - 1 : t->fraction_ns);
	return true;
}

static bool
datetime_read(struct str text, struct datetime *t)
{
	return take_date(&text, t) && take_time(&text, t) && take_fraction(&text, t) &&
	       take_zone(&text, t) && text.len == 0;
}

/** What mod_cdrs writes where there is no time, TRP-34. */
static bool
is_no_time(struct str text)
{
	return str_is(text, "1970-1-1T00:00:00Z");
}

bool
ocpi_datetime_parse(struct str text, int64_t *ns)
{
	struct datetime t = { 0 };

	if (datetime_read(text, &t))
		return to_ns(&t, ns);
	if (!is_no_time(text))
		return false;
	*ns = 0;
	return true;
}

bool
ocpi_datetime_ok(struct str text)
{
	struct datetime t = { 0 };
	int64_t ns;

	if (!datetime_read(text, &t))
		return is_no_time(text);
	return t.second < 60 || to_ns(&t, &ns);
}

/** @count digits of @value, zeros in front, and @behind; the position behind that. */
static char *
put(char *p, size_t count, int64_t value, char behind)
{
	for (size_t i = count; i-- > 0; value /= 10)
		p[i] = (char)('0' + value % 10);
	p[count] = behind;
	return p + count + 1;
}

void
ocpi_datetime_print(int64_t unix_ms, char out[OCPI_DATETIME_LEN + 1])
{
	const int64_t day_ms = (int64_t)SECONDS_A_DAY * 1000;
	int64_t in_day = (unix_ms % day_ms + day_ms) % day_ms;
	int64_t days = (unix_ms - in_day) / day_ms;
	int year = 1970 + (int)(days / 366), month = 1;
	char *p = out;

	assert(days >= days_since_1970(0, 1, 1) && days <= days_since_1970(9999, 12, 31));
	while (days < days_since_1970(year, 1, 1))
		year--;
	while (days >= days_since_1970(year + 1, 1, 1))
		year++;
	days -= days_since_1970(year, 1, 1);
	for (; days >= days_in_month(year, month); month++)
		days -= days_in_month(year, month);
	p = put(p, 4, year, '-');
	p = put(p, 2, month, '-');
	p = put(p, 2, days + 1, 'T');
	p = put(p, 2, in_day / 3600000, ':');
	p = put(p, 2, in_day / 60000 % 60, ':');
	p = put(p, 2, in_day / 1000 % 60, '.');
	p = put(p, 3, in_day % 1000, 'Z');
	*p = '\0';
}

static bool
take_month(struct str *s, int *month)
{
	static const char names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (str_starts(*s, names[i])) {
			*month = (int)i + 1;
			*s = str_from(*s, 3);
			return true;
		}
	return false;
}

bool
ocpi_http_date_parse(struct str text, int64_t *unix_ms)
{
	struct datetime t = { 0 };
	int64_t ns;

	(void)str_cut(&text, ','); /* the day's name follows from the date */
	if (text.p == NULL || !take(&text, ' ') || !take_digits(&text, 2, &t.day) ||
	        !take(&text, ' ') || !take_month(&text, &t.month) || !take(&text, ' ') ||
	        !take_digits(&text, 4, &t.year) || !take(&text, ' ') || !take_time(&text, &t) ||
	        !str_is(text, " GMT") || t.day < 1 || t.day > days_in_month(t.year, t.month) ||
	        !to_ns(&t, &ns))
		return false;
	*unix_ms = ns / 1000000;
	return true;
}

/* ---- strings ---- */

bool
ocpi_token_ok(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < 0x21 || s.p[i] > 0x7e)
			return false;
	return s.len >= 1 && s.len <= 64;
}

size_t
ocpi_characters(struct str utf8)
{
	size_t count = 0;

	for (size_t i = 0; i < utf8.len; i++)
		count += ((unsigned char)utf8.p[i] & 0xc0) != 0x80;
	return count;
}
