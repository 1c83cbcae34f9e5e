/* sandbox_list: which sandboxes there are. */
#include "sandbox_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "parties/directory.h"
#include "parties/live.h"

enum { ROLES = LIVE_SANDBOXES };

struct sandbox *
sandbox_find(const struct hub *hub, int64_t owner, enum ocpi_role role)
{
	list_each (node, &hub->sandboxes->all) {
		struct sandbox *sandbox = container_of(node, struct sandbox, node);

		if (sandbox->owner == owner && sandbox->role == role)
			return sandbox;
	}
	return NULL;
}

static bool
is_row(const struct platform *platform)
{
	return platform->sandbox_of != 0 && platform->party_count == 1;
}

const struct platform *
sandbox_row(const struct hub *hub, int64_t owner, enum ocpi_role role)
{
	const struct platform *platforms, *row = NULL;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	for (size_t i = 0; i < count; i++)
		if (is_row(&platforms[i]) && platforms[i].sandbox_of == owner &&
		        platforms[i].parties[0].role == role)
			row = &platforms[i];
	return row;
}

/* Those of the others are known by their rows. */
static size_t
count_rows(const struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms), rows = 0;

	for (size_t i = 0; i < count; i++)
		rows += is_row(&platforms[i]) && !platforms[i].removed &&
		        !hub_holds(hub, platforms[i].sandbox_of);
	return rows;
}

size_t
sandbox_count(const struct hub *hub)
{
	return hub->sandboxes->count + (hub_is_together(hub) ? count_rows(hub) : 0);
}

/* ---- wishes for another process ---- */

struct wish {
	registry_done_fn done;
	void *ctx;
};

/* The token is for the process that begins it, which makes another one. */
static void
wished(void *ctx, enum rh_err err, const struct fault *fault, int64_t platform, struct str token)
{
	struct wish *wish = ctx;

	(void)token;
	if (wish->done != NULL)
		wish->done(wish->ctx, err, fault, platform, (struct str){ 0 });
	free(wish);
}

static struct wish *
wish_new(registry_done_fn done, void *ctx)
{
	struct wish *wish = rh_alloc(sizeof *wish);

	wish->done = done;
	wish->ctx = ctx;
	return wish;
}

void
sandbox_wish(struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx)
{
	const struct platform *row = sandbox_row(hub, owner, role);
	struct wish *wish = wish_new(done, ctx);

	if (row != NULL && !row->removed)
		wished(wish, RH_OK, &(struct fault){ 0 }, row->id, (struct str){ 0 });
	else
		registry_sandbox(hub, row != NULL ? row->id : 0, owner, role, wished, wish);
}

void
sandbox_unwish(
        struct hub *hub, int64_t owner, enum ocpi_role role, registry_done_fn done, void *ctx)
{
	const struct platform *row = sandbox_row(hub, owner, role),
	                      *platform = directory_platform(hub_directory(hub), owner);
	struct wish *wish = wish_new(done, ctx);
	const struct str off = STR("sandbox=off");
	struct fault fault = { 0 };

	if (row == NULL || row->removed) {
		(void)fault_set(&fault, RH_NOT_FOUND, "sandbox", "platform %lld has none as %s",
		        (long long)owner, ocpi_role_name(role));
		wished(wish, fault.err, &fault, 0, (struct str){ 0 });
		return;
	}
	if (platform != NULL && platform->sandbox_auto)
		registry_set(hub, owner, &off, 1, NULL, NULL);
	registry_remove(hub, row->id, wished, wish);
}

/* ---- what the others are told ---- */

static const char *
state_text(const struct sandbox *sandbox)
{
	const struct platform *row =
	        directory_platform(hub_directory(sandbox->hub), sandbox->platform);

	if (sandbox->stop)
		return "stopping";
	if (sandbox->state == SANDBOX_WAITS)
		return "waiting";
	return sandbox->state == SANDBOX_RUNS && row != NULL && row->state == STATE_CONNECTED
	               ? "running"
	               : "starting";
}

