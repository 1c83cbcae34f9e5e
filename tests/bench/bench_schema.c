/* bench_schema: what the door for JSON takes: json_scan() alone, scan and ocpi_check() of a
 * Location, and jansson's parse.
 *
 * The three take turns within one run, so that the machine's mood meets all of them; the median of
 * the turns counts. Usage: bench_schema [SECONDS] */
#include "bench_schema.h"

#include <stdio.h>
#include <stdlib.h>

#include "roamhub/module.h"
#include "roamhub/schema.h"

enum { ROUNDS = 61, MAX_NODES = 4096 };

/* 3 kB as platforms send them: three connectors, opening hours, an operator, letters beyond ASCII.
 */
static const char location[] =
        "{\"country_code\":\"DE\",\"party_id\":\"ABC\",\"id\":\"LOC-0001-BERLIN-MITTE\","
        "\"publish\":true,\"name\""
        ":\"Parkhaus Königstraße\",\"address\":\"Königstraße "
        "12\",\"city\":\"Berlin\",\"postal_code\":\"10178\""
        ",\"country\":\"DEU\",\"coordinates\":{\"latitude\":\"52.520008\",\"longitude\":\"13."
        "404954\"},\"related"
        "_locations\":[{\"latitude\":\"52.520310\",\"longitude\":\"13.405210\",\"name\":{"
        "\"language\":\"de\",\"te"
        "xt\":\"Eingang "
        "Süd\"}}],\"parking_type\":\"PARKING_GARAGE\",\"evses\":[{\"uid\":\"DE*ABC*E000001\",\"e"
        "vse_id\":\"DE*ABC*E000001\",\"status\":\"AVAILABLE\",\"capabilities\":[\"RFID_READER\","
        "\"REMOTE_STAR"
        "T_STOP_CAPABLE\",\"UNLOCK_CAPABLE\"],\"connectors\":[{\"id\":\"1\",\"standard\":\"IEC_"
        "62196_T2\",\"for"
        "mat\":\"SOCKET\",\"power_type\":\"AC_3_PHASE\",\"max_voltage\":400,\"max_amperage\":32,"
        "\"max_electri"
        "c_power\":22000,\"tariff_ids\":[\"DE-ABC-T-11\",\"DE-ABC-T-12\"],\"terms_and_conditions\":"
        "\"https:"
        "//www.chargeco.example/terms/"
        "de\",\"last_updated\":\"2026-11-20T09:14:03Z\"}],\"floor_level\":\""
        "-1\",\"coordinates\":{\"latitude\":\"52.520008\",\"longitude\":\"13.404954\"},\"physical_"
        "reference\":"
        "\"1\",\"last_updated\":\"2026-11-23T07:58:41Z\"},{\"uid\":\"DE*ABC*E000002\",\"evse_id\":"
        "\"DE*ABC*E00"
        "0002\",\"status\":\"CHARGING\",\"capabilities\":[\"RFID_READER\",\"REMOTE_START_STOP_"
        "CAPABLE\",\"UNL"
        "OCK_CAPABLE\"],\"connectors\":[{\"id\":\"1\",\"standard\":\"IEC_62196_T2_COMBO\","
        "\"format\":\"CABLE\",\""
        "power_type\":\"DC\",\"max_voltage\":920,\"max_amperage\":350,\"max_electric_power\":"
        "300000,\"tarif"
        "f_ids\":[\"DE-ABC-T-11\",\"DE-ABC-T-12\"],\"terms_and_conditions\":\"https://"
        "www.chargeco.exampl"
        "e/terms/"
        "de\",\"last_updated\":\"2026-11-20T09:14:03Z\"},{\"id\":\"2\",\"standard\":\"CHADEMO\","
        "\"forma"
        "t\":\"CABLE\",\"power_type\":\"DC\",\"max_voltage\":920,\"max_amperage\":350,\"max_"
        "electric_power\":3"
        "00000,\"tariff_ids\":[\"DE-ABC-T-11\",\"DE-ABC-T-12\"],\"terms_and_conditions\":\"https://"
        "www.cha"
        "rgeco.example/terms/"
        "de\",\"last_updated\":\"2026-11-20T09:14:03Z\"}],\"floor_level\":\"-1\",\"coor"
        "dinates\":{\"latitude\":\"52.520008\",\"longitude\":\"13.404954\"},\"physical_reference\":"
        "\"2\",\"last"
        "_updated\":\"2026-11-23T07:58:41Z\"}],\"directions\":[{\"language\":\"en\",\"text\":"
        "\"Second level b"
        "elow ground, next to the lift\"},{\"language\":\"de\",\"text\":\"Zweites Untergeschoss, "
        "neben de"
        "m Aufzug; nachts über die Rampe an der Südseite\"}],\"operator\":{\"name\":\"Charge "
        "Co\",\"websi"
        "te\":\"https://www.chargeco.example\",\"logo\":{\"url\":\"https://www.chargeco.example/"
        "logo.png\""
        ",\"category\":\"OPERATOR\",\"type\":\"png\",\"width\":512,\"height\":512}},\"facilities\":"
        "[\"PARKING_LO"
        "T\",\"SUPERMARKET\"],\"time_zone\":\"Europe/"
        "Berlin\",\"opening_times\":{\"twentyfourseven\":false,\""
        "regular_hours\":[{\"weekday\":1,\"period_begin\":\"06:00\",\"period_end\":\"23:30\"},{"
        "\"weekday\":2,\""
        "period_begin\":\"06:00\",\"period_end\":\"23:30\"},{\"weekday\":3,\"period_begin\":\"06:"
        "00\",\"period_"
        "end\":\"23:30\"},{\"weekday\":4,\"period_begin\":\"06:00\",\"period_end\":\"23:30\"},{"
        "\"weekday\":5,\"pe"
        "riod_begin\":\"06:00\",\"period_end\":\"23:30\"}]},\"charging_when_closed\":true,\"energy_"
        "mix\":{\"i"
        "s_green_energy\":true,\"energy_sources\":[{\"source\":\"WIND\",\"percentage\":60.5},{"
        "\"source\":\"SO"
        "LAR\",\"percentage\":39.5}],\"supplier_name\":\"Greenpeace Energy "
        "eG\"},\"last_updated\":\"2026-11"
        "-23T07:58:41Z\"}";

