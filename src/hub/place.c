/* place: a hub takes its place: addresses, then the database, which another one may have. Who
 * stands by has found out all that would keep it from starting before it waits. */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keys.h"
#include "listeners.h"

struct store_conf
place_conf(const struct hub *hub, const struct settings *settings)
{
	return (struct store_conf){
		.about = hub->about,
		.url = settings->store_url,
		.max_waiting = 100000,
		.max_bytes = settings->disk_bytes,
		.trace_max_age_ms = settings->trace_max_age_days * 24 * 3600 * 1000,
		.trace_max_bytes = settings->trace_max_bytes,
		.trace_max_rate = (uint32_t)settings->trace_max_rate,
	};
}

/* For those who share the database. */
static char *
about_make(const struct hub *hub, const struct hub_choices *choices)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	char host[256] = "", name[300];

	(void)gethostname(host, sizeof host - 1);
	(void)snprintf(name, sizeof name, "%s:%ld", host, (long)getpid());
	json_put_object(&text, NULL);
	json_put_text(&text, "name", str_of(name));
	json_put_text(&text, "address", str_of(hub->address));
	json_put_text(&text, "admin", str_of(hub->admin_address));
	json_put_text(
	        &text, "version", choices->version != NULL ? str_of(choices->version) : STR(""));
	json_put_time(&text, "started", rh_wall_ms());
	json_end_object(&text);
	buf_addc(&text, '\0');
	return rh_strdup(buf_str(&text).p);
}

/* What keeps a hub from starting is found out before its database is touched: it may have to be
 * opened by the version before. */
static enum rh_err
look_at_store(struct hub *hub, const struct hub_choices *choices, const struct store_conf *conf,
        struct store_found *found, char mark[KEYS_MARK_BYTES], struct fault *fault)
{
	hub->store = store_look(conf, found, fault);
	if (hub->store == NULL)
		return fault->err;
	if (keys_open(hub, found, choices->new_key, mark, fault) != RH_OK || !found->led)
		return fault->err;
	if (store_stand_by(hub->store, &choices->waiting, found, fault) != RH_OK)
		return fault->err;
	return keys_open(hub, found, choices->new_key, mark, fault);
}

/* Each of them hands out the same URLs: partners come to any. */
static enum rh_err
check_together(const struct settings *settings, struct fault *fault)
{
	static const char key[] = "store.together";

	if (!settings->together)
		return RH_OK;
	if (settings->standby)
		return fault_set(fault, RH_BAD_CONFIG, key,
		        "expected no store.standby beside it: hubs that share the work need none "
		        "that waits");
	if (strncmp(settings->store_url, "postgresql://", sizeof "postgresql://" - 1) != 0)
		return fault_set(fault, RH_BAD_CONFIG, key,
		        "expected a store.url postgresql://...: nothing else can be shared");
	if (settings->public_url == NULL)
		return fault_set(fault, RH_BAD_CONFIG, key,
		        "expected hub.public_url, the same for all of them: what partners call");
	return RH_OK;
}

static enum rh_err
open_store(struct hub *hub, const struct hub_choices *choices, struct fault *fault)
{
	struct store_conf conf = place_conf(hub, hub_settings(hub));
	struct store_found found;
	char mark[KEYS_MARK_BYTES];

	conf.stands_by = hub_settings(hub)->standby;
	conf.together = hub_settings(hub)->together;
	if (look_at_store(hub, choices, &conf, &found, mark, fault) != RH_OK)
		return fault->err;
	return store_begin(hub->store, str_of(mark), fault);
}

/* A port that is taken is said at once; who stands by refuses connections until it leads. */
enum rh_err
place_take(struct hub *hub, const struct hub_choices *choices, struct fault *fault)
{
	bool waits = hub_settings(hub)->standby;

	if (check_together(hub_settings(hub), fault) != RH_OK ||
	        listeners_bind(hub, fault) != RH_OK ||
	        (!waits && listeners_listen(hub, fault) != RH_OK))
		return fault->err;
	hub->about = about_make(hub, choices);
	if (open_store(hub, choices, fault) != RH_OK)
		return fault->err;
	return waits ? listeners_listen(hub, fault) : RH_OK;
}

enum rh_err
hub_migrate(struct settings *settings, const struct hub_choices *choices, size_t *pending,
        struct fault *fault)
{
	struct hub hub = { 0 };
	struct store_conf conf = place_conf(&hub, settings);
	struct store_found found = { 0 };
	char mark[KEYS_MARK_BYTES];
	enum rh_err err;

	atomic_init(&hub.settings, settings);
	err = look_at_store(&hub, choices, &conf, &found, mark, fault);
	*pending = found.pending;
	if (err == RH_OK)
		err = store_begin(hub.store, str_of(mark), fault);
	if (hub.store != NULL)
		store_close(hub.store);
	return err;
}
