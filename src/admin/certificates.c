/* certificates: those that the OCPI listener shows, and those of the authorities that the operator
 * has partners believed by, with the days that are left. What the listener shows is read from what
 * it has, as a file may be newer than that. */
#include "inside.h"

#include "roamhub/x509.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_OF_A_FILE = 100, PEM_MAX = 4 << 20, SOON_DAYS = 14 };
static const int64_t DAY_MS = 24LL * 3600 * 1000;

static int64_t
days_left(const struct x509 *certificate, int64_t now_ms)
{
	int64_t left_ms = certificate->until_ms - now_ms;

	return left_ms >= 0 ? left_ms / DAY_MS : -((DAY_MS - 1 - left_ms) / DAY_MS);
}

static const char *
state_of(const struct x509 *certificate, int64_t now_ms)
{
	if (certificate->until_ms <= now_ms)
		return "expired";
	if (certificate->from_ms > now_ms)
		return "not yet";
	return days_left(certificate, now_ms) < SOON_DAYS ? "soon" : "ok";
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
	tree_set_text(row, "state", state_of(certificate, now_ms));
	return row;
}

struct source {
	const char *use, *setting, *file;
};

static void
add_broken(json_t *list, const struct source *source, const char *why)
{
	json_t *row = row_begin(source->use, source->setting, source->file);

	tree_set_text(row, "state", "unreadable");
	tree_set_text(row, "why", why);
	tree_add(list, row);
}

static void
add_all(struct inquiry *inquiry, json_t *list, const struct source *source, struct str pem)
{
	const struct x509 *certificates;
	struct fault fault = { 0 };
	size_t count;

	if (x509_read(pem, MOST_OF_A_FILE, inquiry->arena, &certificates, &count, &fault) != RH_OK)
		add_broken(list, source, fault.why);
	for (size_t i = 0; i < count; i++)
		tree_add(list,
		        certificate_tree(row_begin(source->use, source->setting, source->file),
		                &certificates[i]));
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

void
certificates_show(struct inquiry *inquiry)
{
	const struct settings *settings = hub_settings(inquiry->admin->hub);
	const struct source listener = { "listener", "http.tls_certificate",
		settings->tls_certificate };
	const struct source authority = { "authority", "egress.ca_file", settings->ca_file };
	const char *chain = hub_certificate(inquiry->admin->hub), *text, *why;
	json_t *list = tree_list();

	if (chain != NULL)
		add_all(inquiry, list, &listener, str_of(chain));
	if (authority.file != NULL) {
		text = read_file(authority.file, inquiry->arena, &why);
		if (text == NULL)
			add_broken(list, &authority, why);
		else
			add_all(inquiry, list, &authority, str_of(text));
	}
	inquiry_json(inquiry, 200, list);
}
