/* base: strings, errors, memory, clocks, log, threads' mailboxes, configuration, ids.
 *
 * The lowest layer: it includes libc alone (libsodium behind crypt.c, libxxhash behind sum.c).
 * Everything above may use it. Memory: a failed allocation ends the process with a message
 * (rh_alloc), once the reserve is gone too; what a peer can make us allocate is bounded long before
 * that, by the limits of the layer that reads from the peer. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MUST_CHECK                      __attribute__((warn_unused_result))
#define CLEANUP(f)                      __attribute__((cleanup(f)))
#define PRINTF_LIKE(fmt, at)            __attribute__((format(printf, fmt, at)))
#define COUNT(array)                    (sizeof(array) / sizeof((array)[0]))
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/* ---- strings: borrowed bytes with a length, not terminated (str.c) ---- */

struct str {
	const char *p; /* NULL means absent, which is not the same as empty */
	size_t len;
};
#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_ARG(s)   (int)(s).len, (s).p /* for printf's %.*s */

/* Inline are those that are called with literals: their lengths are then known. */
static inline struct str
str_of(const char *cstr) /* NULL gives an absent str */
{
	return (struct str){ cstr, cstr == NULL ? 0 : strlen(cstr) };
}
static inline bool
str_eq(struct str a, struct str b)
{
	if (a.p == NULL || b.p == NULL)
		return a.p == b.p;
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}
static inline bool
str_is(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}
static inline bool
str_starts(struct str a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.p != NULL && a.len >= len && memcmp(a.p, prefix, len) == 0;
}
bool str_ieq(struct str a, struct str b); /* ASCII letters in any case: CiString */
bool str_is_token(struct str s);   /* RFC 9110 section 5.6.2: a method, the name of a header */
struct str str_trim(struct str s); /* without spaces and tabs at both ends */
struct str str_from(struct str s, size_t offset);
/** Cut @s at the first @sep: returns what stands before it and leaves the rest in *@s (absent when
 * there is no more). */
struct str str_cut(struct str *s, char sep);
/** Decimal digits only, no sign, no spaces. False when empty, not a number or above @max. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *out);

/* ---- errors: one registry, see errors.def ---- */

enum rh_blame { BLAME_CALLER, BLAME_CALLEE, BLAME_HUB };
enum rh_err {
	RH_OK = 0,
#define ERR(name, http, ocpi, blame, text) RH_##name,
#include "errors.def"
#undef ERR
	RH_ERR_COUNT
};
struct rh_err_info {
	const char *name;
	int http; /* HTTP status of the answer */
	int ocpi; /* OCPI status_code of the answer, 2.2.1 "Status codes" */
	enum rh_blame blame;
	const char *text; /* default status_message */
};
const struct rh_err_info *rh_err_info(enum rh_err err);

/** What went wrong and where: filled by the function that returns an rh_err. */
struct fault {
	enum rh_err err;
	char field[96]; /* JSON pointer, header or key; empty when the whole message is meant */
	char why[400];  /* what was found and what was expected */
};
/** Fill @fault (may be NULL) and return @err, so that `return fault_set(...)` reads well. */
enum rh_err fault_set(struct fault *fault, enum rh_err err, const char *field, const char *fmt, ...)
        PRINTF_LIKE(4, 5);

/* ---- memory (memory.c, arena.c, buf.c) ---- */

void *rh_alloc(size_t bytes);              /* zeroed; the caller's, free() it; never NULL */
void *rh_realloc(void *old, size_t bytes); /* never NULL */
char *rh_strdup(const char *cstr);
/** Hold so much back for the day when the system refuses: it is given up before the process ends.
 */
void rh_memory_hold(size_t bytes);
/** This process gets no more address space than that. False: it cannot be bounded. A sanitizer
 * needs more than any bound that means something: under it nothing is done. */
bool rh_memory_bound(size_t bytes);
/** The reserve was given up and cannot be had back yet: begin nothing large. */
bool rh_memory_short(void);
/** Not short, and the system would give so many now. */
bool rh_memory_room(size_t bytes);
uint64_t rh_memory_shortages(void); /* how often the reserve was given up; any thread */

struct arena; /* memory of one flight: freed or reset as a whole */
struct arena *arena_new(size_t first_block_bytes);
void arena_free(struct arena *arena);                    /* NULL is fine */
void arena_reset(struct arena *arena);                   /* keeps one block for the next use */
void *arena_alloc(struct arena *arena, size_t bytes);    /* zeroed, aligned for any type */
void *arena_take(struct arena *arena, size_t bytes);     /* not zeroed, aligned for any type */
struct str arena_str(struct arena *arena, struct str s); /* copy, with a NUL behind it */
char *arena_cstr(struct arena *arena, struct str s);
struct str arena_upper(struct arena *arena, struct str s); /* the same with ASCII in upper case */
struct str arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
size_t arena_bytes(const struct arena *arena); /* held from the system */