struct work {
	struct arena *arena;
	struct str text;
	const struct ocpi_class *class;
};

static void
scan(const struct work *work, struct json_doc *doc)
{
	struct fault fault;

	arena_reset(work->arena);
	if (json_scan(work->text, MAX_NODES, work->arena, doc, &fault) != RH_OK)
		abort();
}

static void
do_scan(const struct work *work)
{
	struct json_doc doc;

	scan(work, &doc);
}

static void
do_check(const struct work *work)
{
	struct ocpi_flaws flaws;
	struct json_doc doc;

	scan(work, &doc);
	if (!ocpi_check(&doc, 0, work->class, 0, &flaws))
		abort();
}

static void
do_jansson(const struct work *work)
{
	jansson_read(work->text);
}

static const struct contender {
	const char *name;
	void (*run)(const struct work *work);
} contenders[] = { { "scan", do_scan }, { "scan+check", do_check }, { "jansson", do_jansson } };
enum { CONTENDERS = COUNT(contenders) };

/** Microseconds for one text, out of turns of @turn_us. */
static double
time_turn(const struct contender *contender, const struct work *work, int64_t turn_us)
{
	int64_t began_us = rh_mono_us(), now_us = began_us;
	size_t done = 0;

	while (now_us - began_us < turn_us) {
		for (size_t i = 0; i < 100; i++)
			contender->run(work);
		done += 100;
		now_us = rh_mono_us();
	}
	return (double)(now_us - began_us) / (double)done;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	double times_us[CONTENDERS][ROUNDS];
	const struct work work = { arena_new(65536), STR(location),
		ocpi_class_find(ocpi_classes, STR("Location")) };
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 6, medians_us[CONTENDERS];
	int64_t turn_us = (int64_t)(seconds * 1e6 / (ROUNDS * CONTENDERS));

	for (size_t round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < CONTENDERS; i++)
			times_us[i][round] = time_turn(&contenders[i], &work, turn_us);
	for (size_t i = 0; i < CONTENDERS; i++) {
		qsort(times_us[i], ROUNDS, sizeof times_us[i][0], compare);
		medians_us[i] = times_us[i][ROUNDS / 2];
	}
	for (size_t i = 0; i < CONTENDERS; i++)
		printf("schema %-10s bytes=%zu us=%.2f mb_per_s=%.0f of_jansson=%.3f\n",
		        contenders[i].name, work.text.len, medians_us[i],
		        (double)work.text.len / medians_us[i],
		        medians_us[i] / medians_us[CONTENDERS - 1]);
	arena_free(work.arena);
	return 0;
}
