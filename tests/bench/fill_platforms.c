/* fill_platforms: puts connected platforms and agreements into the database of a hub that is not
 * running, through the store as the hub does. Usage: fill_platforms DATABASE, with on standard
 * input one line for each:
 *   platform COUNTRY PARTY ROLE TOKEN URL [MODULE/INTERFACE...]
 *   agreement COUNTRY PARTY COUNTRY PARTY
 * TOKEN is what the platform speaks with, and what it is spoken to with. Its endpoints are
 * URL/sender/MODULE and URL/receiver/MODULE, its versions are at URL/versions. The key file is the
 * one beside the database. */
#include "roamhub/ocpi.h"
#include "roamhub/store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { LINE_BYTES = 1024, MOST_ENDPOINTS = 16, IN_FLIGHT = 1024 };

struct filling {
	struct store_session *session;
	struct mailbox *box;
	uint8_t keys[2 * RH_KEY_BYTES]; /* of digests, and of seals */
	size_t in_flight, failed, platforms, agreements;
};
struct row { /* one line, until it is committed */
	struct store_op op;
	struct filling *filling;
	struct arena *arena;
	struct store_platform platform;
	struct store_party party;
	struct store_endpoint endpoints[MOST_ENDPOINTS];
	struct store_token token;
	struct store_agreement agreement;
};

static void
die(const char *why, const char *what)
{
	fprintf(stderr, "fill_platforms: %s%s\n", why, what);
	exit(1);
}

static char *
next_word(char **rest, const char *what)
{
	char *word = strtok_r(NULL, " \n", rest);

	if (word == NULL)
		die("a line lacks ", what);
	return word;
}

static void
read_id(char **rest, char country[3], char party[4])
{
	struct ocpi_id id;
	const char *first = next_word(rest, "a country"), *second = next_word(rest, "a party");

	if (!ocpi_id_make(str_of(first), str_of(second), &id))
		die("expected two and three characters, not ", second);
	memcpy(country, id.country, sizeof(id.country));
	memcpy(party, id.party, sizeof(id.party));
}

static void
add_endpoint(struct row *row, const char *url, char *named)
{
	struct store_endpoint *endpoint = &row->endpoints[row->platform.endpoint_count++];
	enum ocpi_interface interface;
	char *slash = strchr(named, '/');

	if (row->platform.endpoint_count == MOST_ENDPOINTS || slash == NULL)
		die("expected a few endpoints like locations/RECEIVER, not ", named);
	*slash = '\0';
	if (!ocpi_interface_parse(str_of(slash + 1), &interface))
		die("expected SENDER or RECEIVER, not ", slash + 1);
	endpoint->module = arena_str(row->arena, str_of(named));
	endpoint->interface = (int)interface;
	endpoint->url = arena_printf(row->arena, "%s/%s/%s", url,
	        interface == IFACE_SENDER ? "sender" : "receiver", named);
}

static void
read_platform(struct row *row, char **rest)
{
	const struct filling *filling = row->filling;
	struct store_platform *platform = &row->platform;
	int64_t now_ms = rh_wall_ms();
	const char *token, *url;
	enum ocpi_role role;
	char *word;

	read_id(rest, row->party.country, row->party.party);
	word = next_word(rest, "a role");
	if (!ocpi_role_parse(str_of(word), &role))
		die("expected a role, not ", word);
	token = next_word(rest, "a token");
	url = next_word(rest, "a URL");
	while ((word = strtok_r(NULL, " \n", rest)) != NULL)
		add_endpoint(row, url, word);
	row->party.role = (int)role;
	row->party.state = STATE_CONNECTED;
	row->party.last_updated_ms = now_ms;
	row->party.business = arena_str(row->arena, STR("{\"name\":\"Filled\"}"));
	row->token.kind = TOKEN_CURRENT;
	rh_digest(filling->keys, str_of(token), row->token.digest);
	platform->name =
	        arena_printf(row->arena, "Filled %s%s", row->party.country, row->party.party);
	platform->state = STATE_CONNECTED;
	platform->version = STR("2.2.1");
	platform->versions_url = arena_printf(row->arena, "%s/versions", url);
	platform->token_sealed = rh_seal(filling->keys + RH_KEY_BYTES, str_of(token), row->arena);
	platform->created_ms = platform->updated_ms = platform->last_contact_ms = now_ms;
	platform->parties = &row->party;
	platform->endpoints = row->endpoints;
	platform->tokens = &row->token;
	platform->party_count = platform->token_count = 1;
}

