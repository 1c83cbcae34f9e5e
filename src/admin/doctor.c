/* doctor: beside the rows of check what goes wrong slowly (disk, descriptors, clock, backlog, what
 * is exposed), and for each row what is to be done about it. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "portal.h"

#include "roamhub/portal.h"

enum {
	DETAIL = 400,
	LEAST_DESCRIPTORS = 4096,
	MANY_ROWS = 1000,
	BACKLOG_LONG_MS = 3600 * 1000,
	MB = 1 << 20,
	LITTLE_MB = 1024, /* of a disk */
	SCARCE_MB = 128
};

/* ---- the machine ---- */

static void
look_at_disk(const struct admin *admin, struct ladder *ladder)
{
	const char *url = hub_settings(admin->hub)->store_url;
	struct statvfs disk;
	unsigned long long free_mb, whole_mb;
	char detail[DETAIL];
	enum rung rung;

	if (strncmp(url, "sqlite:", 7) != 0)
		return;
	if (statvfs(url + 7, &disk) != 0) {
		ladder_add(ladder, "disk", CRITICAL, "the file of the database is gone");
		return;
	}
	free_mb = (unsigned long long)disk.f_bavail * disk.f_frsize / MB;
	whole_mb = (unsigned long long)disk.f_blocks * disk.f_frsize / MB;
	rung = free_mb < SCARCE_MB                              ? CRITICAL
	       : free_mb < LITTLE_MB || free_mb * 20 < whole_mb ? WARNING
	                                                        : GOOD;
	(void)snprintf(detail, sizeof detail, "%llu MB of %llu MB are free where the database is",
	        free_mb, whole_mb);
	ladder_add(ladder, "disk", rung, detail);
}

static void
look_at_size(const struct admin *admin, struct ladder *ladder)
{
	int64_t most = hub_settings(admin->hub)->disk_bytes;
	struct store_stats stats;
	char detail[DETAIL];
	enum rung rung = GOOD;

	store_stats(hub_store(admin->hub), &stats);
	if (most > 0 && stats.counted_bytes >= most / 10 * 8)
		rung = stats.counted_bytes >= most ? CRITICAL : WARNING;
	if (most > 0)
		(void)snprintf(detail, sizeof detail,
		        "the database has %lld MB of the %lld MB of limits.disk",
		        (long long)stats.counted_bytes / MB, (long long)most / MB);
	else
		(void)snprintf(detail, sizeof detail, "the database has %lld MB, the trace %lld MB",
		        (long long)stats.database_bytes / MB, (long long)stats.trace_bytes / MB);
	ladder_add(ladder, "size", rung, detail);
}

static void
look_at_trace(const struct admin *admin, struct ladder *ladder)
{
	struct store_stats stats;
	char detail[DETAIL];
	uint64_t all;

	store_stats(hub_store(admin->hub), &stats);
	all = stats.trace_rows + stats.trace_dropped;
	(void)snprintf(detail, sizeof detail, "%llu of %llu rows were dropped since the start",
	        (unsigned long long)stats.trace_dropped, (unsigned long long)all);
	ladder_add(ladder, "trace",
	        all > MANY_ROWS && stats.trace_dropped * 100 > all ? WARNING : GOOD, detail);
}

static size_t
open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	if (folder == NULL)
		return 0;
	while (readdir(folder) != NULL)
		count++;
	(void)closedir(folder);
	return count;
}

