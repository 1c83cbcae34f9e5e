/* bodies: the objects of a test party, as small as their classes allow, and where they are sent.
 *
 * Each carries an id that begins with ROAMHUB-CHECK, for people to find what could not be taken
 * back. */
#include "survey.h"

#include <string.h>

enum { RESERVED_MS = 5 * 60 * 1000 };

/* $C $P: the test party, $c $p: whom it is sent to, $I: the id, $T: now, $E: some minutes later,
 * $L: a location of the platform, $U: response_url. */
#define OWNER "\"country_code\":\"$C\",\"party_id\":\"$P\","
#define STAMP ",\"last_updated\":\"$T\"}"
#define TOKEN_OF_RECEIVER                                                                     \
	"\"cdr_token\":{\"country_code\":\"$c\",\"party_id\":\"$p\",\"uid\":\"$I\",\"type\":" \
	"\"OTHER\","                                                                          \
	"\"contract_id\":\"$I\"},\"auth_method\":\"WHITELIST\","
#define PLACE                                                                    \
	"\"address\":\"Test "                                                    \
	"1\",\"city\":\"Berlin\",\"postal_code\":\"10115\",\"country\":\"DEU\"," \
	"\"coordinates\":{\"latitude\":\"52.520008\",\"longitude\":\"13.404954\"},"
#define TOKEN                                                                                     \
	"{" OWNER "\"uid\":\"$I\",\"type\":\"OTHER\",\"contract_id\":\"$I\",\"issuer\":\"Test\"," \
	"\"valid\":true,\"whitelist\":\"NEVER\"" STAMP
#define CDR                                                                                       \
	"\"start_date_time\":\"$T\",\"end_date_time\":\"$T\",\"session_id\":\"$"                  \
	"I\"," TOKEN_OF_RECEIVER "\"cdr_location\":{\"id\":\"$I\"," PLACE                         \
	"\"evse_uid\":\"$I-E\",\"evse_id\":\"$C*$P*E1\","                                         \
	"\"connector_id\":\"1\",\"connector_standard\":\"IEC_62196_T2\","                         \
	"\"connector_format\":\"SOCKET\",\"connector_power_type\":\"AC_3_PHASE\"},"               \
	"\"currency\":\"EUR\",\"charging_periods\":[{\"start_date_time\":\"$T\",\"dimensions\":[" \
	"{\"type\":\"ENERGY\",\"volume\":1.5}]}],\"total_energy\":1.5,\"total_time\":0.1,"

static const struct {
	const char *module;
	enum survey_ask ask;
	const char *method, *path, *body;
} rows[] = {
	{ "locations", ASK_PUT, "PUT", "$C/$P/$I",
	        "{" OWNER "\"id\":\"$I\",\"publish\":false,\"name\":\"Test\"," PLACE
	        "\"evses\":[{\"uid\":\"$I-E\",\"status\":\"AVAILABLE\",\"connectors\":[{\"id\":"
	        "\"1\",\"standard\":\"IEC_62196_T2\",\"format\":\"SOCKET\",\"power_type\":"
	        "\"AC_3_PHASE\",\"max_voltage\":230,\"max_amperage\":16" STAMP "]" STAMP
	        "],\"time_zone\":\"Europe/Berlin\"" STAMP },
	{ "locations", ASK_PATCH, "PATCH", "$C/$P/$I/$I-E", "{\"status\":\"BLOCKED\"" STAMP },
	{ "locations", ASK_TAKE_BACK, "PATCH", "$C/$P/$I/$I-E", "{\"status\":\"REMOVED\"" STAMP },
	{ "tariffs", ASK_PUT, "PUT", "$C/$P/$I",
	        "{" OWNER "\"id\":\"$I\",\"currency\":\"EUR\",\"elements\":[{\"price_components\":["
	        "{\"type\":\"ENERGY\",\"price\":0.25,\"step_size\":1}]}]" STAMP },
	{ "tariffs", ASK_TAKE_BACK, "DELETE", "$C/$P/$I", NULL },
	{ "sessions", ASK_PUT, "PUT", "$C/$P/$I",
	        "{" OWNER "\"id\":\"$I\",\"start_date_time\":\"$T\",\"kwh\":0," TOKEN_OF_RECEIVER
	        "\"location_id\":\"$I\",\"evse_uid\":\"$I-E\",\"connector_id\":\"1\",\"currency\":"
	        "\"EUR\",\"status\":\"ACTIVE\"" STAMP },
	{ "sessions", ASK_PATCH, "PATCH", "$C/$P/$I", "{\"kwh\":1.5" STAMP },
	{ "sessions", ASK_TAKE_BACK, "PATCH", "$C/$P/$I", "{\"status\":\"INVALID\"" STAMP },
	{ "tokens", ASK_PUT, "PUT", "$C/$P/$I?type=OTHER", TOKEN },
	{ "tokens", ASK_PATCH, "PATCH", "$C/$P/$I?type=OTHER",
	        "{\"visual_number\":\"TEST\"" STAMP },
	{ "tokens", ASK_TAKE_BACK, "PATCH", "$C/$P/$I?type=OTHER", "{\"valid\":false" STAMP },
	{ "tokens", ASK_AUTHORIZE_UNKNOWN, "POST", "$I/authorize?type=OTHER", NULL },
	{ "cdrs", ASK_POST, "POST", "",
	        "{" OWNER "\"id\":\"$I\"," CDR "\"total_cost\":{\"excl_vat\":0.5}" STAMP },
	{ "cdrs", ASK_TAKE_BACK, "POST", "",
	        "{" OWNER "\"id\":\"$I-CR\",\"credit\":true,\"credit_reference_id\":\"$I\"," CDR
	        "\"total_cost\":{\"excl_vat\":-0.5}" STAMP },
	{ "commands", ASK_COMMAND, "POST", "RESERVE_NOW",
	        "{\"response_url\":\"$U\",\"token\":" TOKEN ",\"expiry_date\":\"$E\","
	        "\"reservation_id\":\"$I\",\"location_id\":\"$L\"}" },
	{ "commands", ASK_TAKE_BACK, "POST", "CANCEL_RESERVATION",
	        "{\"response_url\":\"$U\",\"reservation_id\":\"$I\"}" },
};

