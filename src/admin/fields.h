/* fields: every name that an answer of the admin API may have, once, with its type and unit. */
#pragma once

struct field {
	const char *name;
	/** text, time (RFC 3339, UTC), bool, count, number, real, or a number of us, ms, s, days or
	 * bytes; {SHAPE}, [SHAPE] or [text]; {:TYPE}: an object of any keys; points; any. A "?"
	 * behind it: or null. */
	const char *type;
	const char *in; /* the shapes that it occurs in, with blanks between them */
	const char *help;
};
extern const struct field admin_fields[]; /* by name; ends with a row without one */

/** Of the API: the first number is another when a name, a type or a unit is another or gone, the
 * second when there is more. */
#define ADMIN_API_VERSION "1.0"
