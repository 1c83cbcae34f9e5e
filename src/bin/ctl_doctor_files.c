/* ctl_doctor_files: what can be seen without a hub: files that the configuration names, their
 * rights, certificates, backups. */
#include "roamhub/tree.h"

#include "ctl.h"
#include "roamhub/pem.h"
#include "roamhub/x509.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/timex.h>

enum { PATH_MOST = 4200, DAY_S = 24 * 3600, SOON_DAYS = 14, OLD_BACKUP_S = 2 * DAY_S };
#define BACKUPS "/var/backups/roamhub"

static bool
is_sqlite(const struct settings *settings)
{
	return strncmp(settings->store_url, "sqlite:", 7) == 0;
}

/* ---- rights ---- */

struct secret {
	const char *what;
	char path[PATH_MOST];
	mode_t never; /* rights that nobody else may have */
	bool due;     /* it has to be there, once the hub was started */
};

static void
look_at_file(json_t *rows, const struct secret *secret)
{
	struct stat st;

	if (stat(secret->path, &st) != 0) {
		if (secret->due || errno != ENOENT)
			ctl_doctor_row(rows, "files", LEVEL_WARNING,
			        "start the hub, which makes it, or look for the right --config",
			        "%s %s: %s", secret->what, secret->path, strerror(errno));
		return;
	}
	if ((st.st_mode & secret->never) != 0)
		ctl_doctor_row(rows, "files", LEVEL_CRITICAL, "chmod 600 it",
		        "%s %s may be used by others (mode 0%03o)", secret->what, secret->path,
		        st.st_mode & 0777);
}

static void
look_at_secrets(const struct settings *settings, json_t *rows)
{
	bool sqlite = is_sqlite(settings);
	const char *database = sqlite ? settings->store_url + 7 : "";
	struct secret secrets[] = {
		{ .what = "admin token", .never = 037, .due = true },
		{ .what = "named tokens", .never = 037 },
		{ .what = "key file", .never = 037 },
		{ .what = "database", .never = 007 },
	};
	size_t before = json_array_size(rows);

	config_file_admin_token(settings, secrets[0].path, sizeof secrets[0].path);
	if (settings->admin_tokens_file != NULL)
		(void)snprintf(secrets[1].path, PATH_MOST, "%s", settings->admin_tokens_file);
	if (settings->key_file != NULL)
		(void)snprintf(secrets[2].path, PATH_MOST, "%s", settings->key_file);
	else if (sqlite)
		(void)snprintf(secrets[2].path, PATH_MOST, "%s-key", database);
	(void)snprintf(secrets[3].path, PATH_MOST, "%s", database);
	for (size_t i = 0; i < COUNT(secrets); i++)
		if (secrets[i].path[0] != '\0')
			look_at_file(rows, &secrets[i]);
	if (json_array_size(rows) == before)
		ctl_doctor_row(rows, "files", LEVEL_GOOD, NULL,
		        "nobody else may use tokens, keys and database");
}

/* ---- certificates ---- */

static void
add_fault(void *ctx, const char *message)
{
	ctl_doctor_row(ctx, "certificate", LEVEL_CRITICAL,
	        "put certificate and key there that belong together, then reload", "%s", message);
}

static void
look_at_days(const char *path, json_t *rows)
{
	char *pem = net_pem_read(path, NULL);
	int64_t until_ms = pem != NULL ? x509_until_ms(str_of(pem)) : 0;
	long long days = (until_ms - rh_wall_ms()) / 1000 / DAY_S;

	free(pem);
	if (until_ms == 0)
		ctl_doctor_row(rows, "certificate", LEVEL_WARNING, "look at it with openssl x509",
		        "%s: when it ends cannot be told", path);
	else
		ctl_doctor_row(rows, "certificate",
		        until_ms < rh_wall_ms() ? LEVEL_CRITICAL
		        : days < SOON_DAYS      ? LEVEL_WARNING
		                                : LEVEL_GOOD,
		        "renew it, then reload", "%s: %lld days left", path, days);
}

static void
look_at_certificates(struct ctl *ctl, json_t *rows)
{
	const struct settings *settings = &ctl->file->settings;

	if (config_file_try(settings, add_fault, rows) == 0 && settings->tls_certificate != NULL)
		look_at_days(settings->tls_certificate, rows);
}

/* ---- backups ---- */

static void
look_at_backups(const struct ctl *ctl, json_t *rows)
{
	const char *given = ctl_option(ctl, "backups"), *path = given != NULL ? given : BACKUPS;
	DIR *folder = opendir(path);
	struct dirent *entry;
	struct stat st;
	int64_t newest_s = 0;
	long long age_s;

	while (folder != NULL && (entry = readdir(folder)) != NULL)
		if (fnmatch("*.db", entry->d_name, 0) == 0 &&
		        fstatat(dirfd(folder), entry->d_name, &st, 0) == 0 &&
		        st.st_mtim.tv_sec > newest_s)
			newest_s = st.st_mtim.tv_sec;
	if (folder != NULL)
		(void)closedir(folder);
	age_s = rh_wall_ms() / 1000 - newest_s;
	if (newest_s == 0)
		ctl_doctor_row(rows, "backups", LEVEL_WARNING,
		        "enable roamhub-backup.timer, or name their folder with --backups",
		        "there is none in %s", path);
	else
		ctl_doctor_row(rows, "backups", age_s > OLD_BACKUP_S ? LEVEL_WARNING : LEVEL_GOOD,
		        "look at roamhub-backup.timer", "the newest in %s is %s old", path,
		        ctl_duration(ctl, age_s));
}

/* ---- the clock ---- */

/* The hub must not even ask for it where systemd protects the clock. That it jumped is a row of the
 * hub's: expiry. */
static void
look_at_clock(json_t *rows)
{
	struct timex clock = { 0 };
	int state = adjtimex(&clock);

	if (state < 0)
		return;
	if (state == TIME_ERROR || (clock.status & STA_UNSYNC) != 0)
		ctl_doctor_row(rows, "clock", LEVEL_WARNING, "timedatectl set-ntp true",
		        "nothing keeps the clock of this machine right");
	else
		ctl_doctor_row(rows, "clock", LEVEL_GOOD, NULL, "it is kept right");
}

void
ctl_doctor_files(struct ctl *ctl, json_t *rows)
{
	look_at_secrets(&ctl->file->settings, rows);
	look_at_certificates(ctl, rows);
	if (is_sqlite(&ctl->file->settings))
		look_at_backups(ctl, rows);
	else
		ctl_doctor_row(rows, "backups", LEVEL_GOOD, NULL,
		        "are the database server's (pg_basebackup)");
	look_at_clock(rows);
}
