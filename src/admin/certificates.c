/* certificates: those that the OCPI listener shows, and those of the authorities that the operator
 * has partners believed by, with the days that are left. What the listener shows is read from what
 * it has, as a file may be newer than that. A file may hold some thousand of them: a page is read,
 * the others are counted. */
#include "inside.h"

#include "roamhub/x509.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 100, MOST_AFTER = 1000000, PEM_MAX = 4 << 20, SOON_DAYS = 14 };
static const int64_t DAY_MS = 24LL * 3600 * 1000;

static int64_t
days_left(const struct x509 *certificate, int64_t now_ms)
{
	int64_t left_ms = certificate->until_ms - now_ms;

	return left_ms >= 0 ? left_ms / DAY_MS : -((DAY_MS - 1 - left_ms) / DAY_MS);
}

static const char *
status_of(const struct x509 *certificate, int64_t now_ms)
{
	if (certificate->until_ms <= now_ms)
		return "expired";
	if (certificate->from_ms > now_ms)
		return "not yet";
	return days_left(certificate, now_ms) < SOON_DAYS ? "soon" : "good";
}

static json_t *
names_tree(struct str names)
{
	json_t *list = tree_list();

	while (names.len > 0)
		tree_add(list, tree_str(str_trim(str_cut(&names, ','))));
	return list;
}

static json_t *
row_begin(const char *use, const char *setting, const char *file)
{
	json_t *row = tree_object();

	tree_set_text(row, "use", use);
	tree_set_text(row, "setting", setting);
	tree_set_text(row, "file", file);
	return row;
}

static json_t *
certificate_tree(json_t *row, const struct x509 *certificate)
{
	int64_t now_ms = rh_wall_ms();

	tree_set_str(row, "subject", certificate->subject);
	tree_set_str(row, "issuer", certificate->issuer);
	tree_set(row, "names", names_tree(certificate->names));
	tree_set_bool(row, "authority", certificate->authority);
	tree_set_time(row, "not_before", certificate->from_ms);
	tree_set_time(row, "not_after", certificate->until_ms);
	tree_set_number(row, "days_left", days_left(certificate, now_ms));
	tree_set_text(row, "status", status_of(certificate, now_ms));
	return row;
}

struct source {
	const char *use, *setting, *file;
};

struct listing {
	struct inquiry *inquiry;
	json_t *rows;
	size_t after, limit; /* those behind so many, so many of them */
	size_t total;        /* of the sources that were listed */
};

static size_t
left_of(const struct listing *listing)
{
	return listing->limit - json_array_size(listing->rows);
}

static void
add_broken(struct listing *listing, const struct source *source, const char *why)
{
	json_t *row;

	if (listing->total++ < listing->after || left_of(listing) == 0)
		return;
	row = row_begin(source->use, source->setting, source->file);
	tree_set_text(row, "status", "unreadable");
	tree_set_text(row, "why", why);
	tree_set_count(row, "number", listing->total);
	tree_add(listing->rows, row);
}

static void
add_one(struct listing *listing, const struct source *source, const struct x509 *certificate,
        size_t number)
{
	json_t *row = row_begin(source->use, source->setting, source->file);

	if (certificate->why == NULL) {
		row = certificate_tree(row, certificate);
	} else {
		tree_set_text(row, "status", "unreadable");
		tree_set_text(row, "why", certificate->why);
	}
	tree_set_count(row, "number", number);
	tree_add(listing->rows, row);
}

static void
add_all(struct listing *listing, const struct source *source, struct str pem)
{
	size_t after = listing->after > listing->total ? listing->after - listing->total : 0;
	const struct x509 *certificates;
	size_t count, total;

	x509_page(pem, after, left_of(listing), listing->inquiry->arena, &certificates, &count,
	        &total);
	if (total == 0)
		add_broken(listing, source, "no certificate stands in it");
	for (size_t i = 0; i < count; i++)
		add_one(listing, source, &certificates[i], listing->total + after + i + 1);
	listing->total += total;
}

/** NULL, and @why: it cannot be read. */
static const char *
read_file(const char *path, struct arena *arena, const char **why)
{
	char *text = NULL;
	struct stat st;
	int fd;

	errno = 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size < PEM_MAX) {
		text = arena_alloc(arena, (size_t)st.st_size + 1);
		if (read(fd, text, (size_t)st.st_size) != (ssize_t)st.st_size)
			text = NULL;
	}
	*why = errno != 0 ? strerror(errno) : "it is no file of certificates";
	if (fd >= 0)
		(void)close(fd);
	return text;
}

static bool
read_page(struct inquiry *inquiry, struct listing *listing)
{
	struct str after = asked_query(inquiry, "after"), limit = asked_query(inquiry, "limit");
	uint64_t number;

	listing->limit = PAGE;
	if (after.p != NULL && !str_to_u64(after, MOST_AFTER, &number))
		return inquiry_bad(inquiry, "after", "expected a number, behind which one");
	listing->after = after.p != NULL ? (size_t)number : 0;
	if (limit.p != NULL && (!str_to_u64(limit, PAGE, &number) || number == 0))
		return inquiry_bad(inquiry, "limit", "expected 1 to %d", PAGE);
	listing->limit = limit.p != NULL ? (size_t)number : PAGE;
	return true;
}

static void
answer(struct listing *listing)
{
	json_t *row;
	size_t at;

	json_array_foreach(listing->rows, at, row)
	{
		tree_set_count(row, "of", listing->total);
	}
	inquiry_json(listing->inquiry, 200, listing->rows);
}

void
certificates_show(struct inquiry *inquiry)
{
	const struct settings *settings = hub_settings(inquiry->admin->hub);
	const struct source listener = { "listener", "http.tls_certificate",
		settings->tls_certificate };
	const struct source authority = { "authority", "egress.ca_file", settings->ca_file };
	const char *chain = hub_certificate(inquiry->admin->hub), *text, *why;
	struct listing listing = { .inquiry = inquiry };

	if (!read_page(inquiry, &listing))
		return;
	listing.rows = tree_list();
	if (chain != NULL)
		add_all(&listing, &listener, str_of(chain));
	if (authority.file != NULL) {
		text = read_file(authority.file, inquiry->arena, &why);
		if (text == NULL)
			add_broken(&listing, &authority, why);
		else
			add_all(&listing, &authority, str_of(text));
	}
	answer(&listing);
}
