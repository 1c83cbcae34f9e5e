/* schema_tables: the words that class tables are written in. For files of tables only: the names
 * are short.
 *
 * { "address", ONE, STRING(45), ACCEPT(255) } reads as the specification's row, with the tolerance
 * behind it. */
#pragma once

#include "schema.h"

#define ANY          .kind = KIND_ANY
#define CISTRING(n)  .kind = KIND_CISTRING, .max = (n)
#define STRING(n)    .kind = KIND_STRING, .max = (n)
#define TEXT         .kind = KIND_STRING
#define URL          .kind = KIND_URL
#define DATETIME     .kind = KIND_DATETIME
#define ENUM(name)   .kind = KIND_ENUM, .values = &ocpi_enum_##name
#define INT          .kind = KIND_INT
#define DIGITS(n)    .kind = KIND_INT, .max = (n)
#define NUMBER       .kind = KIND_NUMBER
#define BOOLEAN      .kind = KIND_BOOL
#define OBJECT(name) .kind = KIND_OBJECT, .object = &ocpi_class_##name

/* what may follow the type */
#define ACCEPT(n)   .accept = (n)
#define FORM(name)  .form = &ocpi_form_##name
#define DECIMALS(n) .decimals = (n)
#define RANGE(a, b) .flags = FIELD_RANGE, .least = (a), .most = (b)
#define FROM_ZERO   RANGE(0, INT64_MAX)
#define STAMP       .flags = FIELD_STAMP
#define KEY         .flags = FIELD_KEY
#define MERGED      .flags = FIELD_MERGED
#define APPENDED    .flags = FIELD_APPENDED
#define SECRET      .flags = FIELD_SECRET
#define CALLABLE    .flags = FIELD_CALLABLE

#define VALUES(...)                     \
	(const char[][OCPI_VALUE_SIZE]) \
	{                               \
		__VA_ARGS__, ""         \
	}
#define EXAMPLES(...)             \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}
#define RULES(...)                 \
	(const struct ocpi_rule[]) \
	{                          \
		__VA_ARGS__,       \
		{                  \
			0          \
		}                  \
	}

extern const struct ocpi_form ocpi_form_country2, ocpi_form_country3, ocpi_form_party,
        ocpi_form_currency, ocpi_form_language, ocpi_form_latitude, ocpi_form_longitude,
        ocpi_form_time, ocpi_form_date, ocpi_form_time_zone, ocpi_form_token;
