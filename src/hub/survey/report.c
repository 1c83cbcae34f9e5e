/* report: what came of each rule, and what would cure it, as JSON: kept with the platform, shown,
 * handed over. */
#include "survey.h"

#include <stdio.h>
#include <string.h>

static const char module_word[] = "MODULE";

/* ---- rungs ---- */

void
survey_rungs(struct survey *survey)
{
	size_t count = 0;

	for (size_t i = 0; survey_tables[i] != NULL; i++)
		for (const struct survey_rule *rule = survey_tables[i]; rule->id != NULL; rule++)
			count++;
	survey->rungs = arena_alloc(survey->arena, count * sizeof *survey->rungs);
	for (size_t i = 0; survey_tables[i] != NULL; i++)
		for (const struct survey_rule *rule = survey_tables[i]; rule->id != NULL; rule++)
			survey->rungs[survey->rung_count++].rule = rule;
}

/* ---- cures ---- */

bool
survey_is_set(const struct platform *platform, const char *key, const char *value)
{
	struct arena *arena = arena_new(1024);
	const char *of_profile = registry_profile_value(platform->profile, str_of(key));
	struct str own = { 0 };
	struct json_doc doc;
	bool is_set;

	if (platform->settings.p != NULL &&
	        json_scan(platform->settings, 1000, arena, &doc, NULL) == RH_OK)
		own = json_member_string(&doc, 0, key, arena);
	is_set = own.p != NULL ? str_is(own, value)
	                       : of_profile != NULL && strcmp(of_profile, value) == 0;
	arena_free(arena);
	return is_set;
}

/* `validation=lenient` holds for each module that has none of its own. */
static bool
holds(const struct platform *platform, struct str cure, struct arena *arena)
{
	struct str value = cure, key = str_cut(&value, '='), whole;
	const char *wanted = arena_cstr(arena, value);

	if (survey_is_set(platform, arena_cstr(arena, key), wanted))
		return true;
	whole = str_cut(&key, '.');
	return key.p != NULL && str_is(whole, "validation") &&
	       survey_is_set(platform, "validation", wanted);
}

/* Of a key with a module in it what stands before that. */
static bool
is_known(struct str cure)
{
	for (const struct registry_setting *row = registry_settings; row->key != NULL; row++) {
		const char *module = strstr(row->key, module_word);
		size_t len = module != NULL ? (size_t)(module - row->key) : strlen(row->key);

		if (cure.len > len && memcmp(cure.p, row->key, len) == 0 &&
		        (module != NULL || cure.p[len] == '='))
			return true;
	}
	return false;
}

/* The rule's own, with the module in its place. */
static struct str
cure_of(const struct survey_rung *rung, const struct survey_finding *finding,
        const struct survey_seen *seen)
{
	const char *cure = rung->rule->cure, *at;

	if (finding->cure[0] != '\0')
		return str_of(finding->cure);
	at = cure != NULL ? strstr(cure, module_word) : NULL;
	if (at == NULL)
		return str_of(cure);
	if (seen->module == NULL)
		return (struct str){ 0 };
	return arena_printf(seen->arena, "%.*s%s%s", (int)(at - cure), cure, seen->module->id,
	        at + sizeof module_word - 1);
}

static void
note_cure(struct survey *survey, struct survey_rung *rung, struct str cure,
        const struct survey_seen *seen)
{
	if (cure.p == NULL || !is_known(cure))
		return;
	if (rung->cure.p == NULL)
		rung->cure = arena_str(survey->arena, cure);
	if (holds(seen->platform, cure, seen->arena)) {
		rung->cured = true;
		return;
	}
	for (size_t i = 0; i < survey->cure_count; i++)
		if (str_eq(survey->cures[i], cure))
			return;
	if (survey->cure_count < SURVEY_MOST_CURES)
		survey->cures[survey->cure_count++] = arena_str(survey->arena, cure);
}

/* ---- judging ---- */

static void
note_place(struct survey_rung *rung, const struct survey_seen *seen)
{
	const char *place = seen->module != NULL ? seen->module->id : survey_ask_name(seen->ask);
	size_t len = strlen(rung->places);

	if (seen->module == NULL && seen->ask < ASK_DETAILS)
		place = "versions";
	if (strstr(rung->places, place) == NULL)
		(void)snprintf(rung->places + len, sizeof rung->places - len, "%s%s",
		        len > 0 ? ", " : "", place);
}

