/* schema: the OCPI 2.2.1 data model as data, one interpreter that checks a body against it, one
 * generator.
 *
 * A class is a table that can be held beside its page of the specification: same order, same names.
 * The tables are const and complete at compile time; src/ocpi knows none of them but those of the
 * configuration modules. */
#pragma once

#include "ocpi.h"

/* ---- tables ---- */

enum ocpi_card { ONE, OPT, SOME, MANY }; /* the specification's 1 ? + * (TYP-015) */

enum ocpi_kind {
	KIND_ANY,      /* any JSON value */
	KIND_CISTRING, /* printable ASCII (TYP-001) */
	KIND_STRING,   /* UTF-8 without control characters (TYP-002) */
	KIND_URL,      /* string(255) with a scheme (TYP-011) */
	KIND_DATETIME, /* what ocpi_datetime_parse() accepts */
	KIND_ENUM,
	KIND_INT,    /* an integral JSON number (TYP-010) */
	KIND_NUMBER, /* a JSON number (TYP-009) */
	KIND_BOOL,
	KIND_OBJECT
};

enum {
	ENUM_OPEN = 1
}; /* values that the list does not name are fine: versions to come, modules by agreement */
enum { OCPI_VALUE_SIZE = 36 }; /* the longest value of an enum and a NUL */
struct ocpi_enum {
	const char *name;
	/* Values stand in place, as the names of fields do; the last one is empty. */
	const char (*values)[OCPI_VALUE_SIZE];    /* in the specification's order */
	const char (*tolerated)[OCPI_VALUE_SIZE]; /* accepted with a warning (TRP-06); may be NULL
	                                           */
	unsigned flags;
};

/** A form that a text must have beside its length (schema_forms.c). */
struct ocpi_form {
	const char *expected; /* for people: "latitude as -?[0-9]{1,2}\.[0-9]{5,7}" */
	bool (*ok)(struct str text);
	const char *const *good; /* examples for generator and tests, NULL-terminated */
	const char *const *bad;
};

enum ocpi_field_flags {
	FIELD_STAMP = 1 << 0, /* required in a PATCH: last_updated */
	FIELD_KEY = 1 << 1,   /* required in an element that a PATCH merges by key */
	FIELD_MERGED =
	        1
	        << 2, /* a list whose elements a PATCH merges by key: evses, connectors (LOC-011) */
	FIELD_CALLABLE = 1 << 3, /* a URL that the hub calls: absolute http or https with a host */
	FIELD_RANGE = 1 << 4,    /* least and most are set */
	FIELD_SECRET = 1 << 5,   /* no message shows what was found */
	FIELD_APPENDED = 1 << 6  /* a list that a PATCH appends to: charging_periods (SES-007) */
};
enum { OCPI_NAME_SIZE = 32 }; /* the longest name of a field and a NUL */
struct ocpi_field {
	char name[OCPI_NAME_SIZE]; /* in place: a key is compared with many rows */
	enum ocpi_card card;
	enum ocpi_kind kind;
	uint16_t max; /* as the specification says: characters, digits of an int; 0: nothing said */
	uint16_t accept;  /* the longer limit that is accepted (TRP-32); 0: max */
	uint8_t decimals; /* at most this many fractional digits (CHP-017); 0: any */
	uint8_t flags;
	int64_t least, most;             /* with FIELD_RANGE, both included */
	const struct ocpi_class *object; /* KIND_OBJECT */
	const struct ocpi_enum *values;  /* KIND_ENUM */
	const struct ocpi_form *form;
};

/** Rules between the fields of one object. A rule is skipped when a field that it names is at fault
 * itself. */
enum ocpi_rule_kind {
	RULE_NEEDS = 1,  /* @field is there: @other must be too */
	RULE_ANY_OF,     /* one of @field, @other, @third must be there */
	RULE_NEEDED_IF,  /* @field must have content when @other is @value */
	RULE_ONLY_IF,    /* @field may have content only when @other is @value */
	RULE_MAX_UNLESS, /* @field has at most @max characters unless @other is @value */
	RULE_BEHIND,     /* the text of @field sorts behind that of @other */
	RULE_UNIQUE,     /* no two elements of the list @field have the same @third, in any case */
	RULE_AMONG_IF    /* the @third of each element of @field is one of @among when object @other
	                    has a @value */
};
struct ocpi_rule {
	enum ocpi_rule_kind kind;
	const char *field, *other, *third;
	const char *value; /* content of a string, or true or false; RULE_AMONG_IF: a member of
	                      @other */
	size_t max;
	const struct ocpi_enum *among;
	const char *spec; /* row of the requirements: "LOC-018" */
};

enum { OCPI_MAX_FIELDS = 32 };
struct ocpi_class {
	const char *name;
	const struct ocpi_field *fields; /* ends with a row whose name is empty */
	const struct ocpi_rule *rules;   /* ends with kind 0; NULL: none */
	const struct ocpi_enum *text;    /* not an object: a bare string of this enum (SES-004) */
	const char *spec;                /* its section: "mod_locations_evse_object" */
};

/* Every class and enum of the model, NULL-terminated (modules/classes.c): for bin, census and
 * generator. */
