/* compare: a value that came, held against the word that a scenario expects. */
#include "story.h"

#include <regex.h>
#include <string.h>

json_t *
json_at(json_t *json, struct str pointer)
{
	uint64_t index;

	if (pointer.len > 0 && pointer.p[0] == '/')
		pointer = str_from(pointer, 1);
	else if (pointer.len == 0)
		return json;
	while (json != NULL && pointer.p != NULL) {
		struct str name = str_cut(&pointer, '/');
		char key[256] = { 0 };
		size_t len = 0;

		for (size_t i = 0; i < name.len && len < sizeof(key) - 1; i++) {
			char c = name.p[i];

			if (c == '~' && i + 1 < name.len)
				c = name.p[++i] == '1' ? '/' : '~';
			key[len++] = c;
		}
		if (json_is_array(json))
			json = str_to_u64(name, SIZE_MAX, &index)
			               ? json_array_get(json, (size_t)index)
			               : NULL;
		else
			json = json_object_get(json, key);
	}
	return json;
}

static bool
regex_meets(struct story *story, struct str value, struct str pattern)
{
	regex_t regex;
	bool meets;

	if (regcomp(&regex, arena_cstr(story->arena, pattern), REG_EXTENDED | REG_NOSUB) != 0) {
		story_fail(story, "expected a regular expression, got '%.*s'", STR_ARG(pattern));
		return false;
	}
	meets = regexec(&regex, arena_cstr(story->arena, value), 0, NULL, 0) == 0;
	regfree(&regex);
	return meets;
}

/** Forms that text and JSON share. True when @word was one of them, with the verdict in *@meets. */
static bool
common_form(struct story *story, bool there, struct str value, const struct word *word,
        struct str filled, bool *meets)
{
	if (word == NULL || word->quote == '\'')
		return false;
	if (str_starts(word->text, "~"))
		*meets = there && regex_meets(story, value, str_from(filled, 1));
	else if (word->quote == 0 &&
	         (str_is(word->text, "absent") || str_is(word->text, "present")))
		*meets = there == str_is(word->text, "present");
	else
		return false;
	return true;
}

bool
text_meets(struct story *story, struct str value, const struct word *word, struct str filled)
{
	bool meets;

	if (common_form(story, value.p != NULL, value, word, filled, &meets))
		return meets;
	return value.p != NULL && str_eq(value, filled);
}

static size_t
json_size(const json_t *value)
{
	return json_is_array(value) ? json_array_size(value) : json_object_size(value);
}

/** Equal as values: 1 and 1.0 are, and members may stand in any order. */
static bool
json_same(const json_t *value, const json_t *expected)
{
	if (json_is_number(value) && json_is_number(expected))
		return json_number_value(value) == json_number_value(expected);
	return json_equal(value, expected) == 1;
}

bool
value_meets(struct story *story, const json_t *value, const struct word *word, struct str filled)
{
	struct str text = { 0 };
	json_t *expected;
	uint64_t size;
	bool meets;

	if (json_is_string(value))
		text = (struct str){ json_string_value(value), json_string_length(value) };
	else if (value != NULL)
		text = json_text(value, story->arena);
	if (common_form(story, value != NULL, text, word, filled, &meets))
		return meets;
	if (word != NULL && word->quote == 0 && str_starts(word->text, "size:") &&
	        str_to_u64(str_from(filled, 5), SIZE_MAX, &size))
		return value != NULL && json_size(value) == size;
	if (json_is_string(value) && str_eq(text, filled))
		return true;
	if (word != NULL && word->quote != 0)
		return false;
	expected = tree_read_any(filled);
	meets = expected != NULL && value != NULL && json_same(value, expected);
	json_decref(expected);
	return meets;
}
