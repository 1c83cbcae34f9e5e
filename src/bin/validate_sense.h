/* validate_sense: what the tables allow and nobody can mean. A rule is a row of a table and a check
 * of one class; the row's class is looked for wherever it stands in an object. */
#pragma once

#include "roamhub/schema.h"

struct sense;
struct sense_rule {
	const char *name;  /* as findings show it, "energy-sum" */
	const char *class; /* of the object that is checked */
	void (*check)(struct sense *sense, uint32_t object);
	const char *field, *other; /* what the check reads, if it serves several classes */
	const char *spec;
};
struct sense_flaw {
	uint32_t node;
	const struct sense_rule *rule;
	const char *found, *expected;
};
enum { SENSE_MAX_FLAWS = 64 };
struct sense_flaws {
	size_t count; /* all that were found; the list holds the first ones */
	struct sense_flaw list[SENSE_MAX_FLAWS];
};
/** What the checks share: what the run knows, and what is being checked. */
struct sense {
	struct arena *arena;
	struct table *tariffs; /* of this run: "DE*ABC*T1" and "T1", in upper case */
	const struct json_doc *doc;
	uint32_t root; /* the whole object */
	const struct sense_rule *rule;
	struct sense_flaws *flaws;
};

struct sense *sense_new(struct arena *arena);
void sense_drop(struct sense **sense);
/** Note what other objects may refer to: call it for all of them before the first check. */
void sense_learn(struct sense *sense, const struct json_doc *doc, uint32_t object,
        const struct ocpi_class *class);
void sense_check(struct sense *sense, const struct json_doc *doc, uint32_t object,
        const struct ocpi_class *class, struct sense_flaws *flaws);

/* ---- for the checks: what is absent or of another type is the tables' business ---- */

bool sense_number(const struct sense *sense, uint32_t object, const char *name, double *out);
/** Nanoseconds since 1970; false for the first second of 1970, too, which stands for unknown
 * (CDR-020).
 */
bool sense_time(const struct sense *sense, uint32_t object, const char *name, int64_t *ns);
/** Member @name as text; "" when it is absent or no text. */
const char *sense_text(const struct sense *sense, uint32_t object, const char *name);
/** The elements of list @name: *at from 0, false after the last. */
bool sense_each(const struct sense *sense, uint32_t object, const char *name, uint32_t *at);
/** Note that @node makes no sense; @found NULL: the value as it stands. */
void sense_say(struct sense *sense, uint32_t node, const char *found, const char *fmt, ...)
        PRINTF_LIKE(4, 5);

/* ---- sense_place.c ---- */
void sense_country(struct sense *sense, uint32_t object);
void sense_zone(struct sense *sense, uint32_t object);

/* ---- sense_hours.c ---- */
void sense_regular_hours(struct sense *sense, uint32_t object);
void sense_exceptions(struct sense *sense, uint32_t object);
void sense_span(struct sense *sense, uint32_t object);
void sense_periods(struct sense *sense, uint32_t object);

/* ---- sense_bill.c ---- */
void sense_tariff_ids(struct sense *sense, uint32_t object);
void sense_period_tariffs(struct sense *sense, uint32_t object);
void sense_cost(struct sense *sense, uint32_t object);
void sense_energy(struct sense *sense, uint32_t object);
void sense_duration(struct sense *sense, uint32_t object);
void sense_parking(struct sense *sense, uint32_t object);
void sense_vat(struct sense *sense, uint32_t object);
void sense_mix(struct sense *sense, uint32_t object);
