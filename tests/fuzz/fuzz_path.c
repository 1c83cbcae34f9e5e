/* fuzz_path: request targets, taken apart and put together again. */
#include "fuzz.h"
#include "roamhub/ocpi.h"

/* Of many slashes in a row one is left, in a copy. */
static bool
in_place(struct str part, struct str target)
{
	return within(part, target) || memmem(target.p, target.len, "//", 2) != NULL;
}

static void
check_segment(struct str target, struct str raw, struct str decoded, struct arena *arena)
{
	struct str encoded = ocpi_percent_encode(decoded, arena), again;

	must(raw.len > 0 && in_place(raw, target), "a segment lies in the target");
	must(decoded.len > 0 && decoded.len <= raw.len,
	        "decoding makes nothing longer, and nothing empty");
	must(memchr(raw.p, '/', raw.len) == NULL, "segments are split before they are decoded");
	must(ocpi_percent_decode(encoded, false, arena, &again) && str_eq(again, decoded),
	        "encoding is undone by decoding");
}

static void
check_path(struct str target, const struct ocpi_path *path, struct arena *arena)
{
	struct ocpi_path again;
	struct fault fault;

	must(path->count <= OCPI_MAX_SEGMENTS, "the segments have room");
	for (size_t i = 0; i < path->count; i++) {
		struct str joined = ocpi_join(STR("/base/"), path->tail[i], path->query, arena);

		check_segment(target, path->raw[i], path->decoded[i], arena);
		must(in_place(path->tail[i], target), "a tail lies in the target");
		must(path->tail[i].p == path->raw[i].p, "a tail begins with its segment");
		must(path->count - i >= OCPI_MAX_SEGMENTS ||
		                ocpi_path_split(joined, arena, &again, &fault) == RH_OK,
		        "what was split can be joined and split");
		must(path->count - i >= OCPI_MAX_SEGMENTS || again.count == path->count - i + 1,
		        "into as many segments");
	}
	must(path->query.p == NULL || within(path->query, target), "the query lies in the target");
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(1024);
	struct str target = input_of(bytes, size), decoded;
	struct ocpi_path path;
	struct fault fault;

	if (ocpi_path_split(target, arena, &path, &fault) == RH_OK)
		check_path(target, &path, arena);
	if (ocpi_percent_decode(target, true, arena, &decoded))
		must(decoded.len <= target.len, "decoding makes nothing longer");
	arena_free(arena);
	return 0;
}
