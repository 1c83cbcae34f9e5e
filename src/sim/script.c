/* script: lines to words. Quotes, JSON, here-documents and files are the four ways to write a body.
 */
#include "script.h"

#include "files.h"

#include <ctype.h>
#include <string.h>

struct cursor {
	struct str rest;  /* of the line */
	struct str *text; /* behind the line */
	int *number;
	struct arena *arena;
	const char *folder;
	struct line *line;
	struct fault *fault;
};

static bool
bad(struct cursor *cursor, const char *what)
{
	fault_set(cursor->fault, RH_BAD_CONFIG, "", "%d: %s", cursor->line->number, what);
	return false;
}

static struct str
take(struct str *s, size_t bytes)
{
	struct str taken = { s->p, bytes };

	*s = str_from(*s, bytes);
	return taken;
}

static struct str
cut_line(struct str *text)
{
	struct str line = str_cut(text, '\n');

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* ---- bodies ---- */

static size_t
indent_of(struct str line)
{
	size_t indent = 0;

	while (indent < line.len && (line.p[indent] == ' ' || line.p[indent] == '\t'))
		indent++;
	return indent;
}

/** Lines up to @mark, without the indentation that all of them share. */
static bool
read_heredoc(struct cursor *cursor, struct str mark)
{
	struct str begin = *cursor->text, rest = begin;
	size_t shared = SIZE_MAX;
	struct buf body = { .arena = cursor->arena };
	struct str line;
	int lines = 0;

	for (;; lines++) {
		if (rest.p == NULL)
			return bad(cursor, "the here-document has no end");
		line = cut_line(&rest);
		if (str_eq(str_trim(line), mark))
			break;
		if (str_trim(line).len > 0 && indent_of(line) < shared)
			shared = indent_of(line);
	}
	for (int i = 0; i < lines; i++) {
		line = cut_line(&begin);
		buf_add(&body, str_from(line, line.len < shared ? line.len : shared));
		if (i + 1 < lines)
			buf_addc(&body, '\n');
	}
	*cursor->text = rest;
	*cursor->number += lines + 1;
	cursor->line->body = arena_str(cursor->arena, buf_str(&body));
	return true;
}

/** Length of the JSON value that @s begins with, by its brackets; 0 when they do not close. */
static size_t
json_length(struct str s)
{
	bool in_string = false;
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']') && --depth == 0)
			return i + 1;
	}
	return 0;
}

static bool
read_body(struct cursor *cursor, struct str start)
{
	struct line *line = cursor->line;
	struct str word;

	if (line->has_body)
		return bad(cursor, "a step has one body at most");
	line->has_body = true;
	if (start.p[0] == '{' || start.p[0] == '[') {
		line->body = take(&cursor->rest, json_length(start));
		return line->body.len > 0 ||
		       bad(cursor, "the brackets of this JSON do not close on its line");
	}
	word = str_cut(&cursor->rest, ' ');
	if (word.p[0] == '@') {
		line->body_literal = true;
		return file_read(cursor->folder, str_from(word, 1), cursor->arena, &line->body) ||
		       bad(cursor, "the file cannot be read");
	}
	word = str_from(word, 2);
	if (word.len > 2 && word.p[0] == '\'') {
		line->body_literal = true;
		word = (struct str){ word.p + 1, word.len - 2 };
	}
	return read_heredoc(cursor, word);
}

/* ---- words ---- */

static bool
add_word(struct cursor *cursor, struct str text, char quote)
{
	struct line *line = cursor->line;

	if (line->count == SCRIPT_WORDS)
		return bad(cursor, "too many words in a line");
	line->words[line->count++] = (struct word){ text, quote };
	return true;
}

static bool
read_quoted(struct cursor *cursor, char quote)
{
	struct buf text = { .arena = cursor->arena };
	struct str in = str_from(cursor->rest, 1);
	size_t i;

	for (i = 0; i < in.len && in.p[i] != quote; i++) {
		char c = in.p[i];

		if (quote == '"' && c == '\\' && i + 1 < in.len) {
			c = in.p[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
		}
		buf_addc(&text, c);
	}
	if (i == in.len)
		return bad(cursor, "a quote is not closed");
	cursor->rest = str_from(in, i + 1);
	return add_word(cursor, arena_str(cursor->arena, buf_str(&text)), quote);
}

static bool
is_body_start(struct str rest)
{
	return rest.p[0] == '{' || rest.p[0] == '[' || str_starts(rest, "<<") ||
	       (rest.p[0] == '@' && rest.len > 1);
}

static bool
read_words(struct cursor *cursor)
{
	for (;;) {
		size_t end = 0;

		cursor->rest = str_trim(cursor->rest);
		if (cursor->rest.len == 0 || cursor->rest.p[0] == '#')
			return true;
		if (is_body_start(cursor->rest)) {
			if (!read_body(cursor, cursor->rest))
				return false;
			continue;
		}
		if (cursor->rest.p[0] == '"' || cursor->rest.p[0] == '\'') {
			if (!read_quoted(cursor, cursor->rest.p[0]))
				return false;
			continue;
		}
		while (end < cursor->rest.len && !isspace((unsigned char)cursor->rest.p[end]))
			end++;
		if (!add_word(cursor, arena_str(cursor->arena, take(&cursor->rest, end)), 0))
			return false;
	}
}

bool
line_next(struct str *text, int *number, struct arena *arena, const char *folder, struct line *line,
        struct fault *fault)
{
	struct cursor cursor = { .text = text,
		.number = number,
		.arena = arena,
		.folder = folder,
		.line = line,
		.fault = fault };

	while (text->p != NULL) {
		*line = (struct line){ .number = ++*number };
		cursor.rest = cut_line(text);
		if (!read_words(&cursor))
			return false;
		if (line->count > 0)
			return true;
		if (line->has_body)
			return bad(&cursor, "a body without a step");
	}
	return false;
}

/* ---- the whole ---- */

/** Does a line behind step @at say what its answer must be? */
static bool
is_judged(const struct script *script, size_t at)
{
	for (size_t i = at + 1; i < script->count; i++) {
		if (script->steps[i].verb->flags & VERB_JUDGES)
			return true;
		if (!(script->steps[i].verb->flags & VERB_EXPECTS))
			return false;
	}
	return false;
}

static struct step *
step_add(struct script *script, size_t *room)
{
	struct step *more;

	if (script->count == *room) {
		*room = *room == 0 ? 64 : *room * 2;
		more = arena_take(script->arena, *room * sizeof(*more));
		if (script->count > 0)
			memcpy(more, script->steps, script->count * sizeof(*more));
		script->steps = more;
	}
	script->steps[script->count] = (struct step){ 0 };
	return &script->steps[script->count++];
}

enum rh_err
script_read(struct str text, const char *name, const struct verb *verbs, struct script *script,
        struct fault *fault)
{
	int number = 0;
	size_t room = 0;
	struct line line;

	*script = (struct script){ .arena = arena_new(65536), .verbs = verbs };
	script->name = arena_cstr(script->arena, str_of(name));
	script->folder = folder_of(script->name, script->arena);
	*fault = (struct fault){ 0 };
	while (line_next(&text, &number, script->arena, script->folder, &line, fault)) {
		struct step *step = step_add(script, &room);

		step->line = line;
		if (grammar_match(verbs, step, fault) != RH_OK)
			return fault->err;
	}
	for (size_t i = 0; i < script->count; i++)
		script->steps[i].judged = is_judged(script, i);
	return fault->err == RH_OK ? script_check(script, fault) : fault->err;
}

void
script_free(struct script *script)
{
	arena_free(script->arena);
}