/* What is read back stands where it was written. */
static enum survey_ask
as_written(enum survey_ask ask)
{
	switch (ask) {
	case ASK_PUT_OWNER:
	case ASK_GET_BACK:
		return ASK_PUT;
	case ASK_GET_PATCHED:
		return ASK_PATCH;
	default:
		return ask;
	}
}

static size_t
row_of(const struct survey_step *step)
{
	size_t i = 0;

	while (i < COUNT(rows) && (strcmp(rows[i].module, step->module->id) != 0 ||
	                                  rows[i].ask != as_written(step->ask)))
		i++;
	return i;
}

static void
add_time(struct buf *out, int64_t wall_ms)
{
	char stamp[OCPI_DATETIME_LEN + 1];

	ocpi_datetime_print(wall_ms, stamp);
	buf_add(out, str_of(stamp));
}

/* What is a partner's own is quoted, and stands between the quotes of the template. */
static void
add_quoted(struct buf *out, struct str text)
{
	struct buf quoted = { .arena = out->arena };

	json_quote(&quoted, text);
	buf_add(out, (struct str){ quoted.p + 1, quoted.len - 2 });
}

static void
add_value(struct buf *out, const struct survey *survey, const struct survey_step *step, char what)
{
	switch (what) {
	case 'C':
		buf_add(out, str_of(survey->as.country));
		break;
	case 'P':
		buf_add(out, str_of(survey->as.party));
		break;
	case 'c':
		buf_add(out, str_of(step->to.country));
		break;
	case 'p':
		buf_add(out, str_of(step->to.party));
		break;
	case 'I':
		buf_add(out, survey->id);
		break;
	case 'T':
		buf_add(out, survey->wrote);
		break;
	case 'E':
		add_time(out, rh_wall_ms() + RESERVED_MS);
		break;
	case 'L':
		add_quoted(out, survey->location_id);
		break;
	default:
		buf_add(out, survey->response_url);
		break;
	}
}

static struct str
fill(const struct survey *survey, const struct survey_step *step, const char *template,
        struct arena *arena)
{
	struct buf out = { .arena = arena };

	buf_add(&out, STR(""));
	for (const char *at = template; *at != '\0'; at++)
		if (*at == '$')
			add_value(&out, survey, step, *++at);
		else
			buf_addc(&out, *at);
	return buf_str(&out);
}

struct str
survey_path(const struct survey *survey, const struct survey_step *step, struct arena *arena)
{
	size_t row = row_of(step);

	return row < COUNT(rows) ? fill(survey, step, rows[row].path, arena) : STR("");
}

struct str
survey_method(const struct survey_step *step)
{
	size_t row = row_of(step);

	if (row == COUNT(rows) || step->ask == ASK_GET_BACK || step->ask == ASK_GET_PATCHED)
		return STR("GET");
	return str_of(rows[row].method);
}

/* Each is newer than the one before it. */
struct str
survey_body(struct survey *survey, const struct survey_step *step, struct arena *arena)
{
	size_t row = row_of(step);
	struct buf stamp = { .arena = survey->arena };

	if (row == COUNT(rows) || rows[row].body == NULL || str_is(survey_method(step), "GET"))
		return (struct str){ 0 };
	survey->wrote_ms = rh_wall_ms() > survey->wrote_ms ? rh_wall_ms() : survey->wrote_ms + 1;
	add_time(&stamp, survey->wrote_ms);
	survey->wrote = buf_str(&stamp);
	return fill(survey, step, rows[row].body, arena);
}