static struct live_sandbox *
fact_of(const struct sandbox *sandbox)
{
	struct live_status *status =
	        &live_of(sandbox->hub, sandbox->owner, STATE_CONNECTED)->status;

	if (status->sandboxes == NULL)
		status->sandboxes = rh_alloc(ROLES * sizeof *status->sandboxes);
	return &status->sandboxes[sandbox->role == ROLE_EMSP];
}

static uint16_t
port_of(const struct sandbox *sandbox)
{
	return sandbox_process_runs(&sandbox->process) ? sandbox->process.port : 0;
}

static void
note(const struct sandbox *sandbox)
{
	struct live_sandbox *fact = fact_of(sandbox);

	fact->platform = sandbox->platform;
	fact->role = (int)sandbox->role;
	fact->port = port_of(sandbox);
	fact->pid = fact->port != 0 ? sandbox->process.pid : 0;
	fact->deaths = sandbox->deaths;
	(void)snprintf(fact->state, sizeof fact->state, "%s", state_text(sandbox));
	(void)snprintf(fact->why, sizeof fact->why, "%s", sandbox->why);
	(void)snprintf(fact->place, sizeof fact->place, "%s", sandbox->hub->sandboxes->place);
}

void
sandbox_is_gone(const struct sandbox *sandbox)
{
	if (hub_is_together(sandbox->hub))
		*fact_of(sandbox) = (struct live_sandbox){ 0 };
}

/* ---- what they tell ---- */

static const struct live_sandbox *
fact_told(const struct hub *hub, int64_t owner, enum ocpi_role role)
{
	const struct platform *platform = directory_platform(hub_directory(hub), owner);

	return platform == NULL || platform->live->status.sandboxes == NULL
	               ? NULL
	               : &platform->live->status.sandboxes[role == ROLE_EMSP];
}

/* Those that run in this place may be called from here, too. */
static void
let_call(struct hub *hub, const struct platform *row)
{
	struct sandboxes *sandboxes = hub->sandboxes;
	const struct live_sandbox *fact = fact_told(hub, row->sandbox_of, row->parties[0].role);

	if (fact == NULL || fact->port == 0 || fact->platform != row->id ||
	        sandboxes->near_count == NET_EXEMPT_MOST ||
	        strcmp(fact->place, sandboxes->place) != 0)
		return;
	if (net_exempt_add(&hub->exempt, fact->port, row->id))
		sandboxes->near[sandboxes->near_count++] = fact->port;
}

static void
let_call_all(struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	while (hub->sandboxes->near_count > 0)
		net_exempt_remove(&hub->exempt, hub->sandboxes->near[--hub->sandboxes->near_count]);
	for (size_t i = 0; i < count; i++)
		if (is_row(&platforms[i]) && !platforms[i].removed &&
		        !hub_holds(hub, platforms[i].sandbox_of))
			let_call(hub, &platforms[i]);
}

/* Of what let_call() looks at. */
static uint64_t
digest_of_others(const struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);
	uint64_t digest = 0;

	for (size_t i = 0; i < count; i++) {
		const struct live_sandbox *fact;

		if (!is_row(&platforms[i]) || platforms[i].removed ||
		        hub_holds(hub, platforms[i].sandbox_of))
			continue;
		fact = fact_told(hub, platforms[i].sandbox_of, platforms[i].parties[0].role);
		if (fact != NULL && fact->port != 0)
			digest = digest * 31 + (uint64_t)fact->platform * 65536 + fact->port;
	}
	return digest;
}

void
sandbox_tell(struct hub *hub)
{
	uint64_t digest;

	list_each (node, &hub->sandboxes->all)
		note(container_of(node, struct sandbox, node));
	if (hub_directory(hub)->sandbox_count == 0)
		return;
	digest = digest_of_others(hub);
	if (digest != hub->sandboxes->others)
		let_call_all(hub);
	hub->sandboxes->others = digest;
}