static void
judge(struct survey *survey, struct survey_rung *rung, const struct survey_seen *seen)
{
	struct survey_finding finding = { 0 };
	enum survey_verdict verdict = rung->rule->judge(seen, &finding);
	const struct net_call *net = &seen->call->net;

	rung->judged += verdict != SURVEY_SILENT;
	if (verdict != SURVEY_FOUND)
		return;
	if (rung->found++ == 0) {
		rung->first = finding;
		rung->asked = arena_printf(survey->arena, "%.*s %.*s%.*s", STR_ARG(net->method),
		        STR_ARG(net->origin), STR_ARG(net->target));
	}
	note_place(rung, seen);
	note_cure(survey, rung, cure_of(rung, &finding, seen), seen);
}

void
survey_judge(struct survey *survey, const struct survey_seen *seen)
{
	for (size_t i = 0; i < survey->rung_count; i++)
		if ((survey->rungs[i].rule->asks & ASKED(seen->ask)) != 0)
			judge(survey, &survey->rungs[i], seen);
}

/* ---- the report ---- */

static const char *
status_of(const struct survey_rung *rung)
{
	if (rung->found > 0)
		return survey_level_name(rung->rule->level);
	return rung->judged > 0 ? "good" : "not asked";
}

static void
put_rung(struct buf *out, const struct survey_rung *rung)
{
	json_put_object(out, NULL);
	json_put_text(out, "id", str_of(rung->rule->id));
	json_put_text(out, "status", str_of(status_of(rung)));
	json_put_text(out, "expected", str_of(rung->rule->expected));
	json_put_text(out, "spec", str_of(rung->rule->spec));
	json_put_text(out, "rule", str_of(rung->rule->row));
	json_put_number(out, "looked_at", rung->judged);
	if (rung->found > 0) {
		json_put_number(out, "found_in", rung->found);
		json_put_text(out, "found", str_of(rung->first.found));
		json_put_text(out, "asked", rung->asked);
		json_put_text(out, "places", str_of(rung->places));
		json_put_text(out, "cure", rung->cure);
		json_put_bool(out, "cured", rung->cured);
	}
	json_end_object(out);
}

static void
put_counts(struct buf *out, const struct survey *survey)
{
	static const char *const keys[] = { "note_count", "warning_count", "fault_count" };
	int64_t counts[COUNT(keys)] = { 0 };

	for (size_t i = 0; i < survey->rung_count; i++)
		counts[survey->rungs[i].rule->level] += survey->rungs[i].found > 0;
	for (size_t i = 0; i < COUNT(keys); i++)
		json_put_number(out, keys[i], counts[i]);
}

static void
put_head(struct buf *out, const struct survey *survey)
{
	const struct platform *platform =
	        directory_platform(hub_directory(survey->hub), survey->platform);
	const struct ocpi_id *hub = &survey->hub->id;

	json_put_number(out, "platform", survey->platform);
	if (platform != NULL)
		json_put_text(out, "name", platform->name);
	json_put_text(out, "hub",
	        arena_printf(survey->arena, "%s, %s*%s", hub_settings(survey->hub)->name,
	                hub->country, hub->party));
	json_put_time(out, "at", survey->began_wall_ms);
	json_put_text(out, "by", survey->by_itself ? STR("handshake") : STR("operator"));
	json_put_bool(out, "write", survey->write);
	json_put_bool(out, "complete", survey->why[0] == '\0');
	json_put_text(out, "why", str_of(survey->why));
	json_put_number(out, "requests", survey->requests);
	json_put_number(out, "bytes", (int64_t)survey->bytes);
	json_put_number(out, "us", (rh_mono_ms() - survey->began_ms) * 1000);
	json_put_text(out, "server", survey->server);
	put_counts(out, survey);
}

void
survey_report(struct survey *survey, bool applied)
{
	struct buf out = { .arena = survey->arena };

	json_put_object(&out, NULL);
	put_head(&out, survey);
	json_put_list(&out, "cures");
	for (size_t i = 0; i < survey->cure_count; i++)
		json_put_text(&out, NULL, survey->cures[i]);
	json_end_list(&out);
	json_put_bool(&out, "applied", applied);
	if (survey->apply_fault.err != RH_OK)
		json_put_text(&out, "not_applied", str_of(survey->apply_fault.why));
	json_put_raw(&out, "left",
	        arena_printf(survey->arena, "[%.*s]", STR_ARG(buf_str(&survey->left))));
	json_put_list(&out, "rungs");
	for (size_t i = 0; i < survey->rung_count; i++)
		put_rung(&out, &survey->rungs[i]);
	json_end_list(&out);
	json_end_object(&out);
	survey->report = buf_str(&out);
}
