/* fuzz_headers: Authorization in the first line, country code and party id in the next two. */
#include "fuzz.h"
#include "roamhub/ocpi.h"

static void
check_authorization(struct str header, struct arena *arena)
{
	struct ocpi_authorization first, again;
	struct fault fault;

	if (ocpi_authorization_read(header, arena, &first, &fault) != RH_OK)
		return;
	must(first.raw.len > 0 && within(first.raw, header), "a token lies in its header");
	for (int plain = 0; plain < 2; plain++) {
		struct str written = ocpi_authorization_write(first.raw, plain, arena);

		if (first.raw.len > 128)
			continue; /* Base64 of it is longer than a reader accepts */
		must(ocpi_authorization_read(written, arena, &again, &fault) == RH_OK,
		        "what we write we read");
		must(str_eq(plain ? again.raw : again.decoded, first.raw), "it is the same token");
	}
}

static void
check_pair(struct str country, struct str party)
{
	struct ocpi_id id, again;
	char text[OCPI_ID_TEXT], key[OCPI_ID_TEXT];
	struct fault fault;
	bool present;

	if (ocpi_routing_pair(country, party, "to", &present, &id, &fault) != RH_OK || !present)
		return;
	must(strlen(ocpi_id_text(&id, text)) == OCPI_ID_TEXT - 1, "a party has a text");
	must(ocpi_id_parse(str_of(text), &again), "its text is read again");
	must(ocpi_id_same(&id, &again), "as the same party");
	must(str_ieq(str_of(text), str_of(ocpi_id_key(&id, key))),
	        "and its key is the text in other letters");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024);
	struct str rest = input_of(bytes, size), authorization = str_cut(&rest, '\n'),
	           country = str_cut(&rest, '\n');

	check_authorization(authorization, arena);
	check_pair(country, rest);
	arena_free(arena);
	return 0;
}
