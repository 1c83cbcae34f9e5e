/* log: one event a line on stderr.
 *
 * A line is built on the stack and never longer than PIPE_BUF, so that one write() puts it whole
 * into a pipe that other threads and programs write to as well. Long values are cut, a pair that
 * does not fit is left out and `cut` says so. Values come from peers: whatever could end a line,
 * break the JSON or move a terminal's cursor is escaped. */
#include "roamhub/base.h"

#include "log_out.h"

#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINE_BYTES = PIPE_BUF, TAIL_BYTES = 16, VALUE_BYTES = 1024 };

struct line {
	size_t len;
	bool full;
	char p[LINE_BYTES];
};

static _Atomic int log_level = LOG_INFO;
static _Atomic int log_format = LOG_TEXT;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* of log_out() and: */
static uint64_t log_dropped;                                 /* lines since the last one written */
static _Atomic uint64_t log_dropped_all;                     /* lines since the start */

static const char *const level_names[] = {
	[LOG_ERROR] = "error",
	[LOG_WARNING] = "warning",
	[LOG_INFO] = "info",
	[LOG_DEBUG] = "debug",
};

bool
rh_log_on(enum rh_level level)
{
	return (int)level <= atomic_load_explicit(&log_level, memory_order_relaxed);
}

void
rh_log_setup(enum rh_level level, enum rh_log_format format)
{
	atomic_store_explicit(&log_level, (int)level, memory_order_relaxed);
	atomic_store_explicit(&log_format, (int)format, memory_order_relaxed);
}

static void
line_add(struct line *line, const char *bytes, size_t len)
{
	if (line->full || len > LINE_BYTES - TAIL_BYTES - line->len) {
		line->full = true;
		return;
	}
	memcpy(line->p + line->len, bytes, len);
	line->len += len;
}

static void
line_text(struct line *line, const char *text)
{
	line_add(line, text, strlen(text));
}

static bool
is_continuation(struct str s, size_t at)
{
	return at < s.len && ((unsigned char)s.p[at] & 0xc0) == 0x80;
}

/* Bytes of the printable UTF-8 character above ASCII that @s begins with, 0 when it does not begin
 * with one. */
static size_t
wide_character(struct str s)
{
	unsigned char first = (unsigned char)s.p[0];
	unsigned char second = s.len > 1 ? (unsigned char)s.p[1] : 0;

	if (!is_continuation(s, 1))
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return first == 0xc2 && second < 0xa0 ? 0 : 2; /* U+0080 to U+009F are controls */
	if (!is_continuation(s, 2))
		return 0;
	if (first >= 0xe0 && first <= 0xef)
		return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
	if (!is_continuation(s, 3))
		return 0;
	if (first >= 0xf0 && first <= 0xf4)
		return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
	return 0;
}

static void
add_escape(struct line *line, unsigned char byte, enum rh_log_format format)
{
	static const char named[] = "\"\"\\\\\nn\rr\tt";
	char escape[8];

	for (const char *name = named; *name != '\0'; name += 2) {
		if ((unsigned char)name[0] != byte)
			continue;
		line_add(line, (char[]){ '\\', name[1] }, 2);
		return;
	}
	if (format == LOG_TEXT)
		snprintf(escape, sizeof(escape), "\\x%02x", byte);
	else
		snprintf(escape, sizeof(escape), "\\u%04x", byte < 0x80 ? byte : 0xfffd);
	line_text(line, escape);
}

static void
add_escaped(struct line *line, struct str s, enum rh_log_format format)
{
	while (s.len > 0) {
		unsigned char byte = (unsigned char)s.p[0];
		size_t len = byte < 0x80 ? 1 : wide_character(s);

		if (len == 0 || byte < 0x20 || byte == 0x7f || byte == '"' || byte == '\\') {
			add_escape(line, byte, format);
			len = 1;
		} else {
			line_add(line, s.p, len);
		}
		s = str_from(s, len);
	}
}

static bool
needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char byte = (unsigned char)s.p[i];

		if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '\\' || byte == '=')
			return true;
	}
	return s.len == 0;
}

