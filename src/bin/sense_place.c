/* sense_place: where a location is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "validate_sense.h"

/* Rough boxes, drawn by hand around each country's outline with some tenths of a degree to spare:
 * they are there to find swapped, zeroed and foreign coordinates, not to draw a border. Islands
 * that have a code of their own (GLP, REU, SJM, GRL) are left out, those without one are in the box
 * (Azores, Canaries). A country that is not listed is not judged. */
struct box {
	char country[4];
	double south, north, west, east;
};
/* clang-format off */
static const struct box boxes[] = {
	{ "ALB", 39.4, 42.9,  19.0,  21.3 }, { "AND", 42.2, 42.8,   1.2,   2.0 },
	{ "ARE", 22.4, 26.5,  51.2,  56.7 }, { "ARM", 38.6, 41.5,  43.2,  46.9 },
	{ "AUS", -44.2, -9.8, 112.5, 154.2 }, { "AUT", 46.1, 49.3,   9.2,  17.4 },
	{ "AZE", 38.1, 42.2,  44.5,  51.0 }, { "BEL", 49.2, 51.8,   2.2,   6.7 },
	{ "BGR", 41.0, 44.5,  22.1,  29.0 }, { "BIH", 42.3, 45.5,  15.5,  19.9 },
	{ "BLR", 51.0, 56.4,  22.9,  33.0 }, { "BRA", -34.2, 5.6, -74.3, -28.5 },
	{ "CAN", 41.4, 83.5, -141.3, -52.3 }, { "CHE", 45.6, 48.0,   5.7,  10.7 },
	{ "CHN", 17.8, 53.8,  73.2, 135.3 }, { "CYP", 34.3, 35.9,  32.0,  34.8 },
	{ "CZE", 48.3, 51.3,  11.8,  19.1 }, { "DEU", 47.0, 55.3,   5.6,  15.3 },
	{ "DNK", 54.3, 58.0,   7.8,  15.4 }, { "ESP", 27.4, 44.0, -18.4,   4.6 },
	{ "EST", 57.3, 60.0,  21.4,  28.4 }, { "FIN", 59.4, 70.3,  19.0,  31.8 },
	{ "FRA", 41.1, 51.3,  -5.4,   9.8 }, { "FRO", 61.2, 62.6,  -7.9,  -6.0 },
	{ "GBR", 49.6, 61.1,  -8.9,   2.1 }, { "GEO", 40.9, 43.8,  39.8,  46.9 },
	{ "GGY", 49.3, 49.9,  -2.9,  -2.0 }, { "GIB", 36.0, 36.3,  -5.5,  -5.2 },
	{ "GRC", 34.6, 41.9,  19.2,  29.9 }, { "HRV", 42.2, 46.7,  13.3,  19.6 },
	{ "HUN", 45.6, 48.7,  16.0,  23.1 }, { "IMN", 53.9, 54.6,  -5.0,  -4.1 },
	{ "IND",  6.4, 37.2,  67.9,  97.6 }, { "IRL", 51.2, 55.6, -10.9,  -5.7 },
	{ "ISL", 63.1, 66.8, -24.8, -13.2 }, { "ISR", 29.3, 33.5,  34.1,  36.0 },
	{ "ITA", 35.3, 47.3,   6.4,  18.8 }, { "JEY", 49.0, 49.4,  -2.4,  -1.8 },
	{ "JPN", 23.9, 45.8, 122.7, 154.2 }, { "KOR", 32.9, 38.9, 124.4, 132.1 },
	{ "LIE", 46.9, 47.4,   9.3,   9.8 }, { "LTU", 53.7, 56.6,  20.7,  27.0 },
	{ "LUX", 49.3, 50.3,   5.6,   6.7 }, { "LVA", 55.5, 58.2,  20.7,  28.4 },
	{ "MAR", 20.6, 36.1, -17.3,  -0.8 }, { "MCO", 43.6, 43.9,   7.2,   7.6 },
	{ "MDA", 45.3, 48.6,  26.4,  30.3 }, { "MEX", 14.3, 32.9, -118.6, -86.5 },
	{ "MKD", 40.7, 42.5,  20.3,  23.2 }, { "MLT", 35.6, 36.2,  14.0,  14.8 },
	{ "MNE", 41.7, 43.7,  18.2,  20.5 }, { "NLD", 50.6, 53.8,   3.1,   7.4 },
	{ "NOR", 57.7, 71.4,   4.2,  31.4 }, { "POL", 48.9, 55.1,  13.9,  24.3 },
	{ "PRT", 29.8, 42.4, -31.6,  -6.0 }, { "ROU", 43.4, 48.5,  20.0,  30.0 },
	{ "SMR", 43.8, 44.1,  12.3,  12.6 }, { "SRB", 41.7, 46.4,  18.6,  23.2 },
	{ "SVK", 47.5, 49.8,  16.6,  22.8 }, { "SVN", 45.2, 47.1,  13.2,  16.8 },
	{ "SWE", 55.1, 69.3,  10.8,  24.4 }, { "TUR", 35.6, 42.4,  25.4,  45.1 },
	{ "UKR", 44.1, 52.6,  21.9,  40.5 }, { "VAT", 41.8, 42.0,  12.3,  12.6 },
	{ "XKX", 41.7, 43.4,  19.9,  21.9 }, { "ZAF", -47.1, -21.9, 16.2, 38.2 },
};
/* clang-format on */

