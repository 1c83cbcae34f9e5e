/* schema_forms: forms that a text must have beside its length, as check and examples.
 *
 * The bad examples are short enough not to be refused for their length and plain enough not to be
 * refused for their characters: what refuses them is the form. */
#include <string.h>

#include <roamhub/schema_tables.h>

#include "schema.h"

static bool
letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool
digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
letters(struct str text, size_t count)
{
	for (size_t i = 0; i < text.len; i++)
		if (!letter(text.p[i]))
			return false;
	return text.len == count;
}

static bool
visible(struct str text, size_t count)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return false;
	return text.len == count;
}

static bool
country2_ok(struct str text)
{
	return letters(text, 2);
}
const struct ocpi_form ocpi_form_country2 = { "country code of 2 letters (ISO 3166-1 alpha-2)",
	country2_ok, EXAMPLES("DE", "NL", "BE", "FR"), EXAMPLES("D", "D ", "12", "S1") };

/* Exactly as many characters as a routing header must have (TYP-021), so that what passes here can
 * be addressed. */
static bool
party_ok(struct str text)
{
	return visible(text, 3);
}
const struct ocpi_form ocpi_form_party = { "party id of 3 characters", party_ok,
	EXAMPLES("ABC", "TNM", "ALL", "x1Y"), EXAMPLES("AB", "A C") };

static bool
country3_ok(struct str text)
{
	return letters(text, 3);
}
const struct ocpi_form ocpi_form_country3 = { "country code of 3 letters (ISO 3166-1 alpha-3)",
	country3_ok, EXAMPLES("DEU", "NLD", "BEL"), EXAMPLES("DE", "D-U") };
const struct ocpi_form ocpi_form_currency = { "currency code of 3 letters (ISO 4217)", country3_ok,
	EXAMPLES("EUR", "USD", "CHF"), EXAMPLES("EU", "EU1") };

static bool
language_ok(struct str text)
{
	return letters(text, 2);
}
const struct ocpi_form ocpi_form_language = { "language code of 2 letters (ISO 639-1)", language_ok,
	EXAMPLES("en", "de", "nl"), EXAMPLES("e", "e1") };

/** -?[0-9]{1,@most}\.[0-9]{5,7} */
static bool
coordinate(struct str text, size_t most)
{
	size_t whole = 0, fraction;

	if (text.len > 0 && text.p[0] == '-')
		text = str_from(text, 1);
	while (whole < text.len && digit(text.p[whole]))
		whole++;
	if (whole < 1 || whole > most || whole == text.len || text.p[whole] != '.')
		return false;
	fraction = text.len - whole - 1;
	for (size_t i = whole + 1; i < text.len; i++)
		if (!digit(text.p[i]))
			return false;
	return fraction >= 5 && fraction <= 7;
}

static bool
latitude_ok(struct str text)
{
	return coordinate(text, 2);
}
const struct ocpi_form ocpi_form_latitude = { "latitude of the form -?[0-9]{1,2}\\.[0-9]{5,7}",
	latitude_ok, EXAMPLES("50.770774", "-33.86785", "7.0000001"),
	EXAMPLES("50.7707", "50,770774", "150.77077", "+5.00000") };

static bool
longitude_ok(struct str text)
{
	return coordinate(text, 3);
}
const struct ocpi_form ocpi_form_longitude = { "longitude of the form -?[0-9]{1,3}\\.[0-9]{5,7}",
	longitude_ok, EXAMPLES("-126.104965", "4.3517103", "13.37771"),
	EXAMPLES("4.3517", "4,3517103", "1234.56789", "E4.35171") };

static bool
time_ok(struct str text)
{
	if (text.len != 5 || text.p[2] != ':' || !digit(text.p[0]) || !digit(text.p[1]))
		return false;
	if (text.p[0] > '2' || (text.p[0] == '2' && text.p[1] > '3'))
		return false;
	return text.p[3] >= '0' && text.p[3] <= '5' && digit(text.p[4]);
}
const struct ocpi_form ocpi_form_time = { "time of day as HH:MM", time_ok,
	EXAMPLES("00:00", "08:30", "18:15", "23:59"), EXAMPLES("24:00", "8:30", "08:60", "08.30") };

static int
number(const char *digits, size_t count)
{
	int value = 0;

	for (size_t i = 0; i < count; i++)
		value = value * 10 + (digits[i] - '0');
	return value;
}

