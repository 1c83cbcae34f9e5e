/* crypt: ids, secrets and Base64. The only file that knows libsodium.
 * The key of the hash tables is drawn once per process, so that a peer cannot choose ids that
 * collide. */
#include "roamhub/base.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
	TAG_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SEAL_BYTES = NONCE_BYTES + TAG_BYTES,
};

static pthread_once_t ready_once = PTHREAD_ONCE_INIT;
static bool ready;
static unsigned char hash_key[crypto_shorthash_KEYBYTES];

static void
make_ready(void)
{
	ready = sodium_init() >= 0;
	if (ready)
		crypto_shorthash_keygen(hash_key);
}

enum rh_err
rh_crypt_init(struct fault *fault)
{
	pthread_once(&ready_once, make_ready);
	if (!ready)
		return fault_set(fault, RH_SYSTEM, "", "libsodium cannot be used on this system");
	return RH_OK;
}

void
rh_random(void *out, size_t bytes)
{
	randombytes_buf(out, bytes);
}

/* A message takes one id or more, and a system call for each costs more than writing
 * it down: so each thread draws random bytes in advance. For ids alone, never for secrets. */
static void
random_for_id(uint8_t out[16])
{
	static _Thread_local struct {
		uint8_t bytes[1024];
		size_t left;
	} drawn;

	if (drawn.left == 0) {
		rh_random(drawn.bytes, sizeof(drawn.bytes));
		drawn.left = sizeof(drawn.bytes);
	}
	drawn.left -= 16;
	memcpy(out, drawn.bytes + drawn.left, 16);
}

void
rh_uuid(char out[RH_UUID_LEN + 1])
{
	static const char digits[] = "0123456789abcdef";
	uint8_t bytes[16];
	char *at = out;

	random_for_id(bytes);
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* version 4 */
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*at++ = '-';
		*at++ = digits[bytes[i] >> 4];
		*at++ = digits[bytes[i] & 15];
	}
	*at = '\0';
}

