/* fill_objects: puts shared Locations into the database of a hub that is not running, through the
 * store as the hub does. Usage: fill_objects DATABASE COUNT [COUNTRY*PARTY] */
#include "roamhub/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IN_FLIGHT = 4096, BODY_BYTES = 1024 };

struct slot {
	struct store_op op;
	struct filling *filling;
	char id[24], body[BODY_BYTES];
	int body_len;
};
struct filling {
	struct store_session *session;
	struct mailbox *box;
	struct str owner;
	uint64_t next, count, in_flight, failed;
	int64_t began_ms;
};

static void
die(const char *why)
{
	fprintf(stderr, "fill_objects: %s\n", why);
	exit(1);
}

static enum rh_err
make(void *ctx, struct str old, struct arena *arena, struct str *fresh, int64_t *last_updated_ns,
        struct fault *fault)
{
	struct slot *slot = ctx;

	(void)old, (void)arena, (void)fault;
	*fresh = (struct str){ slot->body, (size_t)slot->body_len };
	*last_updated_ns = slot->filling->began_ms * 1000000;
	return RH_OK;
}

static void
write_location(struct slot *slot, uint64_t number)
{
	const struct filling *filling = slot->filling;

	snprintf(slot->id, sizeof(slot->id), "LOC%09llu", (unsigned long long)number);
	slot->body_len = snprintf(slot->body, sizeof(slot->body),
	        "{\"country_code\":\"%.2s\",\"party_id\":\"%.3s\",\"id\":\"%s\",\"publish\":true,"
	        "\"name\":\"Main street\",\"address\":\"Main street %llu\",\"city\":\"Berlin\","
	        "\"country\":\"DEU\",\"coordinates\":{\"latitude\":\"52.50000\",\"longitude\":"
	        "\"13.40000\"},\"evses\":[{\"uid\":\"E1\",\"status\":\"AVAILABLE\",\"connectors\":["
	        "{\"id\":\"1\",\"standard\":\"IEC_62196_T2\",\"format\":\"SOCKET\",\"power_type\":"
	        "\"AC_3_PHASE\",\"max_voltage\":230,\"max_amperage\":32,\"last_updated\":"
	        "\"2026-01-01T00:00:00Z\"}],\"last_updated\":\"2026-01-01T00:00:00Z\"}],"
	        "\"time_zone\":\"Europe/Berlin\",\"last_updated\":\"2026-01-01T00:00:00Z\"}",
	        filling->owner.p, filling->owner.p + 3, slot->id, (unsigned long long)number);
}

static void put_done(struct store_op *op);

static void
put(struct slot *slot)
{
	struct filling *filling = slot->filling;

	write_location(slot, filling->next++);
	slot->op = (struct store_op){
		.verb = STORE_SHARE,
		.done = put_done,
		.u.share = {
			.key = { STR("*"), STR("locations"), filling->owner, str_of(slot->id), STR("") },
			.make = make,
			.ctx = slot,
			.method = STR("PUT"),
			.suffix = STR("/"),
			.correlation_id = STR("0b7c2f9e-3d1a-4c5b-8e6f-7a8b9c0d1e2f"),
			.sender_platform = 1,
			.at_ms = filling->began_ms,
		},
	};
	filling->in_flight++;
	store_submit(filling->session, &slot->op);
}

static void
put_done(struct store_op *op)
{
	struct slot *slot = container_of(op, struct slot, op);
	struct filling *filling = slot->filling;

	filling->in_flight--;
	filling->failed += op->err != RH_OK;
	if (filling->next < filling->count)
		put(slot);
}

static void
fill(struct filling *filling)
{
	struct slot *slots = rh_alloc(IN_FLIGHT * sizeof(*slots));

	for (size_t i = 0; i < IN_FLIGHT && filling->next < filling->count; i++) {
		slots[i].filling = filling;
		put(&slots[i]);
	}
	while (filling->in_flight > 0) {
		poll(&(struct pollfd){ .fd = mailbox_fd(filling->box), .events = POLLIN }, 1, -1);
		mailbox_deliver(filling->box);
	}
	free(slots);
	if (filling->failed > 0)
		die("shares failed");
}

int
main(int argc, char **argv)
{
	struct store_conf conf = { .max_waiting = IN_FLIGHT };
	struct filling filling = { .owner = STR("DE*CPO"), .began_ms = rh_wall_ms() };
	struct fault fault = { 0 };
	struct store *store;
	char url[1100];

	if (argc < 3)
		die("usage: fill_objects DATABASE COUNT [COUNTRY*PARTY]");
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rh_crypt_init(&fault) != RH_OK)
		die(fault.why);
	snprintf(url, sizeof(url), "sqlite:%s", argv[1]);
	conf.url = url;
	filling.count = strtoull(argv[2], NULL, 10);
	if (argc > 3)
		filling.owner = str_of(argv[3]);
	if (filling.owner.len != strlen("DE*CPO"))
		die("the owner is written like DE*CPO");
	filling.box = mailbox_new();
	store = store_open(&conf, &fault);
	if (store != NULL)
		filling.session = store_session_open(store, filling.box, &fault);
	if (filling.session == NULL)
		die(fault.why);
	fill(&filling);
	store_session_close(filling.session);
	store_close(store);
	mailbox_free(filling.box);
	printf("%llu objects in %.1f s\n", (unsigned long long)filling.count,
	        (double)(rh_wall_ms() - filling.began_ms) / 1e3);
	return 0;
}
