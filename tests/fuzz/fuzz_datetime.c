/* fuzz_datetime: what is read as a DateTime prints as one and is read again as the same moment. */
#include "fuzz.h"
#include "roamhub/ocpi.h"

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const int64_t ns_a_ms = 1000000;
	char text[OCPI_DATETIME_LEN + 1];
	int64_t ns, ms, again;

	if (!ocpi_datetime_parse(input_of(bytes, size), &ns))
		return 0;
	must(size <= 64, "no DateTime is that long");
	ms = ns / ns_a_ms - (ns % ns_a_ms < 0);
	ocpi_datetime_print(ms, text);
	must(strlen(text) == OCPI_DATETIME_LEN, "a printed DateTime has one length");
	must(ocpi_datetime_parse(str_of(text), &again), "what we print we read");
	must(ns == INT64_MIN || again == ms * ns_a_ms, "it is the same moment");
	return 0;
}
