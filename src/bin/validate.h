/* validate: what the files of `roamhubctl validate` share. Documents are read, their classes
 * settled, their objects checked, and what was found is reported. */
#pragma once

#include "ctl.h"
#include "roamhub/schema.h"

/** One JSON text: a file, or a line of one. */
struct document {
	struct document *next;
	const char *file; /* as it was named, or found in a folder */
	size_t line;      /* of a file of lines, from 1; 0: the whole file */
	struct json_doc doc;
	const char *why; /* no JSON: the reason; NULL: it is */
	size_t why_line;
	uint32_t body; /* the object or the list: the root, or `data` of an envelope */
	bool envelope; /* an OCPI response: its own members are checked, too */
	bool guessed;
	const struct ocpi_class *class; /* NULL: any, there are no objects */
};

/* ---- validate_read.c ---- */

struct reading {
	struct arena *arena;
	struct document *first, **end;
	size_t count;
	bool failed; /* something could not be read, and that was said */
};
/** Read @name into documents: a file, a folder with all *.json, *.jsonl and *.ndjson below, "-". */
void validate_read(struct reading *reading, const char *name);

/* ---- validate_class.c ---- */

struct choice {                         /* what the options say */
	const struct ocpi_class *class; /* NULL: to be guessed for each document */
	unsigned flags;                 /* of ocpi_check() */
};
/** False when the options make no sense; the reason was printed. */
bool validate_choose(const struct ctl *ctl, struct choice *choice);
/** Fill body, envelope and class of @document; false when nobody can tell its class, which was
 * printed. */
bool validate_settle(const struct choice *choice, struct document *document);

/* ---- validate_report.c ---- */

struct finding {
	const struct document *document;
	int64_t index;       /* in the list; -1: in none */
	const char *class;   /* of the checked object; NULL: none, the text is no JSON */
	const char *field;   /* JSON pointer from the document's root */
	size_t object_bytes; /* of @field: what leads to the object */
	const char *found, *expected;
	const char *spec; /* row or section of the specification; NULL: none */
	const char *rule; /* name of the rule of --sense; NULL: the tables' own */
};
struct field_count {
	const char *class, *pattern; /* the pointer with an asterisk for each index */
	size_t count;
};
struct report {
	const struct ctl *ctl;
	struct buf rows; /* --json: the array */
	struct field_count *fields;
	size_t field_count, field_room;
	size_t objects, invalid, faults;
};
void report_begin(struct report *report, const struct ctl *ctl);
void report_finding(struct report *report, const struct finding *finding);
void report_tolerated(const struct report *report, const struct finding *finding);
void report_more(const struct report *report, const struct document *document, size_t more);
void report_no_json(struct report *report, const struct document *document);
/** The end of the output; @documents is how many there were, @last the only one of one. */
void report_end(const struct report *report, size_t documents, const struct document *last);
