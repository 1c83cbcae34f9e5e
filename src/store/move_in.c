/* move_in: a file of move_out.c into an empty store, in one transaction.
 *
 * Before it is committed everything is read back from the store and compared, table by table, with
 * what the file says of it: so it is not the copy that is verified, but what the hub will find. */
#include "move_file.h"
#include "writer.h"

#include <inttypes.h>

struct in {
	struct store *store;
	struct move_file *file;
	struct move_sum sums[MOVE_TABLES]; /* of the rows that came */
	struct buf line;
	struct store_moved *moved;
};

/* ---- is it empty? ---- */

static enum rh_err
refuse_row(void *ctx, const struct move_table *table, const struct move_value *values, bool damaged,
        struct fault *fault)
{
	(void)ctx, (void)values, (void)damaged;
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "the database is not empty (table %s): an import needs one that no hub has used",
	        table->name);
}

static enum rh_err
check_empty(struct in *in, struct fault *fault)
{
	const struct store *store = in->store;
	enum rh_err err = RH_OK;

	for (size_t i = 0; err == RH_OK && i < MOVE_TABLES; i++)
		if (!move_tables[i].made)
			err = store->ops->move->read(
			        store->backend, &move_tables[i], refuse_row, NULL, fault);
	return err;
}

/* ---- the file ---- */

/* The line in hand has to be what in->line says. */
static enum rh_err
expect(struct in *in, struct fault *fault, const char *why)
{
	if (!str_eq(move_file_line(in->file), buf_str(&in->line)))
		return move_file_fault(in->file, fault, why);
	return RH_OK;
}

static enum rh_err
take_row(struct in *in, const struct move_table *table, struct fault *fault)
{
	struct move_value values[MOVE_COLUMNS_MOST];
	const struct store *store = in->store;

	move_sum_add(&in->sums[table - move_tables], move_file_line(in->file));
	if (!move_file_row(in->file, table, values))
		return move_file_fault(in->file, fault, "this is no row of its table");
	if (table->made && str_is(values[0].s, "change"))
		in->moved->change = values[1].n;
	return store->ops->move->put(store->backend, table, values, fault);
}

static enum rh_err
take_rows(struct in *in, const struct move_table *table, struct fault *fault)
{
	enum rh_err err = move_file_next(in->file, fault);

	while (err == RH_OK && move_file_is_row(in->file)) {
		err = take_row(in, table, fault);
		if (err == RH_OK)
			err = move_file_next(in->file, fault);
	}
	return err;
}

static enum rh_err
take_table(struct in *in, const struct move_table *table, struct fault *fault)
{
	const struct move_sum *sum = &in->sums[table - move_tables];

	in->line.len = 0;
	move_print_table(table, &in->line);
	if (move_file_next(in->file, fault) != RH_OK ||
	        expect(in, fault, "found another table or other columns than this roamhubd has") !=
	                RH_OK)
		return fault->err;
	move_file_said(in->file);
	if (in->store->ops->move->begin(in->store->backend, table, fault) != RH_OK ||
	        take_rows(in, table, fault) != RH_OK)
		return fault->err;
	in->moved->rows += table->made ? 0 : sum->rows;
	in->line.len = 0;
	move_print_rows(sum, &in->line);
	if (expect(in, fault, "the rows before it are not those that were written") != RH_OK)
		return fault->err;
	move_file_said(in->file);
	return RH_OK;
}

static enum rh_err
take_end(struct in *in, struct fault *fault)
{
	move_sum_text(move_file_sum(in->file), in->moved->digest);
	in->line.len = 0;
	buf_printf(&in->line, "end\t%" PRIu64 "\t%s", in->moved->rows, in->moved->digest);
	if (move_file_next(in->file, fault) != RH_OK)
		return fault->err;
	return expect(in, fault, "the file is not as it was written");
}

/* ---- what is there now ---- */

struct check {
	struct move_sum sum;
	struct buf line;
};

static enum rh_err
check_row(void *ctx, const struct move_table *table, const struct move_value *values, bool damaged,
        struct fault *fault)
{
	struct check *check = ctx;

	(void)fault;
	if (damaged) /* then the sums differ */
		return RH_OK;
	check->line.len = 0;
	move_print(table, values, &check->line);
	move_sum_add(&check->sum, buf_str(&check->line));
	return RH_OK;
}

static enum rh_err
check_table(struct in *in, const struct move_table *table, struct fault *fault)
{
	char came[RH_SHA256_TEXT], is[RH_SHA256_TEXT];
	const struct move_sum *sum = &in->sums[table - move_tables];
	const struct store *store = in->store;
	struct check check = { 0 };
	enum rh_err err = store->ops->move->read(store->backend, table, check_row, &check, fault);

	buf_free(&check.line);
	move_sum_text(sum, came);
	move_sum_text(&check.sum, is);
	if (err != RH_OK || (check.sum.rows == sum->rows && str_is(str_of(is), came)))
		return err;
	return fault_set(fault, RH_STORE_FAILED, "store.url",
	        "table %s has %" PRIu64 " rows of digest %.16s, the file %" PRIu64
	        " of digest %.16s",
	        table->name, check.sum.rows, is, sum->rows, came);
}

static enum rh_err
take_all(struct in *in, struct str key_mark, struct fault *fault)
{
	const struct backend_move *move = in->store->ops->move;
	struct backend *backend = in->store->backend;
	enum rh_err err = move->in(backend, key_mark, fault);

	if (err == RH_OK)
		err = check_empty(in, fault);
	for (size_t i = 0; err == RH_OK && i < MOVE_TABLES; i++)
		err = take_table(in, &move_tables[i], fault);
	if (err == RH_OK)
		err = take_end(in, fault);
	if (err == RH_OK)
		err = move->complete(backend, fault);
	for (size_t i = 0; err == RH_OK && i < MOVE_TABLES; i++)
		err = check_table(in, &move_tables[i], fault);
	return err == RH_OK ? move->commit(backend, fault) : err;
}

static enum rh_err
may_come(const struct store *store, struct fault *fault)
{
	struct store_found found;

	if (store->ops->move == NULL)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "what is in memory is gone when the import ends");
	store->ops->found(store->backend, &found);
	if (!found.empty && found.pending > 0)
		return fault_set(fault, RH_STORE_FAILED, "store.url",
		        "the database is one of an older version: an import needs one that no hub "
		        "has used");
	return RH_OK;
}

enum rh_err
store_move_in(struct store *store, struct move_file *file, struct str key_mark,
        struct store_moved *moved, struct fault *fault)
{
	struct in in = { .store = store, .file = file, .moved = moved };
	enum rh_err err = may_come(store, fault);

	*moved = (struct store_moved){ 0 };
	if (err == RH_OK)
		err = take_all(&in, key_mark, fault);
	buf_free(&in.line);
	return err;
}