/* ---- a walk over all ---- */

struct told {
	struct list node;
	struct hub_sandbox facts;
};

static void
drop_told(struct sandboxes *sandboxes)
{
	list_each_safe (node, next, &sandboxes->told)
		free(container_of(node, struct told, node));
	list_init(&sandboxes->told);
}

static void
add_told(const struct hub *hub, const struct platform *row)
{
	const struct live_sandbox *fact = fact_told(hub, row->sandbox_of, row->parties[0].role);
	struct told *told = rh_alloc(sizeof *told);
	bool known = fact != NULL && fact->platform == row->id;

	told->facts = (struct hub_sandbox){ .node = &told->node,
		.owner = row->sandbox_of,
		.platform = row->id,
		.role = row->parties[0].role,
		.party = row->parties[0].id,
		.state = known ? fact->state : "starting",
		.why = known ? fact->why : "",
		.pid = known ? fact->pid : 0,
		.port = known ? fact->port : 0,
		.deaths = known ? fact->deaths : 0 };
	list_add_tail(&hub->sandboxes->told, &told->node);
}

static void
look_for_told(const struct hub *hub)
{
	const struct platform *platforms;
	size_t count = directory_platforms(hub_directory(hub), &platforms);

	drop_told(hub->sandboxes);
	for (size_t i = 0; hub_is_together(hub) && i < count; i++)
		if (is_row(&platforms[i]) && !platforms[i].removed &&
		        !hub_holds(hub, platforms[i].sandbox_of) &&
		        sandbox_find(hub, platforms[i].sandbox_of, platforms[i].parties[0].role) ==
		                NULL)
			add_told(hub, &platforms[i]);
}

/* Behind those of this process come those of the others. */
static const struct list *
next_node(const struct hub *hub, const struct list *node)
{
	const struct sandboxes *sandboxes = hub->sandboxes;
	const struct list *next = node != NULL ? node->next : sandboxes->all.next;

	if (next == &sandboxes->all)
		next = sandboxes->told.next;
	return next == &sandboxes->told ? NULL : next;
}

static bool
is_told(const struct hub *hub, const struct list *wanted)
{
	list_each (node, &hub->sandboxes->told)
		if (node == wanted)
			return true;
	return false;
}

bool
sandbox_each(const struct hub *hub, struct hub_sandbox *at)
{
	const struct list *next;
	const struct sandbox *sandbox;

	if (at->node == NULL)
		look_for_told(hub);
	next = next_node(hub, at->node);
	if (next == NULL)
		return false;
	if (is_told(hub, next)) {
		*at = container_of(next, struct told, node)->facts;
		return true;
	}
	sandbox = container_of(next, struct sandbox, node);
	*at = (struct hub_sandbox){
		.node = next,
		.owner = sandbox->owner,
		.platform = sandbox->platform,
		.role = sandbox->role,
		.party = sandbox->party,
		.state = state_text(sandbox),
		.why = sandbox->why,
		.pid = sandbox->process.pid,
		.port = port_of(sandbox),
		.deaths = sandbox->deaths,
	};
	return true;
}

/* ---- start and end ---- */

/* Processes with the same loopback: of one start of one machine, in one namespace. */
void
sandbox_list_open(struct sandboxes *sandboxes)
{
	char boot[37] = "";
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	struct stat space = { 0 };

	if (file != NULL) {
		if (fgets(boot, sizeof boot, file) == NULL)
			boot[0] = '\0';
		(void)fclose(file);
	}
	(void)stat("/proc/self/ns/net", &space);
	(void)snprintf(sandboxes->place, sizeof sandboxes->place, "%s/%llu", boot,
	        (unsigned long long)space.st_ino);
}

void
sandbox_list_close(struct sandboxes *sandboxes)
{
	drop_told(sandboxes);
}
