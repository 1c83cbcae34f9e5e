/* ladder: the tables of rules, in the order in which they are told. */
#include "rules.h"

const struct survey_rule *const survey_tables[] = { survey_reach, survey_forms, survey_registered,
	survey_pages, survey_objects, survey_writes, NULL };
