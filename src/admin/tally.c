/* tally: what is counted of a platform since the start, by this process and by those that share the
 * work with it, as one JSON object. That of each is made here, and so is the sum of them. */
#include "tally.h"

#include "roamhub/tally.h"

#include <stdlib.h>
#include <string.h>

/* Numbers that are added. */
static const char *const sums[] = { "requests", "calls", "redirects", "refused", "fault_count",
	"flights" };

/* Of a list of rows: which members tell them apart, which are added, and what of it is shown. */
struct kind {
	const char *list, *same[4], *counts[2];
	const char *first, *last; /* times of a row */
	size_t most;
};
static const struct kind kinds[] = {
	{ "faults", { "field", "class", "rule", "expected" }, { "count", "refused" }, "first",
	        "last", 2 * FAULTY_FIELDS },
	{ "it_refused", { "method", "http", "ocpi", "words" }, { "count" }, "first", "at",
	        COMPLAINTS },
	{ "hub_refused", { "method", "http", "ocpi", "words" }, { "count" }, "first", "at",
	        COMPLAINTS },
};

/* ---- of this process ---- */

static json_t *
samples_tree(const struct faulty_finding *finding)
{
	json_t *list = tree_list();

	for (size_t i = 0; i < finding->sample_count; i++) {
		json_t *object = tree_object();

		tree_set_text(object, "found", finding->samples[i].found);
		tree_set_text(object, "where", finding->samples[i].where);
		tree_add(list, object);
	}
	return list;
}

static json_t *
finding_tree(const struct faulty_finding *finding)
{
	json_t *object = tree_object();

	tree_set_text(object, "field", finding->field);
	tree_set_text(object, "module", finding->module);
	tree_set_text(object, "class", finding->class);
	tree_set_text(object, "pointer", finding->module != NULL ? finding->pointer : NULL);
	tree_set_text(object, "expected", finding->module != NULL ? finding->expected : NULL);
	tree_set_text(object, "spec", finding->spec);
	tree_set_text(object, "rule", finding->rule);
	tree_set_count(object, "count", finding->count);
	tree_set_count(object, "refused", finding->refused);
	tree_set_time(object, "first", finding->first_ms);
	tree_set_time(object, "last", finding->last_ms);
	tree_set(object, "samples", samples_tree(finding));
	return object;
}

static json_t *
findings_tree(const struct live *live)
{
	const struct faulty_finding *findings;
	struct arena *arena = arena_new(4096);
	size_t count = live_faulty_findings(live, arena, &findings);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++)
		tree_add(list, finding_tree(&findings[i]));
	arena_free(arena);
	return list;
}

static json_t *
complaints_tree(const struct live *live, enum complaint_side side)
{
	struct complaint rows[COMPLAINTS];
	size_t count = live_complaints(live, side, rows);
	json_t *list = tree_list();

	for (size_t i = 0; i < count; i++) {
		json_t *object = tree_object();

		tree_set_time(object, "at", rows[i].last_ms);
		tree_set_time(object, "first", rows[i].first_ms);
		tree_set_count(object, "count", rows[i].count);
		tree_set_text(object, "method", rows[i].method);
		tree_set_text(object, "path", rows[i].path);
		tree_set_number(object, "http", rows[i].http);
		tree_set_number(object, "ocpi", rows[i].ocpi);
		tree_set_text(object, "words", rows[i].words);
		tree_add(list, object);
	}
	return list;
}

json_t *
tally_tree(const struct admin *admin, const struct live *live)
{
	json_t *object = tree_object();

	tree_set_time(object, "since", admin->started_ms);
	tree_set_number(object, "requests", (int64_t)atomic_load(&live->requests));
	tree_set_number(object, "calls", (int64_t)atomic_load(&live->calls));
	tree_set_number(object, "redirects", (int64_t)atomic_load(&live->redirects));
	tree_set_number(object, "refused", (int64_t)atomic_load(&live->refused));
	tree_set_number(object, "fault_count", (int64_t)atomic_load(&live->flaws));
	tree_set_number(object, "flights", (int64_t)atomic_load(&live->flights));
	tree_set(object, "faults", findings_tree(live));
	tree_set(object, "it_refused", complaints_tree(live, COMPLAINT_ITS));
	tree_set(object, "hub_refused", complaints_tree(live, COMPLAINT_OURS));
	return object;
}

/* ---- the sum ---- */

static int64_t
number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void
add_number(json_t *sum, const json_t *more, const char *key)
{
	tree_set_number(sum, key, number_of(sum, key) + number_of(more, key));
}

/* Of times, which have one form, the later one is the larger. */
static int
compare_texts(const json_t *a, const json_t *b, const char *key)
{
	struct str x = tree_get_str(a, key), y = tree_get_str(b, key);

	return strcmp(x.p != NULL ? x.p : "", y.p != NULL ? y.p : "");
}

static void
take_over(json_t *sum, const json_t *more, const char *key)
{
	if (json_object_get(more, key) != NULL)
		tree_set(sum, key, json_incref(json_object_get(more, key)));
}

static bool
is_same(const struct kind *kind, const json_t *a, const json_t *b)
{
	for (size_t i = 0; i < COUNT(kind->same); i++)
		if (!json_equal(
		            json_object_get(a, kind->same[i]), json_object_get(b, kind->same[i])))
			return false;
	return true;
}

