/* fields: every name that an answer of the admin API may have, once, with its type and unit. */
#pragma once

struct field {
	const char *name;
	/** text, time (RFC 3339, UTC), moment (the same, or a day), bool, count, number, real, or a
	 * number of us, ms, s, days or bytes; {SHAPE}, [SHAPE] or [text]; {:TYPE}: an object of any
	 * keys; points; any; WORD|WORD: one of these. A "?" behind it: or null. */
	const char *type;
	/** The shapes that it occurs in, with blanks between them. A "?" behind one: it may be
	 * absent there; else it is always written, or has to be said. */
	const char *in;
	const char *help;
};
/* By name; each ends with a row without one. */
extern const struct field admin_fields[]; /* of answers (fields.c) */
extern const struct field admin_takes[];  /* of queries and bodies (takes.c) */

/** Of the API: the first number is another when a name, a type or a unit is another or gone, the
 * second when there is more. */
#define ADMIN_API_VERSION "1.0"