static const struct box *
box_of(const char *country)
{
	for (size_t i = 0; i < COUNT(boxes); i++)
		if (str_ieq(str_of(boxes[i].country), str_of(country)))
			return &boxes[i];
	return NULL;
}

static bool
within(const struct box *box, double latitude, double longitude)
{
	return latitude >= box->south && latitude <= box->north && longitude >= box->west &&
	       longitude <= box->east;
}

static void
check_point(struct sense *sense, uint32_t point, const struct box *box)
{
	const char *latitude = sense_text(sense, point, "latitude");
	const char *longitude = sense_text(sense, point, "longitude");
	double y = strtod(latitude, NULL), x = strtod(longitude, NULL);
	const char *found;

	if (latitude[0] == '\0' || longitude[0] == '\0' || within(box, y, x))
		return;
	found = arena_printf(sense->arena, "latitude %.16s, longitude %.16s%s", latitude, longitude,
	        within(box, x, y) ? ", swapped perhaps" : "")
	                .p;
	sense_say(sense, point, found,
	        "a place in %s: latitude %.1f to %.1f, longitude %.1f to %.1f", box->country,
	        box->south, box->north, box->west, box->east);
}

void
sense_country(struct sense *sense, uint32_t object)
{
	const struct box *box = box_of(sense_text(sense, object, "country"));
	uint32_t own = json_member(sense->doc, object, "coordinates"), at = 0;

	if (box == NULL)
		return;
	if (own != 0)
		check_point(sense, own, box);
	while (sense_each(sense, object, "related_locations", &at))
		check_point(sense, at, box);
	at = 0;
	while (sense_each(sense, object, "evses", &at)) {
		uint32_t point = json_member(sense->doc, at, "coordinates");

		if (point != 0)
			check_point(sense, point, box);
	}
}

/* ---- time zones ---- */

/** Nothing that leaves the folder, or names what is in it beside the zones. */
static bool
zone_name_ok(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[0] != '/' && strstr(name, "..") == NULL &&
	       strncmp(name, "posix", 5) != 0 && strncmp(name, "right/", 6) != 0 &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") ==
	               len;
}

static void
close_file(FILE **file)
{
	if (*file != NULL)
		(void)fclose(*file);
}

/** Whether @path is compiled zone information: tzfile(5). */
static bool
is_zone(const char *path)
{
	CLEANUP(close_file) FILE *file = fopen(path, "re");
	char magic[4];

	return file != NULL && fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
	       memcmp(magic, "TZif", sizeof(magic)) == 0;
}

/* The zones are the system's, TZDIR names another folder of them as it does for the C library; a
 * system without them judges none. */
void
sense_zone(struct sense *sense, uint32_t object)
{
	const char *folder = getenv("TZDIR"), *name = sense_text(sense, object, "time_zone");
	uint32_t node = json_member(sense->doc, object, "time_zone");

	folder = folder != NULL && folder[0] != '\0' ? folder : "/usr/share/zoneinfo";
	if (name[0] == '\0' || !is_zone(arena_printf(sense->arena, "%s/UTC", folder).p))
		return;
	if (!zone_name_ok(name) || !is_zone(arena_printf(sense->arena, "%s/%s", folder, name).p))
		sense_say(sense, node, NULL,
		        "an IANA time zone that this system knows, as Europe/Berlin");
}