/** Text under construction. With an arena its memory is the arena's, without one buf_free() is due.
 */
struct buf {
	char *p; /* always NUL-terminated once something was added */
	size_t len, cap;
	struct arena *arena;
};
void buf_add(struct buf *buf, struct str s);
void buf_addc(struct buf *buf, char c);
void buf_printf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_reserve(struct buf *buf, size_t more);
struct str buf_str(const struct buf *buf); /* borrowed, until the next change */
void buf_free(struct buf *buf);

/* ---- intrusive doubly linked list ---- */

struct list {
	struct list *prev, *next;
};
static inline void
list_init(struct list *head)
{
	head->prev = head->next = head;
}
static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}
static inline void
list_add_tail(struct list *head, struct list *node)
{
	node->prev = head->prev, node->next = head;
	head->prev->next = node, head->prev = node;
}
static inline void
list_add_head(struct list *head, struct list *node)
{
	node->next = head->next, node->prev = head;
	head->next->prev = node, head->next = node;
}
static inline void
list_remove(struct list *node) /* harmless on a node that is initialised and not linked */
{
	node->prev->next = node->next, node->next->prev = node->prev;
	list_init(node);
}
#define list_each(pos, head) for (struct list *pos = (head)->next; pos != (head); pos = pos->next)
#define list_each_safe(pos, tmp, head)                                         \
	for (struct list *pos = (head)->next, *tmp = pos->next; pos != (head); \
	        pos = tmp, tmp = pos->next)

/* ---- hash table, string keys compared byte by byte (table.c) ---- */

struct table; /* open addressing, SipHash with a key of the process; does not copy keys, they must
                 outlive it */
struct table *table_new(size_t expected);
void table_free(struct table *table);
void *table_get(const struct table *table, struct str key); /* NULL when absent */
void *table_put(
        struct table *table, struct str key, void *value); /* returns the value replaced, or NULL */
void *table_remove(struct table *table, struct str key);
size_t table_count(const struct table *table);
bool table_next(const struct table *table, size_t *cursor, struct str *key,
        void **value); /* cursor from 0 */

/* ---- clocks (clock.c) ---- */

int64_t rh_mono_ms(void); /* CLOCK_MONOTONIC: deadlines and timers */
int64_t rh_mono_us(void);
int64_t rh_boot_ms(void); /* CLOCK_BOOTTIME: goes on while the machine sleeps */
/** Due times of schedules, any thread: the wall clock as it was at the first call in this process,
 * and from there on CLOCK_BOOTTIME. Looks like milliseconds since 1970, so that a due time may be
 * stored and read by the next process, and never jumps within a process, whatever is done to the
 * wall clock. */
int64_t rh_schedule_ms(void);
struct rh_schedule { /* both clocks, read at the same moment */
	int64_t wall_ms, boot_ms;
};
/** What rh_schedule_ms() says when it began at @start and CLOCK_BOOTTIME shows @boot_ms. */
int64_t rh_schedule_at(const struct rh_schedule *start, int64_t boot_ms);
int64_t rh_wall_ms(void);        /* milliseconds since 1970, UTC: timestamps that others see */
int64_t rh_wall_coarse_ms(void); /* the same, some milliseconds late, for a tenth of the price */

/* ---- log: one event a line on stderr, key=value or JSON (log.c) ---- */

enum rh_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum rh_log_format { LOG_TEXT, LOG_JSON };
struct log_kv {
	const char *key;
	enum { LOG_KV_STR, LOG_KV_INT } type;
	struct str s;
	int64_t n;
};
#define KV(k, cstr) ((struct log_kv){ .key = (k), .type = LOG_KV_STR, .s = str_of(cstr) })
#define KVS(k, str) ((struct log_kv){ .key = (k), .type = LOG_KV_STR, .s = (str) })
#define KVN(k, num) ((struct log_kv){ .key = (k), .type = LOG_KV_INT, .n = (int64_t)(num) })
/** error: a human must act; warning: a hub fault survived; info: life cycle and flights; debug.
 * Tokens and bodies are never logged. Values are escaped; absent strings are left out. Thread-safe,
 * one write() a line. Never waits for who reads: a line without room is dropped, and the next one
 * that has room comes behind a warning "log-lines-dropped" with their count. */