extern const struct ocpi_class *const ocpi_classes[];
extern const struct ocpi_enum *const ocpi_enums[];
const struct ocpi_class *ocpi_class_find(
        const struct ocpi_class *const *classes, struct str name); /* any case */

/* What the hub itself speaks (schema_config.c). */
extern const struct ocpi_class ocpi_class_response, ocpi_class_version, ocpi_class_version_details,
        ocpi_class_endpoint, ocpi_class_credentials, ocpi_class_credentials_role,
        ocpi_class_business_details, ocpi_class_image, ocpi_class_client_info;
extern const struct ocpi_enum ocpi_enum_role, ocpi_enum_interface_role, ocpi_enum_version_number,
        ocpi_enum_module_id, ocpi_enum_connection_status, ocpi_enum_image_category;

/* ---- checking (schema.c) ---- */

enum ocpi_flaw_kind {
	FLAW_MISSING,
	FLAW_NULL,
	FLAW_TYPE,
	FLAW_EMPTY,    /* text or list without content where content is due */
	FLAW_TOO_LONG, /* characters, or digits of an int */
	FLAW_CHARACTER,
	FLAW_FORM,
	FLAW_VALUE, /* not in the enum */
	FLAW_RANGE,
	FLAW_DECIMALS,
	FLAW_RULE
};
struct ocpi_flaw {
	enum ocpi_flaw_kind kind;
	uint32_t node;     /* at fault, or the object that lacks a member */
	const char *lacks; /* name of that member; NULL: none */
	const struct ocpi_field
	        *field; /* that the value belongs to; NULL: the checked value itself */
	const struct ocpi_class *class; /* without a field: what was expected */
	const struct ocpi_rule *rule;   /* FLAW_RULE */
	bool hidden;                    /* what stands there is a secret: it is not told */
};
enum { OCPI_MAX_FLAWS = 64, OCPI_MAX_WARNINGS = 16 };
struct ocpi_flaws {
	size_t count, warnings; /* all that were found; the arrays hold the first ones */
	struct ocpi_flaw list[OCPI_MAX_FLAWS];
	struct ocpi_flaw
	        warning[OCPI_MAX_WARNINGS]; /* tolerated: relayed, counted, never refused */
};
enum ocpi_check_flags {
	CHECK_PARTIAL = 1 << 0, /* PATCH: what is there is checked, last_updated must be there, null
	                           is like absent where nothing is due */
	CHECK_ANY_ENUM = 1 << 1,   /* unknown enum values are warnings (lenient, TRP-60) */
	CHECK_ANY_OFFSET = 1 << 3, /* a DateTime with an offset is a warning (TYP-005) */
	CHECK_LIST = 1 << 2        /* a list of the class: each element is checked */
};
/**
 * Check the value at @node of @doc against @class, unknown fields pass. One pass, nothing is
 * allocated; the recursion is as deep as the tables are nested. Returns true when there is no fault
 * (warnings do not count).
 *
 * @flaws  overwritten, need not be zeroed
 */
bool ocpi_check(const struct json_doc *doc, uint32_t node, const struct ocpi_class *class,
        unsigned flags, struct ocpi_flaws *flaws);

/** The class that @flaw of a value of @root is in; @root when that cannot be told. */
const struct ocpi_class *ocpi_flaw_class(
        const struct ocpi_flaw *flaw, const struct ocpi_class *root);

struct ocpi_flaw_text {
	char pointer[192]; /* JSON pointer from the document's root */
	char found[80];    /* as it stands, cut; or "nothing" */
	char expected[224];
};
void ocpi_flaw_text(
        const struct json_doc *doc, const struct ocpi_flaw *flaw, struct ocpi_flaw_text *out);
/** Fill @fault with the first flaw ("/evses/0/status" - found "X", expected ...; and how many
 * more); returns RH_BAD_FIELD. */
enum rh_err ocpi_flaws_fault(
        const struct json_doc *doc, const struct ocpi_flaws *flaws, struct fault *fault);
/** [{"field":"/evses/0/status","found":"\"X\"","expected":"..."},...]: the `data` of a strict
 * refusal. */
void ocpi_flaws_json(const struct json_doc *doc, const struct ocpi_flaws *flaws, struct buf *out);

/* ---- generating (generate.c): the same @seed gives the same bytes ---- */

enum ocpi_generate_flags {
	GENERATE_ALL = 1,
	GENERATE_LEAST = 2
}; /* all optional fields, none of them */
/** A valid object of @class. Over the seeds every optional field comes and goes and every enum
 * value is used. */
void ocpi_generate(const struct ocpi_class *class, uint64_t seed, struct buf *out);
void ocpi_generate_with(
        const struct ocpi_class *class, uint64_t seed, unsigned flags, struct buf *out);
/** An object with exactly one fault, of what kind and where is in @broken. */
struct ocpi_broken {
	char pointer[192];
	const char *how; /* "null", "too long by one", ... */
};
void ocpi_generate_broken(
        const struct ocpi_class *class, uint64_t seed, struct buf *out, struct ocpi_broken *broken);
/** The same for the @n-th mutation of the valid object @doc of @class; false when it has not so
 * many. */
bool ocpi_mutate(const struct json_doc *doc, const struct ocpi_class *class, size_t n,
        struct buf *out, struct ocpi_broken *broken);
