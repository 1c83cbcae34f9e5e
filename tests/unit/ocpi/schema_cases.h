/* schema_cases: one body, one verdict. For the tests of the interpreter. */
#pragma once

#include <roamhub/schema.h>

struct schema_case {
	const char *class;
	unsigned flags;
	const char *body;
	/** Every fault as "pointer kind", then every warning as "pointer warning", joined by "; ".
	 * Empty: sound. */
	const char *wanted;
};
void schema_cases_run(const struct schema_case *cases, size_t count);