void
rh_random_text(char *out, size_t chars)
{
	static const char alphabet[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	rh_random(out, chars);
	for (size_t i = 0; i < chars; i++)
		out[i] = alphabet[(unsigned char)out[i] & 63];
	out[chars] = '\0';
}

void
rh_digest(const uint8_t key[RH_KEY_BYTES], struct str token, uint8_t out[RH_DIGEST_BYTES])
{
	crypto_generichash(
	        out, RH_DIGEST_BYTES, (const unsigned char *)token.p, token.len, key, RH_KEY_BYTES);
}

void
rh_sha256(struct str text, char out[RH_SHA256_TEXT])
{
	uint8_t digest[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(digest, (const unsigned char *)text.p, text.len);
	sodium_bin2hex(out, RH_SHA256_TEXT, digest, sizeof digest);
}

bool
rh_same_bytes(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void
rh_wipe(void *bytes, size_t len)
{
	sodium_memzero(bytes, len);
}

/* What a file says of it is anybody's: bounded, so that reading one costs no more than making it.
 */
enum { MOST_PASSES = 10, LEAST_MEMORY = 8 << 20, MOST_MEMORY = 1 << 30 };

void
rh_stretch_new(struct rh_stretch *how)
{
	_Static_assert(RH_SALT_BYTES == crypto_pwhash_SALTBYTES, "of Argon2id");
	rh_random(how->salt, sizeof how->salt);
	how->passes = crypto_pwhash_OPSLIMIT_MODERATE;
	how->memory_bytes = crypto_pwhash_MEMLIMIT_MODERATE;
}

enum rh_err
rh_stretch_key(struct str passphrase, const struct rh_stretch *how, uint8_t key[RH_KEY_BYTES],
        struct fault *fault)
{
	if (how->passes == 0 || how->passes > MOST_PASSES || how->memory_bytes < LEAST_MEMORY ||
	        how->memory_bytes > MOST_MEMORY)
		return fault_set(fault, RH_BAD_FIELD, "how",
		        "expected 1 to %d passes and %d MB to %d MB of memory", MOST_PASSES,
		        LEAST_MEMORY >> 20, MOST_MEMORY >> 20);
	if (crypto_pwhash(key, RH_KEY_BYTES, passphrase.p, passphrase.len, how->salt, how->passes,
	            (size_t)how->memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return fault_set(fault, RH_SYSTEM, "how", "%llu MB of memory cannot be had",
		        (unsigned long long)(how->memory_bytes >> 20));
	return RH_OK;
}

/* Layout: nonce, ciphertext, tag. */
struct str
rh_seal(const uint8_t key[RH_KEY_BYTES], struct str plain, struct arena *arena)
{
	unsigned char *sealed = arena_take(arena, plain.len + SEAL_BYTES);

	rh_random(sealed, NONCE_BYTES);
	crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE_BYTES, NULL,
	        (const unsigned char *)plain.p, plain.len, NULL, 0, NULL, sealed, key);
	return (struct str){ (const char *)sealed, plain.len + SEAL_BYTES };
}

bool
rh_unseal(
        const uint8_t key[RH_KEY_BYTES], struct str sealed, struct arena *arena, struct str *plain)
{
	const unsigned char *bytes = (const unsigned char *)sealed.p;
	unsigned char *opened;
	size_t len;

	if (sealed.p == NULL || sealed.len < SEAL_BYTES)
		return false;
	len = sealed.len - SEAL_BYTES;
	opened = arena_take(arena, len + 1);
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(opened, NULL, NULL, bytes + NONCE_BYTES,
	            len + TAG_BYTES, NULL, 0, bytes, key) != 0)
		return false;
	opened[len] = '\0';
	*plain = (struct str){ (const char *)opened, len };
	return true;
}

struct str
rh_base64(struct str bytes, struct arena *arena)
{
	size_t room = sodium_base64_encoded_len(bytes.len, sodium_base64_VARIANT_ORIGINAL);
	char *text = arena_take(arena, room);

	sodium_bin2base64(text, room, (const unsigned char *)bytes.p, bytes.len,
	        sodium_base64_VARIANT_ORIGINAL);
	return (struct str){ text, room - 1 };
}

/* libsodium 1.0.18 takes every byte above 127 for a digit where char is signed. */
static bool
is_base64_text(struct str text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.p[i] > 0x7f)
			return false;
	return text.p != NULL;
}

/* Padding is all there or all missing; anything else, bits left over included, would give one token
 * two spellings. */
bool
rh_unbase64(struct str text, struct arena *arena, struct str *bytes)
{
	bool padded = text.len > 0 && text.p[text.len - 1] == '=';
	int variant =
	        padded ? sodium_base64_VARIANT_ORIGINAL : sodium_base64_VARIANT_ORIGINAL_NO_PADDING;
	size_t room = text.len / 4 * 3 + 3, len = 0;
	unsigned char *out;

	if (!is_base64_text(text))
		return false;
	out = arena_take(arena, room + 1);
	if (sodium_base642bin(out, room, text.p, text.len, NULL, &len, NULL, variant) != 0)
		return false;
	out[len] = '\0';
	*bytes = (struct str){ (const char *)out, len };
	return true;
}

uint64_t
rh_hash64(struct str s)
{
	uint64_t hash;

	_Static_assert(sizeof(hash) == crypto_shorthash_BYTES, "SipHash gives 64 bits");
	pthread_once(&ready_once, make_ready);
	crypto_shorthash((unsigned char *)&hash, (const unsigned char *)s.p, s.len, hash_key);
	return hash;
}

static enum rh_err
key_fault(struct fault *fault, const char *path, const char *what)
{
	return fault_set(fault, RH_SYSTEM, path, "%s: %s", what, strerror(errno));
}

static enum rh_err
key_read(int fd, const char *path, void *out, size_t bytes, struct fault *fault)
{
	struct stat info;
	size_t have = 0;

	if (fstat(fd, &info) != 0)
		return key_fault(fault, path, "key file cannot be read");
	if (!S_ISREG(info.st_mode) || (size_t)info.st_size != bytes)
		return fault_set(fault, RH_SYSTEM, path,
		        "key file holds %lld bytes, expected a file of %zu",
		        (long long)info.st_size, bytes);
	/* One of the system's (a mounted secret) may be readable for a group that we are in. */
	if ((info.st_mode & (info.st_uid == geteuid() ? 077 : 007)) != 0)
		return fault_set(fault, RH_SYSTEM, path,
		        "others may use this key (mode 0%03o): chmod 600 it", info.st_mode & 0777);
	while (have < bytes) {
		ssize_t n = read(fd, (char *)out + have, bytes - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return key_fault(fault, path, "key file cannot be read");
		have += (size_t)n;
	}
	return RH_OK;
}

static enum rh_err
key_open(const char *path, void *out, size_t bytes, struct fault *fault)
{
	enum rh_err err;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return key_fault(fault, path, "key file cannot be opened");
	err = key_read(fd, path, out, bytes, fault);
	close(fd);
	return err;
}

/* What was made is read again: of two that start at once both take what the first one wrote. */
enum rh_err
rh_key_file(const char *path, void *out, size_t bytes, struct fault *fault)
{
	enum rh_err err;

	if (access(path, F_OK) != 0 && errno == ENOENT) {
		rh_random(out, bytes);
		err = rh_secret_file(path, (struct str){ out, bytes }, fault);
		if (err != RH_OK)
			return err;
	}
	return key_open(path, out, bytes, fault);
}