/** A day that the calendar has, of the years that TYP-020 allows. */
static bool
date_ok(struct str text)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, leap;

	if (text.len != 10 || text.p[4] != '-' || text.p[7] != '-')
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (i != 4 && i != 7 && !digit(text.p[i]))
			return false;
	year = number(text.p, 4);
	month = number(text.p + 5, 2);
	day = number(text.p + 8, 2);
	if (year < 1000 || year > 2999 || month < 1 || month > 12)
		return false;
	leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return day >= 1 && day <= days[month - 1] + leap;
}
const struct ocpi_form ocpi_form_date = {
	"date as YYYY-MM-DD", date_ok, EXAMPLES("2026-11-23", "2028-02-29", "1999-12-31"),
	EXAMPLES("2026-02-29", "2026-13-01", "2026-04-31", "23-11-2026", "2026-1-1", "2026/11/23")
};

static bool
time_zone_ok(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!letter(text.p[i]) && !digit(text.p[i]) && strchr("/_+-", text.p[i]) == NULL)
			return false;
	return text.len > 0 && letter(text.p[0]);
}
const struct ocpi_form ocpi_form_time_zone = { "name of an IANA time zone such as Europe/Oslo",
	time_zone_ok, EXAMPLES("Europe/Oslo", "America/Argentina/Buenos_Aires", "Etc/GMT+1", "UTC"),
	EXAMPLES("+01:00", "Europe Oslo") };

const struct ocpi_form ocpi_form_token = { "characters U+0021 to U+007E", ocpi_token_ok,
	EXAMPLES("ebf3b399-779f-4497-9b9d-ac6ad3cc44d2", "~!Token*9"),
	EXAMPLES("two words", "t\xc3\xb6ken") };

/* Controls and space are the first 33. */
static const bool not_in_url[256] = { true, true, true, true, true, true, true, true, true, true,
	true, true, true, true, true, true, true, true, true, true, true, true, true, true, true,
	true, true, true, true, true, true, true,
	true, ['"'] = true, ['<'] = true, ['>'] = true, ['\\'] = true, ['^'] = true, ['`'] = true,
	['{'] = true, ['|'] = true, ['}'] = true, [0x7f] = true };

/** A scheme, a colon and something, of characters that may stand in a URI; letters of other scripts
 * are let through. */
static bool
url_ok(struct str text)
{
	size_t scheme = 0;
	bool bad = false;

	for (size_t i = 0; i < text.len; i++)
		bad |= not_in_url[(unsigned char)text.p[i]];
	if (bad)
		return false;
	while (scheme < text.len && (letter(text.p[scheme]) || digit(text.p[scheme])))
		scheme++;
	return scheme > 0 && letter(text.p[0]) && scheme + 1 < text.len && text.p[scheme] == ':';
}
const struct ocpi_form ocpi_form_url = { "absolute URL", url_ok,
	EXAMPLES("https://example.com/logo.png", "http://example.org",
	        "https://example.net/a?b=c#d"),
	EXAMPLES("example", "/a/path", "https:", "https://two words.example") };

/** http:// or https:// and at least one character of a host. */
static bool
callable_ok(struct str text)
{
	struct str scheme = { text.p, 0 };

	while (scheme.len < text.len && text.p[scheme.len] != ':')
		scheme.len++;
	if (!url_ok(text) || (!str_ieq(scheme, STR("http")) && !str_ieq(scheme, STR("https"))))
		return false;
	text = str_from(text, scheme.len);
	return str_starts(text, "://") && text.len > 3 && strchr("/?#:@", text.p[3]) == NULL;
}
const struct ocpi_form ocpi_form_callable_url = { "absolute http or https URL with a host",
	callable_ok, EXAMPLES("https://example.com/ocpi/versions", "http://example.org:8080/x?y=1"),
	EXAMPLES("example.com/ocpi", "ftp://example.com/", "https:///x", "https:example.com",
	        "https://a b.example") };

bool
datetime_has_offset(struct str text)
{
	return text.len >= 25 && text.p[text.len - 3] == ':';
}
const struct ocpi_form ocpi_form_datetime = {
	"DateTime such as 2026-11-23T08:00:00Z: UTC, ends in Z or nothing", ocpi_datetime_ok,
	EXAMPLES("2026-11-23T08:00:00Z", "2015-06-29T20:39:09", "2028-02-29T23:59:59.123Z"),
	EXAMPLES("yesterday", "2026-11-23", "2026-02-29T08:00:00Z", "2026-13-01T08:00:00Z",
	        "2026-11-23T25:00:00Z", "2026-11-23 at 8", "1792742400")
};