static void
row_done(struct store_op *op)
{
	struct row *row = container_of(op, struct row, op);

	row->filling->in_flight--;
	row->filling->failed += op->err != RH_OK;
	arena_free(row->arena);
	free(row);
}

static void
wait_until_fewer(struct filling *filling, size_t than)
{
	while (filling->in_flight >= than) {
		poll(&(struct pollfd){ .fd = mailbox_fd(filling->box), .events = POLLIN }, 1, -1);
		mailbox_deliver(filling->box);
	}
}

static void
fill_line(struct filling *filling, char *line)
{
	struct row *row = rh_alloc(sizeof(*row));
	char *rest, *what = strtok_r(line, " \n", &rest);

	row->filling = filling;
	row->arena = arena_new(1024);
	row->op.done = row_done;
	if (what != NULL && strcmp(what, "platform") == 0) {
		read_platform(row, &rest);
		row->op.verb = STORE_PLATFORM_SAVE;
		row->op.u.save.platform = &row->platform;
		filling->platforms++;
	} else if (what != NULL && strcmp(what, "agreement") == 0) {
		read_id(&rest, row->agreement.cpo_country, row->agreement.cpo_party);
		read_id(&rest, row->agreement.emsp_country, row->agreement.emsp_party);
		row->op.verb = STORE_AGREEMENT_SAVE;
		row->op.u.agreements.agreements = &row->agreement;
		row->op.u.agreements.count = 1;
		filling->agreements++;
	} else {
		die("expected platform or agreement, not ", what == NULL ? "nothing" : what);
	}
	wait_until_fewer(filling, IN_FLIGHT);
	filling->in_flight++;
	store_submit(filling->session, &row->op);
}

static struct store *
open_database(struct filling *filling, const char *path, struct fault *fault)
{
	char text[1100];
	struct store_conf conf = { .max_waiting = 2 * IN_FLIGHT, .url = text };
	struct store *store;

	snprintf(text, sizeof(text), "%s-key", path);
	if (rh_key_file(text, filling->keys, sizeof(filling->keys), fault) != RH_OK)
		return NULL;
	snprintf(text, sizeof(text), "sqlite:%s", path);
	filling->box = mailbox_new();
	store = store_open(&conf, fault);
	if (store != NULL)
		filling->session = store_session_open(store, filling->box, fault);
	return filling->session == NULL ? NULL : store;
}

int
main(int argc, char **argv)
{
	struct filling filling = { 0 };
	struct fault fault = { 0 };
	struct store *store;
	char line[LINE_BYTES];

	if (argc != 2)
		die("usage: fill_platforms DATABASE", "");
	rh_log_setup(LOG_ERROR, LOG_TEXT);
	if (rh_crypt_init(&fault) != RH_OK)
		die(fault.why, "");
	store = open_database(&filling, argv[1], &fault);
	if (store == NULL)
		die(fault.why, "");
	while (fgets(line, sizeof(line), stdin) != NULL)
		fill_line(&filling, line);
	wait_until_fewer(&filling, 1);
	store_session_close(filling.session);
	store_close(store);
	mailbox_free(filling.box);
	if (filling.failed > 0)
		die("rows were refused by the store", "");
	printf("%zu platforms, %zu agreements\n", filling.platforms, filling.agreements);
	return 0;
}
