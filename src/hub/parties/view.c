/* view: when it is read. A read is a change of the registry, before all that wait: what this
 * process saves itself is not under way meanwhile, so that nothing of its own is taken for
 * another's, and no older row for a newer one. */
#include "view.h"

#include <stdlib.h>

#include "../news.h"
#include "changes.h"
#include "foreign.h"

enum { APART_MS = 20 };

struct view {
	struct hub *hub;
	_Atomic int64_t changed; /* as it was read, once the directory holds it */
	int64_t moved;           /* what is known to be there */
	/* numbers of reads: of the last that began, that ended, and that was good */
	_Atomic uint64_t begun, ended, good;
	_Atomic int64_t
	        behind_ms; /* rh_mono_ms(): since when more is known to be there; 0: it is not */
	_Atomic bool posted;
	struct mail mail;
	struct net_timer timer;
	struct registry_change *change; /* that reads, NULL: none */
	struct list looks;              /* of the control thread: struct hub_look */
	struct store_directory_args found;
	bool again;
	int64_t began_ms;
};

/* ---- those who wait are told ---- */

static void
tell_workers(struct hub *hub)
{
	for (int i = 0; i < hub->worker_count; i++) {
		struct worker *worker = &hub->workers[i];

		if (atomic_load(&worker->looking) > 0 && !atomic_exchange(&worker->looked, true))
			mailbox_post(net_loop_mailbox(worker->loop), &worker->looked_mail);
	}
}

static void
tell_looks(struct view *view)
{
	list_each_safe (node, next, &view->looks) {
		struct hub_look *look = container_of(node, struct hub_look, node);

		if (look->read > atomic_load(&view->ended))
			break;
		list_remove(&look->node);
		look->done(look);
	}
}

/* ---- a read ---- */

static void begin_soon(struct view *view);