static void
add_string(struct line *line, struct str s, enum rh_log_format format)
{
	bool quoted = format == LOG_JSON || needs_quotes(s);
	size_t shown = s.len;

	if (s.len > VALUE_BYTES)
		for (shown = VALUE_BYTES; shown > VALUE_BYTES - 4 && is_continuation(s, shown);
		        shown--)
			continue;
	if (quoted)
		line_text(line, "\"");
	add_escaped(line, (struct str){ s.p, shown }, format);
	if (shown < s.len)
		line_text(line, "...");
	if (quoted)
		line_text(line, "\"");
}

static void
add_pair(struct line *line, const struct log_kv *kv, enum rh_log_format format)
{
	size_t before = line->len;
	char number[24];

	line_text(line, format == LOG_JSON ? ",\"" : " ");
	line_text(line, kv->key);
	line_text(line, format == LOG_JSON ? "\":" : "=");
	if (kv->type == LOG_KV_INT) {
		snprintf(number, sizeof(number), "%" PRId64, kv->n);
		line_text(line, number);
	} else {
		add_string(line, kv->s, format);
	}
	if (line->full)
		line->len = before;
}

static void
add_head(struct line *line, enum rh_level level, const char *event, enum rh_log_format format)
{
	int64_t now_ms = rh_wall_ms();
	time_t seconds = (time_t)(now_ms / 1000);
	struct tm utc;
	char text[64], millis[8];

	gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(millis, sizeof(millis), ".%03dZ", (int)(now_ms % 1000));
	line_text(line, format == LOG_JSON ? "{\"time\":\"" : "");
	line_text(line, text);
	line_text(line, millis);
	line_text(line, format == LOG_JSON ? "\",\"level\":\"" : " ");
	line_text(line, level_names[level]);
	line_text(line, format == LOG_JSON ? "\",\"event\":\"" : " ");
	line_text(line, event);
	line_text(line, format == LOG_JSON ? "\"" : "");
}

/* The tail's room was kept free by line_add(). */
static void
add_tail(struct line *line, bool cut, enum rh_log_format format)
{
	static const char *const tails[2][2] = { { "\n", " cut=1\n" }, { "}\n", ",\"cut\":1}\n" } };
	const char *tail = tails[format == LOG_JSON][cut];

	memcpy(line->p + line->len, tail, strlen(tail));
	line->len += strlen(tail);
}

static void
build_line(struct line *line, enum rh_level level, const char *event, const struct log_kv *kv,
        size_t count)
{
	enum rh_log_format format =
	        (enum rh_log_format)atomic_load_explicit(&log_format, memory_order_relaxed);
	bool cut = false;

	line->len = 0;
	line->full = false;
	add_head(line, level, event, format);
	for (size_t i = 0; i < count; i++) {
		if (kv[i].type == LOG_KV_STR && kv[i].s.p == NULL)
			continue;
		line->full = false;
		add_pair(line, &kv[i], format);
		cut = cut || line->full;
	}
	add_tail(line, cut, format);
}

/* What could not be written is not kept: whoever stopped reading would get it back as a flood. */
static bool
say_dropped(void)
{
	struct line line;

	build_line(&line, LOG_WARNING, "log-lines-dropped", &KVN("count", log_dropped), 1);
	if (!log_out(line.p, line.len))
		return false;
	log_dropped = 0;
	return true;
}

void
rh_log(enum rh_level level, const char *event, const struct log_kv *kv, size_t count)
{
	struct line line;

	build_line(&line, level, event, kv, count);
	pthread_mutex_lock(&log_lock); /* held for as long as a write takes that does not wait */
	if ((log_dropped > 0 && !say_dropped()) || !log_out(line.p, line.len)) {
		log_dropped++;
		atomic_fetch_add_explicit(&log_dropped_all, 1, memory_order_relaxed);
	}
	pthread_mutex_unlock(&log_lock);
}

uint64_t
rh_log_dropped(void)
{
	return atomic_load_explicit(&log_dropped_all, memory_order_relaxed);
}
