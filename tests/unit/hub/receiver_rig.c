/* receiver_rig: see receiver_rig.h. */
#include "receiver_rig.h"
#include "../suite.h"

#include <stdio.h>
#include <stdlib.h>

struct receiver_test t;

static void
setup(void)
{
	t.held = 0;
	t.batch = batch_new(&t.held, 65536);
	t.now_ms = 1000000;
	t.change = 0;
	t.count = 0;
	receiver_init(&t.receiver, 0);
}

const struct store_object *
object(const char *module, const char *id, int64_t previous)
{
	struct store_object *object = arena_alloc(t.batch->arena, sizeof *object);

	object->key = (struct store_key){ STR("*"), arena_str(t.batch->arena, str_of(module)),
		STR("DE*CPO"), arena_str(t.batch->arena, str_of(id)), STR("") };
	object->body = STR("{}");
	object->change = ++t.change;
	object->previous = previous;
	object->at_ms = 5000 + t.change;
	return object;
}

bool
owe_object(const struct store_object *object, bool announces, const struct store_parked *row)
{
	struct ocpi_id to;
	struct owing owing = {
		.to = &to, .object = object, .batch = t.batch, .announces = announces, .row = row
	};

	ck_assert(ocpi_id_make(STR("NL"), STR("MSP"), &to));
	return receiver_owe(&t.receiver, &owing);
}

const struct store_object *
owe(const char *id)
{
	const struct store_object *fresh = object("locations", id, 0);

	ck_assert(owe_object(fresh, false, NULL));
	return fresh;
}

void
owe_many(const char *prefix, int count)
{
	char id[32];

	for (int i = 0; i < count; i++) {
		(void)snprintf(id, sizeof id, "%s%d", prefix, i);
		owe(id);
	}
}

const char *
send(void)
{
	struct owed *owed = receiver_next(&t.receiver, t.now_ms);

	if (owed == NULL)
		return "-";
	ck_assert(t.count < MOST);
	t.air[t.count++] = owed;
	return owed->object->key.id.p;
}

/* The oldest in the air is answered; true: it is to be parked. */
bool
answer(enum verdict verdict, int64_t retry_after_ms)
{
	struct owed *owed = t.air[0];

	ck_assert(t.count > 0);
	for (size_t i = 1; i < t.count; i++)
		t.air[i - 1] = t.air[i];
	t.count--;
	return receiver_answered(owed, verdict, retry_after_ms, t.now_ms);
}

void
park_all(void)
{
	list_each_safe (node, next, &t.receiver.places[OWED_PARKING])
		receiver_parked(container_of(node, struct owed, node), true, t.now_ms);
}

static void
teardown(void)
{
	while (t.count > 0)
		(void)answer(DROPPED, 0);
	park_all();
	receiver_free(&t.receiver);
	t.receiver = (struct receiver){ 0 }; /* what was not freed is seen as leaked */
	ck_assert_uint_eq(t.batch->refs, 1); /* nobody holds it but the test */
	batch_release(t.batch);
	ck_assert_uint_eq(t.held, 0);
}

int
receiver_run(const char *name, void (*add)(TCase *tcase))
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	add(tcase);
	suite_add_tcase(suite, tcase);
	return suite_run(suite, CK_FORK_GETENV);
}