static void
read_ended(struct registry_change *change, bool good)
{
	struct view *view = change->hub->together.view;
	struct hub *hub = change->hub;

	if (good)
		atomic_store(&view->good, atomic_load(&view->begun));
	atomic_store(&view->ended, atomic_load(&view->begun));
	if (view->changed >= view->moved)
		atomic_store(&view->behind_ms, 0);
	view->change = NULL;
	tell_workers(hub);
	change_free(change, RH_OK);
	registry_go_on(hub);
	tell_looks(view);
	if (view->again || (good && view->changed < view->moved))
		begin_soon(view);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void
take(struct registry_change *change, bool keys_changed)
{
	struct view *view = change->hub->together.view;
	struct registry *registry = change->hub->registry;

	if (view_take(change->hub, &view->found) || keys_changed)
		registry_publish(change->hub);
	if (view->found.head > hub_head(change->hub)) /* who joins now is owed nothing of before */
		news_head(change->hub, view->found.head);
	view->changed = later(view->changed, view->found.changed);
	registry->version = later(registry->version, view->found.version);
	read_ended(change, true);
}

/* An import brings the keys under which its tokens are digested. */
static void
keys_read(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	struct registry *registry = change->hub->registry;
	size_t before = registry->foreign.count;

	if (op->err != RH_OK && op->err != RH_NOT_FOUND) {
		read_ended(change, false);
		return;
	}
	if (op->err == RH_OK)
		foreign_open(change->hub, op->u.meta.value);
	take(change, registry->foreign.count != before);
}

static void
directory_read(struct store_op *op)
{
	struct registry_change *change = container_of(op, struct registry_change, op);
	struct view *view = change->hub->together.view;

	if (op->err != RH_OK) {
		read_ended(change, false);
		return;
	}
	view->found = op->u.directory;
	if (view->found.version == change->hub->registry->version) {
		take(change, false);
		return;
	}
	*op = (struct store_op){
		.verb = STORE_META_GET, .done = keys_read, .arena = change->arena
	};
	op->u.meta.key = STR(FOREIGN_KEY);
	store_submit(change->hub->session, op);
}

static void
read_begins(struct registry_change *change)
{
	struct view *view = change->hub->together.view;

	view->again = false;
	view->began_ms = net_loop_now(change->hub->loop);
	atomic_fetch_add(&view->begun, 1);
	change->op.verb = STORE_DIRECTORY;
	change->op.done = directory_read;
	change->op.arena = change->arena;
	change->op.u.directory.since = view->changed;
	store_submit(change->hub->session, &change->op);
}

/* ---- when ---- */

static void
queue_read(struct view *view)
{
	struct registry_change *change = change_new(view->hub, 0, NULL, NULL);

	net_timer_stop(view->hub->loop, &view->timer);
	change->begin = read_begins;
	view->change = change;
	list_add_head(&view->hub->registry->changes, &change->node);
}

static void
begin_soon(struct view *view)
{
	int64_t now_ms = net_loop_now(view->hub->loop);

	if (view->change != NULL) {
		view->again = true;
	} else if (view->began_ms != 0 && now_ms - view->began_ms < APART_MS) {
		net_timer_set(view->hub->loop, &view->timer, view->began_ms + APART_MS);
	} else {
		queue_read(view);
		registry_go_on(view->hub);
	}
}

static void
timer_fires(struct net_timer *timer)
{
	begin_soon(container_of(timer, struct view, timer));
}

static void
asked(struct mail *mail)
{
	struct view *view = container_of(mail, struct view, mail);

	atomic_store(&view->posted, false);
	begin_soon(view);
}

uint64_t
view_ask(struct hub *hub)
{
	struct view *view = hub->together.view;
	uint64_t next = atomic_load(&view->begun) + 1;

	if (!atomic_exchange(&view->posted, true))
		mailbox_post(net_loop_mailbox(hub->loop), &view->mail);
	return next;
}

bool
view_has(const struct hub *hub, int64_t changed)
{
	return atomic_load(&hub->together.view->changed) >= changed;
}

bool
hub_look(struct hub *hub, struct hub_look *look)
{
	if (!hub_is_together(hub))
		return false;
	list_add_tail(&hub->together.view->looks, &look->node);
	look->read = view_ask(hub);
	return true;
}

enum view_read
view_of(const struct hub *hub, uint64_t read)
{
	const struct view *view = hub->together.view;

	if (atomic_load(&view->good) >= read)
		return VIEW_READ;
	return atomic_load(&view->ended) >= read ? VIEW_FAILED : VIEW_WAITS;
}

int64_t
view_behind_ms(const struct hub *hub)
{
	int64_t since_ms =
	        atomic_load_explicit(&hub->together.view->behind_ms, memory_order_relaxed);

	return since_ms == 0 ? 0 : rh_mono_ms() - since_ms;
}

void
view_look(struct hub *hub, int64_t changed)
{
	struct view *view = hub->together.view;

	view->moved = later(view->moved, changed);
	if (view->moved <= view->changed)
		return;
	if (atomic_load(&view->behind_ms) == 0)
		atomic_store(&view->behind_ms, rh_mono_ms());
	/* What is read now is looked at when that ends, or here, when it fails. */
	if (view->change == NULL)
		begin_soon(view);
}

/* ---- of the registry ---- */

static void
look_first(struct hub *hub)
{
	struct view *view = hub->together.view;

	if (view->change == NULL) {
		queue_read(view);
		return;
	}
	list_remove(&view->change->node); /* it waits: nothing is under way beside who asks */
	list_add_head(&hub->registry->changes, &view->change->node);
}

/* ---- start and end ---- */

void
view_open(struct hub *hub)
{
	struct view *view = rh_alloc(sizeof *view);

	view->hub = hub;
	view->mail.deliver = asked;
	view->timer.fire = timer_fires;
	list_init(&view->looks);
	hub->together.view = view;
	hub->registry->look_first = look_first;
}

void
view_loaded(struct hub *hub, const struct store_directory_args *found)
{
	hub->together.view->changed = found->changed;
	hub->registry->version = found->version;
}

void
view_end(struct hub *hub, void (*deliver)(struct mail *mail))
{
	if (hub->together.view != NULL)
		hub->together.view->mail.deliver = deliver;
}

void
view_close(struct hub *hub)
{
	free(hub->together.view);
	hub->together.view = NULL;
}
