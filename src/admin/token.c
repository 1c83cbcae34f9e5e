/* token: the bearer token of the admin API: one line in a file that only its owner may read. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "session.h"

enum { TOKEN_CHARS = 48, TOKEN_MIN = 16, TOKEN_FILE_MAX = 4096 };

static enum rh_err
make_token(const char *path, struct fault *fault)
{
	char token[TOKEN_CHARS + 2];

	rh_random_text(token, TOKEN_CHARS);
	token[TOKEN_CHARS] = '\n';
	return rh_secret_file(path, (struct str){ token, TOKEN_CHARS + 1 }, fault);
}

static void
warn_when_readable(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && (st.st_mode & 077) != 0)
		LOG(LOG_WARNING, "admin", KV("token_file", path),
		        KV("why", "others may read the admin token: chmod 600 it"));
}

enum rh_err
admin_token_load(struct admin *admin, const char *path, struct fault *fault)
{
	char text[TOKEN_FILE_MAX];
	struct str token;
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		if (make_token(path, fault) != RH_OK)
			return fault->err;
		LOG(LOG_INFO, "admin", KV("token_file", path), KV("made", "a fresh token"));
		fd = open(path, O_RDONLY | O_CLOEXEC);
	}
	if (fd < 0)
		return fault_set(fault, RH_SYSTEM, path, "cannot be read: %s", strerror(errno));
	warn_when_readable(fd, path);
	len = read(fd, text, sizeof text);
	(void)close(fd);
	token = (struct str){ text, len > 0 ? (size_t)len : 0 };
	token.len = strnlen(text, token.len);
	token = str_cut(&token, '\n');
	token = str_trim(token);
	if (token.len > 0 && token.p[token.len - 1] == '\r')
		token.len--;
	if (token.len < TOKEN_MIN)
		return fault_set(fault, RH_BAD_CONFIG, path,
		        "holds no admin token: expected a line of at least %d characters",
		        TOKEN_MIN);
	rh_random(admin->digest_key, sizeof admin->digest_key);
	rh_digest(admin->digest_key, token, admin->token);
	return RH_OK;
}

enum rh_err
admin_token_try(const char *token_file, struct fault *fault)
{
	struct admin trial = { 0 };

	return admin_token_load(&trial, token_file, fault);
}

static bool
is_local(const struct admin *admin, struct str token)
{
	uint8_t digest[RH_DIGEST_BYTES];

	rh_digest(admin->digest_key, token, digest);
	return rh_same_bytes(digest, admin->token, sizeof digest);
}

/** Whose it is: @named, or NULL for local. False: nobody's. */
static bool
find_token(const struct admin *admin, struct str authorization, const struct admin_named **named)
{
	struct str token = str_trim(authorization), scheme = str_cut(&token, ' ');
	bool local;

	token = str_trim(token);
	if (token.len < TOKEN_MIN || !str_ieq(scheme, STR("Bearer")))
		return false;
	*named = named_find(admin->named, admin->hub, token);
	local = is_local(admin, token);
	if (local)
		*named = NULL;
	return local || *named != NULL;
}

bool
token_known(struct inquiry *inquiry, struct str authorization)
{
	const struct admin_named *named;

	if (!find_token(inquiry->admin, authorization, &named))
		return false;
	inquiry->who =
	        named == NULL ? STR("local") : arena_str(inquiry->arena, str_of(named->name));
	inquiry->viewer = named != NULL && named->viewer;
	return true;
}

bool
token_may_change(const struct admin *admin, struct str authorization)
{
	const struct admin_named *named;

	return find_token(admin, authorization, &named) && (named == NULL || !named->viewer);
}

bool
token_still_holds(const struct admin *admin, const struct session *session)
{
	const struct admin_named *named = named_of(admin->named, session->who);

	return strcmp(session->who, "local") == 0 ||
	       (named != NULL &&
	               rh_same_bytes(named->digest, session->token, sizeof session->token));
}