static void
add_samples(json_t *row, const json_t *more)
{
	json_t *samples = json_object_get(row, "samples"), *sample;
	size_t at, other;

	json_array_foreach(json_object_get(more, "samples"), at, sample)
	{
		bool there = json_array_size(samples) >= FAULTY_SAMPLES;

		for (other = 0; !there && other < json_array_size(samples); other++)
			there = json_equal(sample, json_array_get(samples, other)) != 0;
		if (!there)
			tree_add(samples, json_incref(sample));
	}
}

static void
add_row(const struct kind *kind, json_t *row, const json_t *more)
{
	for (size_t i = 0; i < COUNT(kind->counts) && kind->counts[i] != NULL; i++)
		add_number(row, more, kind->counts[i]);
	if (compare_texts(more, row, kind->first) < 0)
		take_over(row, more, kind->first);
	if (compare_texts(more, row, kind->last) > 0) {
		take_over(row, more, kind->last);
		take_over(row, more, "path");
	}
	add_samples(row, more);
}

static void
add_rows(const struct kind *kind, json_t *list, const json_t *more)
{
	size_t own = json_array_size(list), at, i;
	json_t *row;

	json_array_foreach(more, at, row)
	{
		for (i = 0; i < own && !is_same(kind, json_array_get(list, i), row);)
			i++;
		if (i < own)
			add_row(kind, json_array_get(list, i), row);
		else
			tree_add(list, json_incref(row));
	}
}

static int
most_first(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t more = number_of(y, "count") - number_of(x, "count");

	if (more != 0)
		return more > 0 ? 1 : -1;
	return compare_texts(x, y, "field");
}

static int
newest_first(const void *a, const void *b)
{
	return compare_texts(*(json_t *const *)b, *(json_t *const *)a, "at");
}

static void
sort(json_t *list, int (*compare)(const void *, const void *), size_t most)
{
	size_t count = json_array_size(list);
	json_t **rows = rh_alloc((count + 1) * sizeof *rows);

	for (size_t i = 0; i < count; i++)
		rows[i] = json_incref(json_array_get(list, i));
	(void)json_array_clear(list);
	qsort(rows, count, sizeof *rows, compare);
	for (size_t i = 0; i < count; i++)
		if (i < most)
			tree_add(list, rows[i]);
		else
			json_decref(rows[i]);
	free((void *)rows);
}

/* From a process of another version there may be anything. */
static bool
is_whole(const json_t *tally)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (!json_is_array(json_object_get(tally, kinds[i].list)))
			return false;
	return true;
}

bool
tally_add(json_t *sum, const json_t *more)
{
	if (!is_whole(more))
		return false;
	for (size_t i = 0; i < COUNT(sums); i++)
		add_number(sum, more, sums[i]);
	if (compare_texts(more, sum, "since") < 0)
		take_over(sum, more, "since");
	for (size_t i = 0; i < COUNT(kinds); i++) {
		json_t *list = json_object_get(sum, kinds[i].list);

		add_rows(&kinds[i], list, json_object_get(more, kinds[i].list));
		sort(list, i == 0 ? most_first : newest_first, kinds[i].most);
	}
	return true;
}

/* ---- as it is shown ---- */

static json_t *
fields_tree(const json_t *faults)
{
	json_t *list = tree_list(), *row;
	size_t at;

	json_array_foreach(faults, at, row)
	{
		json_t *object = tree_object();

		take_over(object, row, "field");
		take_over(object, row, "count");
		tree_add(list, object);
	}
	return list;
}

void
tally_show(json_t *object, const json_t *tally)
{
	for (size_t i = 0; i < COUNT(sums); i++)
		take_over(object, tally, sums[i]);
	tree_set(object, "faulty_fields", fields_tree(json_object_get(tally, "faults")));
	take_over(object, tally, "it_refused");
	take_over(object, tally, "hub_refused");
	take_over(object, tally, "silent_hubs");
}

/* ---- asked of all ---- */

struct tallying {
	struct inquiry *inquiry;
	json_t *sum;
	void (*done)(struct inquiry *inquiry, const json_t *tally);
};

static void
came(void *ctx, const struct str *docs, size_t count, unsigned silent)
{
	struct tallying *tallying = ctx;
	CLEANUP(tree_drop) json_t *sum = tallying->sum;
	struct inquiry *inquiry = tallying->inquiry;
	void (*done)(struct inquiry * inquiry, const json_t *tally) = tallying->done;

	for (size_t i = 0; i < count; i++) {
		CLEANUP(tree_drop) json_t *more = tree_read(docs[i], NULL);

		silent += !tally_add(sum, more);
	}
	if (silent > 0)
		tree_set_number(sum, "silent_hubs", silent);
	if (inquiry_resume(inquiry))
		done(inquiry, sum);
}

void
tally_ask(struct inquiry *inquiry, const struct platform *platform,
        void (*done)(struct inquiry *inquiry, const json_t *tally))
{
	struct tallying *tallying = arena_alloc(inquiry->arena, sizeof *tallying);

	*tallying = (struct tallying){ inquiry, tally_tree(inquiry->admin, platform->live), done };
	inquiry_wait(inquiry);
	hub_tallies(inquiry->admin->hub, platform->id, came, tallying);
}

/* ---- when another process is asked ---- */

static void
answer(void *ctx, int64_t id, struct buf *doc)
{
	const struct admin *admin = ctx;
	const struct platform *platform = directory_platform(hub_directory(admin->hub), id);
	CLEANUP(tree_drop)
	json_t *tally = platform != NULL ? tally_tree(admin, platform->live) : tree_object();

	tree_print(tally, doc);
}

void
tally_open(struct admin *admin)
{
	hub_tally_by(admin->hub, answer, admin);
}

void
tally_close(struct admin *admin)
{
	hub_tally_by(admin->hub, NULL, NULL);
}
