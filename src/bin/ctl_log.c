/* ctl_log: traces of messages for people: each message with its legs below it, in time order. */
#include <string.h>

#include "ctl.h"

static const char *
or_dash(const char *text)
{
	return text != NULL ? text : "-";
}

/** "830 us", "12.4 ms", "3.2 s" */
static const char *
time_text(const struct ctl *ctl, int64_t us)
{
	if (us < 1000)
		return arena_printf(ctl->arena, "%lld us", (long long)us).p;
	if (us < 1000000)
		return arena_printf(ctl->arena, "%.1f ms", (double)us / 1e3).p;
	return arena_printf(ctl->arena, "%.2f s", (double)us / 1e6).p;
}

/** "HTTP 200, OCPI 1000"; red when either says no. */
static const char *
status_text(const struct ctl *ctl, struct val leg)
{
	int64_t http = val_number(leg, "http"), ocpi = val_number(leg, "ocpi");
	bool good = http >= 200 && http < 300 && (ocpi == 0 || ocpi / 1000 == 1);
	struct buf text = { .arena = ctl->arena };

	if (http == 0)
		return ctl_paint(ctl, or_dash(val_text(ctl, leg, "result")), RED);
	buf_printf(&text, "HTTP %lld", (long long)http);
	if (ocpi != 0)
		buf_printf(&text, ", OCPI %lld", (long long)ocpi);
	return ctl_paint(ctl, text.p, good ? GREEN : RED);
}

static void
note(const struct ctl *ctl, struct val leg, const char *key, const char *label)
{
	const char *text = val_text(ctl, leg, key);

	if (text != NULL && text[0] != '\0')
		(void)printf("      %-10s %s\n", label, text);
}

static void
print_steps(const struct ctl *ctl, struct val leg)
{
	struct buf text = { .arena = ctl->arena };
	struct val step = { 0 };
	const char *name;
	int64_t us;

	while (val_member(ctl, val_get(leg, "steps_us"), &step, &name))
		if (val_integer(step, &us))
			buf_printf(&text, "%s%s %s", text.len > 0 ? ", " : "", name,
			        time_text(ctl, us));
	if (text.len > 0)
		(void)printf("      %-10s %s\n", "steps", text.p);
}

static void
print_error(const struct ctl *ctl, struct val leg)
{
	const char *error = val_text(ctl, leg, "error"), *field = val_text(ctl, leg, "field");
	const char *why = val_text(ctl, leg, "why");
	bool has_field = field != NULL && field[0] != '\0', has_why = why != NULL && why[0] != '\0';

	if (error == NULL && !has_why)
		return;
	(void)printf("      %-10s %s%s%s%s%s\n", "error",
	        error != NULL ? ctl_paint(ctl, error, RED) : "",
	        error != NULL && (has_field || has_why) ? ": " : "", has_field ? field : "",
	        has_field && has_why ? ": " : "", has_why ? why : "");
}

/* A flow of "refused" needs no word beside its error. */
static void
print_flow(const struct ctl *ctl, struct val leg)
{
	const char *flow = val_text(ctl, leg, "flow"), *reason = val_text(ctl, leg, "reason");

	if (flow == NULL)
		return;
	(void)printf("      %-10s %s%s%s\n", "flow", flow,
	        reason != NULL && reason[0] != '\0' ? ": " : "", reason != NULL ? reason : "");
}

/* A push stands for itself: from the hub, to one party, of one change. */
static void
print_push(const struct ctl *ctl, struct val leg)
{
	bool answered = val_number(leg, "http") != 0;

	(void)printf("  %-9s  %s %s  %s in %s\n", "push", or_dash(val_text(ctl, leg, "method")),
	        or_dash(val_text(ctl, leg, "path")),
	        answered ? status_text(ctl, leg) : ctl_paint(ctl, "no answer", RED),
	        time_text(ctl, val_number(leg, "us")));
	(void)printf("      %-10s %s, request id %s\n", "to", or_dash(val_text(ctl, leg, "to")),
	        or_dash(val_text(ctl, leg, "request_id")));
	(void)printf("      %-10s %s, change %lld\n", "object",
	        or_dash(val_text(ctl, leg, "object")), (long long)val_number(leg, "change"));
	note(ctl, leg, "body", "body");
	note(ctl, leg, "answer", "answer");
	print_error(ctl, leg);
}

static bool
is_push(const struct ctl *ctl, struct val leg)
{
	const char *side = val_text(ctl, leg, "leg");

	return side != NULL && strcmp(side, "push") == 0;
}