#define LOG(level, event, ...)                                                                     \
	do {                                                                                       \
		if (rh_log_on(level))                                                              \
			rh_log(level, event, (struct log_kv[]){ __VA_ARGS__ },                     \
			        sizeof((struct log_kv[]){ __VA_ARGS__ }) / sizeof(struct log_kv)); \
	} while (0)
bool rh_log_on(enum rh_level level);
void rh_log(enum rh_level level, const char *event, const struct log_kv *kv, size_t count);
uint64_t rh_log_dropped(void); /* lines that nobody had room for, since the start; any thread */
void rh_log_setup(enum rh_level level, enum rh_log_format format); /* any thread, any time */

/* ---- mailbox: many threads post, one thread delivers (mailbox.c) ---- */

struct mail {
	struct mail *next;
	void (*deliver)(
	        struct mail *mail); /* on the owner's thread; may free or post the mail again */
};
struct mailbox;
struct mailbox *mailbox_new(void);
void mailbox_free(struct mailbox *box);    /* must be empty */
int mailbox_fd(const struct mailbox *box); /* readable when mail waits */
void mailbox_post(struct mailbox *box,
        struct mail *mail); /* any thread, never blocks, keeps the order of one poster */
size_t mailbox_deliver(struct mailbox *box); /* owner: deliver what waits now, returns how many */

/* ---- ids, secrets, Base64 (crypt.c, the door to libsodium) ---- */

enum { RH_UUID_LEN = 36, RH_DIGEST_BYTES = 32, RH_KEY_BYTES = 32 };
MUST_CHECK enum rh_err rh_crypt_init(struct fault *fault); /* once, before anything below */
void rh_random(void *out, size_t bytes);
void rh_uuid(char out[RH_UUID_LEN + 1]); /* version 4, lower case, RFC 9562 */
/** @chars characters of A-Z a-z 0-9 - _ (6 random bits each) and a NUL: @out has room for @chars
 * + 1. */
void rh_random_text(char *out, size_t chars);
enum { RH_SHA256_TEXT = 65 };
void rh_sha256(struct str text, char out[RH_SHA256_TEXT]); /* for people to compare */
/** Keyed BLAKE2b of a token: what is stored of the tokens that we accept. */
void rh_digest(const uint8_t key[RH_KEY_BYTES], struct str token, uint8_t out[RH_DIGEST_BYTES]);
bool rh_same_bytes(
        const void *a, const void *b, size_t len); /* time does not depend on the content */
void rh_wipe(void *bytes, size_t len);             /* to zeroes, which no compiler leaves out */
/** Seal @plain (XChaCha20-Poly1305, random nonce): what is stored of the tokens that we send. */
struct str rh_seal(const uint8_t key[RH_KEY_BYTES], struct str plain, struct arena *arena);
enum { RH_SALT_BYTES = 16 };
struct rh_stretch { /* how a key is made of a passphrase: Argon2id */
	uint8_t salt[RH_SALT_BYTES];
	uint64_t passes, memory_bytes;
};
/** A fresh salt, and as much work as a person waits for. */
void rh_stretch_new(struct rh_stretch *how);
/** RH_BAD_FIELD: what @how says is not within reason; RH_SYSTEM: there is no memory for it. */
MUST_CHECK enum rh_err rh_stretch_key(struct str passphrase, const struct rh_stretch *how,
        uint8_t key[RH_KEY_BYTES], struct fault *fault);
/** False when @sealed was made with another key or was changed. */
bool rh_unseal(
        const uint8_t key[RH_KEY_BYTES], struct str sealed, struct arena *arena, struct str *plain);
struct str rh_base64(struct str bytes, struct arena *arena); /* RFC 4648 section 4, padded */
bool rh_unbase64(struct str text, struct arena *arena,
        struct str *bytes);       /* strict; padding may be missing */
uint64_t rh_hash64(struct str s); /* SipHash under a key of the process */
uint64_t rh_sum64(struct str s);  /* XXH64: the same everywhere, against chance alone (sum.c) */
/** Make file @path with @content, mode 0600. It is written beside, synced and renamed, so that a
 * crash leaves the whole of it or none. One that is there meanwhile stays as it is, with RH_OK:
 * read what you made. RH_SYSTEM names @path and the reason. (secret_file.c) */
MUST_CHECK enum rh_err rh_secret_file(const char *path, struct str content, struct fault *fault);
/** Read the @bytes long secret in file @path, or make it there when the file is absent. */
MUST_CHECK enum rh_err rh_key_file(const char *path, void *out, size_t bytes, struct fault *fault);