static void
look_at_descriptors(struct ladder *ladder)
{
	struct rlimit limit = { 0 };
	unsigned long long used = open_descriptors();
	char detail[DETAIL];

	if (used == 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return; /* a sandbox that hides it */
	(void)snprintf(detail, sizeof detail, "%llu of at most %llu are open", used,
	        (unsigned long long)limit.rlim_cur);
	ladder_add(ladder, "descriptors",
	        limit.rlim_cur < LEAST_DESCRIPTORS || used * 10 > limit.rlim_cur * 8 ? WARNING
	                                                                             : GOOD,
	        detail);
}

/* ---- what is owed ---- */

static void
look_at_backlog(const struct inquiry *inquiry, struct ladder *ladder)
{
	const struct directory *directory = hub_directory(inquiry->admin->hub);
	char names[DETAIL / 2] = "", detail[DETAIL];
	size_t late = 0;

	for (size_t i = 0; i < inquiry->backlog.count; i++) {
		const struct backlog_row *row = &inquiry->backlog.rows[i];
		const struct platform *platform = directory_platform(directory, row->platform);
		size_t used = strlen(names);

		if (row->oldest_ms == 0 || rh_wall_ms() - row->oldest_ms < BACKLOG_LONG_MS ||
		        platform == NULL)
			continue;
		(void)snprintf(names + used, sizeof names - used, "%s%.*s (%lld)",
		        used > 0 ? ", " : "", STR_ARG(platform->name), (long long)row->platform);
		late++;
	}
	if (late > 0)
		(void)snprintf(detail, sizeof detail,
		        "%zu platforms wait for more than an hour for what they are owed: %s", late,
		        names);
	else
		(void)snprintf(detail, sizeof detail, "nobody waits for more than an hour");
	ladder_add(ladder, "backlog", late > 0 ? WARNING : GOOD, detail);
}

/* ---- what is exposed ---- */

static bool
is_near(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0;
}

static void
look_at_exposure(const struct admin *admin, struct ladder *ladder)
{
	const struct settings *settings = hub_settings(admin->hub);
	const char *address = hub_admin_address(admin->hub), *url = hub_url(admin->hub);
	bool far = !is_near(address), https = strncmp(url, "https:", 6) == 0, open;
	char detail[DETAIL];

	(void)snprintf(detail, sizeof detail, "listens on %s%s", address,
	        far ? ", which others may reach; it speaks no TLS" : "");
	ladder_add(ladder, "admin", far ? WARNING : GOOD, detail);
	open = !https && !(is_near(hub_address(admin->hub)) && settings->public_url == NULL);
	(void)snprintf(detail, sizeof detail, "partners are told %s%s", url,
	        open ? ": their tokens pass in the open" : "");
	ladder_add(ladder, "url", open ? WARNING : GOOD, detail);
	ladder_add(ladder, "egress", https && settings->allow_private ? WARNING : GOOD,
	        settings->allow_private ? "calls to private addresses are allowed"
	                                : "private addresses are not called");
}

/* A link passes in the open where no proxy with TLS stands before the portal. */
static void
look_at_portal(const struct admin *admin, struct ladder *ladder)
{
	const char *url = hub_settings(admin->hub)->portal_url;
	char detail[DETAIL];
	bool open;

	if (admin->portal == NULL)
		return;
	open = url != NULL ? strncmp(url, "https:", 6) != 0
	                   : !is_near(hub_portal_address(admin->hub));
	(void)snprintf(detail, sizeof detail, "links begin with %s%s", admin->portal->origin,
	        open ? ": they pass in the open" : "");
	ladder_add(ladder, "portal", open ? WARNING : GOOD, detail);
}

/* ---- what is to be done ---- */

static const struct {
	const char *check, *advice;
} advices[] = {
	{ "store", "look at the disk and at the log; restart the hub when the disk is well" },
	{ "operations", "read the log, it has the reason" },
	{ "objects",
	        "ask their owners to send them again: docs/operations.md, A damaged database" },
	{ "accepting", "wait for the end, or start it again" },
	{ "platforms", "party show ID says why; party history ID since when" },
	{ "messages", "see top for who sends that much; limits.flights bounds all" },
	{ "parked", "push status, then push redrive ID" },
	{ "copies", "mend the store; ask who sent them to do so again" },
	{ "pulls", "party show ID, then party pull accept ID if that is right" },
	{ "expiry", "set the clock right, then expiry resume" },
	{ "configuration", "roamhubd --check, then reload" },
	{ "listener", "read the log; raise http.max_connections or the limit of descriptors" },
	{ "calls", "resume-hub, if this is the hub now" },
	{ "tokens", "party show ID, then party rotate ID or party invite --replace ID" },
	{ "disk", "make room, or move the database" },
	{ "size", "raise limits.disk, or lower store.retention_days" },
	{ "trace", "raise trace.max_rate, or take the trace for the sample that it is" },
	{ "descriptors", "raise LimitNOFILE of the unit, or ulimit -n" },
	{ "backlog", "push status says what keeps them" },
	{ "admin", "set admin.listen to 127.0.0.1, or put a proxy that speaks TLS before it" },
	{ "url", "set hub.public_url to an https URL, with http.tls_certificate or a proxy" },
	{ "portal", "put a proxy that speaks TLS before it, and set portal.public_url to its https "
	            "URL" },
	{ "egress", "set egress.allow_private = false, and name what is meant in egress.allow" },
};

static void
advise(json_t *row)
{
	for (size_t i = 0; i < COUNT(advices); i++)
		if (str_is(tree_get_str(row, "check"), advices[i].check) &&
		        json_integer_value(json_object_get(row, "level")) > GOOD)
			tree_set_text(row, "advice", advices[i].advice);
}

void
doctor_fill(const struct inquiry *inquiry, struct ladder *ladder)
{
	json_t *row;
	size_t at;

	look_at_disk(inquiry->admin, ladder);
	look_at_size(inquiry->admin, ladder);
	look_at_trace(inquiry->admin, ladder);
	look_at_descriptors(ladder);
	look_at_backlog(inquiry, ladder);
	look_at_exposure(inquiry->admin, ladder);
	look_at_portal(inquiry->admin, ladder);
	json_array_foreach(ladder->list, at, row) advise(row);
}