static void
print_leg(const struct ctl *ctl, struct val leg)
{
	const char *side = val_text(ctl, leg, "leg"), *origin = val_text(ctl, leg, "origin");

	(void)printf("  %-9s  %s %s%s  %s in %s\n", or_dash(side),
	        or_dash(val_text(ctl, leg, "method")), origin != NULL ? origin : "",
	        or_dash(val_text(ctl, leg, "path")), status_text(ctl, leg),
	        time_text(ctl, val_number(leg, "us")));
	(void)printf("      %-10s %s, request id %s\n", "platform",
	        or_dash(val_text(ctl, leg, "name")), or_dash(val_text(ctl, leg, "request_id")));
	print_flow(ctl, leg);
	if (origin == NULL)
		note(ctl, leg, "object", "object");
	note(ctl, leg, "inferred", "inferred");
	note(ctl, leg, "answers", "answers");
	note(ctl, leg, "rewritten", "rewritten");
	note(ctl, leg, "dropped", "dropped");
	if (val_number(leg, "faults_let_through") > 0)
		(void)printf("      %-10s %lld faults let through\n", "checked",
		        (long long)val_number(leg, "faults_let_through"));
	note(ctl, leg, "redirected_from", "redirected");
	note(ctl, leg, "said", "said");
	note(ctl, leg, "body", "body");
	note(ctl, leg, "answer", "answer");
	print_error(ctl, leg);
	print_steps(ctl, leg);
	if (val_number(leg, "sent_us") > 0)
		(void)printf("      %-10s after %s\n", "sent",
		        time_text(ctl, val_number(leg, "sent_us")));
}

/* ---- messages: the legs with one correlation id, in the order of their first leg ---- */

struct row {
	struct val leg;
	const char *id;
	struct row *next; /* of the same message */
	bool later;       /* not its first */
};

static const char *
id_of(const struct ctl *ctl, struct val leg)
{
	const char *id = val_text(ctl, leg, "correlation_id");

	return id != NULL ? id : "-";
}

static struct row *
read_rows(const struct ctl *ctl, struct val answer, size_t count)
{
	struct row *rows = arena_alloc(ctl->arena, (count + 1) * sizeof *rows), *last;
	struct table *messages = table_new(count);
	struct val leg = { 0 };

	for (struct row *row = rows; val_each(answer, &leg); row++) {
		row->leg = leg;
		row->id = id_of(ctl, leg);
		last = table_put(messages, str_of(row->id), row);
		if (last != NULL) {
			last->next = row;
			row->later = true;
		}
	}
	table_free(messages);
	return rows;
}

/** Of the object, where the leg does not say it. */
static const char *
module_of(const struct ctl *ctl, struct val leg)
{
	const char *module = val_text(ctl, leg, "module"), *object = val_text(ctl, leg, "object");
	struct str rest = str_of(object);

	return module == NULL && object != NULL ? arena_cstr(ctl->arena, str_cut(&rest, '/'))
	                                        : or_dash(module);
}

static void
print_head(const struct ctl *ctl, const struct row *row)
{
	const char *head = arena_printf(ctl->arena, "%s  %s -> %s  %s",
	        or_dash(val_text(ctl, row->leg, "at")), or_dash(val_text(ctl, row->leg, "from")),
	        or_dash(val_text(ctl, row->leg, "to")), module_of(ctl, row->leg))
	                           .p;

	(void)printf("%s  correlation id %s\n", ctl_paint(ctl, head, BOLD), row->id);
}

/* Of everybody's, in the time that was asked for: what is not listed may just not be kept. */
static void
print_sample(const struct ctl *ctl, struct val sample)
{
	int64_t kept = val_number(sample, "kept"), dropped = val_number(sample, "left_out");
	struct buf text = { .arena = ctl->arena };

	if (dropped == 0)
		return;
	buf_printf(&text, "a sample: %lld of %lld legs of this time were kept (trace.max_rate)",
	        (long long)kept, (long long)(kept + dropped));
	(void)printf("\n%s\n", ctl_paint(ctl, text.p, YELLOW));
}

void
ctl_print_log(const struct ctl *ctl, struct val answer)
{
	struct val list = val_get(answer, "rows");
	size_t count = val_count(list);
	const struct row *rows = read_rows(ctl, list, count);

	if (count == 0)
		(void)puts("no message found");
	for (const struct row *first = rows; first < rows + count; first++) {
		if (first->later)
			continue;
		if (first > rows)
			(void)putchar('\n');
		print_head(ctl, first);
		for (const struct row *row = first; row != NULL; row = row->next) {
			if (is_push(ctl, row->leg))
				print_push(ctl, row->leg);
			else
				print_leg(ctl, row->leg);
		}
	}
	print_sample(ctl, val_get(answer, "sample"));
	if (val_text(ctl, answer, "next_cursor") != NULL)
		(void)printf("\nthere are older ones: --cursor %s\n",
		        val_text(ctl, answer, "next_cursor"));
}
