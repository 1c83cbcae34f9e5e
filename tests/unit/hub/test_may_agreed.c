/* test_may_agreed: agreements by pair: fault M9. Their number and order decide nothing. */
#include "../../../src/hub/parties/agreed.h"
#include "../ocpi/helper.h"

static void
set_ids(struct store_agreement *row, const char *cpo, const char *emsp)
{
	(void)snprintf(row->cpo_country, sizeof row->cpo_country, "%.2s", cpo);
	(void)snprintf(row->cpo_party, sizeof row->cpo_party, "%.3s", cpo + 3);
	(void)snprintf(row->emsp_country, sizeof row->emsp_country, "%.2s", emsp);
	(void)snprintf(row->emsp_party, sizeof row->emsp_party, "%.3s", emsp + 3);
}

static struct ocpi_id
id_of(const char *text)
{
	struct ocpi_id id;

	ck_assert(ocpi_id_parse(str_of(text), &id));
	return id;
}

static size_t
count_of(const struct agreed *agreed, const char *a, const char *b,
        const struct store_agreement *const **rows)
{
	struct ocpi_id first = id_of(a), second = id_of(b);

	return agreed_of(agreed, &first, &second, rows);
}

START_TEST(test_a_pair_is_found_in_both_orders_and_any_casing)
{
	struct agreement_record records[4] = { { .row.id = 1 }, { .row.id = 2 }, { .row.id = 3 },
		{ .row.id = 4 } };
	const struct store_agreement *const *rows;
	struct agreed *agreed;
	struct list list;

	list_init(&list);
	set_ids(&records[0].row, "DE*CPO", "NL*MSP");
	set_ids(&records[1].row, "DE*CPO", "NL*TWO");
	set_ids(&records[2].row, "nl*msp", "de*cpo");
	set_ids(&records[3].row, "DE*CPO", "NL*MSP");
	for (size_t i = 0; i < COUNT(records); i++)
		list_add_tail(&list, &records[i].node);
	agreed = agreed_new(&list);
	ck_assert_uint_eq(agreed->count, 4);
	ck_assert_uint_eq(count_of(agreed, "NL*MSP", "DE*CPO", &rows), 3);
	ck_assert_int_eq(rows[0]->id, 1);
	ck_assert_int_eq(rows[1]->id, 3);
	ck_assert_int_eq(rows[2]->id, 4);
	ck_assert_uint_eq(count_of(agreed, "de*cpo", "nl*two", &rows), 1);
	ck_assert_uint_eq(count_of(agreed, "NL*MSP", "NL*TWO", &rows), 0);
	ck_assert_ptr_null(rows);
	agreed_release(agreed);
}
END_TEST

/* What is asked for is found among ten thousand as among one: by its pair, with no other row looked
 * at. */
START_TEST(test_M9_only_the_rows_of_the_pair_are_looked_at)
{
	enum { MANY = 10000 };
	struct agreement_record *records = rh_alloc(MANY * sizeof *records);
	const struct store_agreement *const *rows;
	struct agreed *agreed, *same;
	struct list list;

	list_init(&list);
	for (int i = 0; i < MANY; i++) {
		char cpo[8], emsp[8];

		(void)snprintf(cpo, sizeof cpo, "C%d*%03d", i / 1000, i % 1000);
		(void)snprintf(emsp, sizeof emsp, "E%d*%03d", i / 1000, i % 1000);
		records[i].row.id = i;
		set_ids(&records[i].row, cpo, emsp);
		list_add_tail(&list, &records[i].node);
	}
	agreed = agreed_new(&list);
	for (int i = 0; i < MANY; i++) {
		char cpo[8], emsp[8];

		(void)snprintf(cpo, sizeof cpo, "C%d*%03d", i / 1000, i % 1000);
		(void)snprintf(emsp, sizeof emsp, "E%d*%03d", i / 1000, i % 1000);
		ck_assert_uint_eq(count_of(agreed, emsp, cpo, &rows), 1);
		ck_assert_int_eq(rows[0]->id, i);
	}
	same = agreed_hold(agreed);
	agreed_release(agreed);
	ck_assert_uint_eq(count_of(same, "C0*001", "E0*001", &rows), 1);
	agreed_release(same);
	free(records);
}
END_TEST

RUN("agreed", test_a_pair_is_found_in_both_orders_and_any_casing,
        test_M9_only_the_rows_of_the_pair_are_looked_at)
