/* ctl_tail: what goes on: the events as they come, and the platforms redrawn every two seconds. */
#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "roamhub/tree.h"

#include "ctl_ask.h"

enum { EVERY_S = 2 };

/* ---- tail: Server-Sent Events, a line each ---- */

static int
connect_to(const char *host, const char *port)
{
	struct addrinfo wanted = { .ai_socktype = SOCK_STREAM }, *found;
	int fd = -1;

	if (getaddrinfo(host, port, &wanted, &found) != 0)
		return -1;
	for (const struct addrinfo *at = found; at != NULL && fd < 0; at = at->ai_next) {
		fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0 && connect(fd, at->ai_addr, at->ai_addrlen) != 0) {
			(void)close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

static FILE *
open_hub(struct ctl *ctl)
{
	struct str origin = ctl_origin(ctl);
	char *host = arena_cstr(ctl->arena, str_from(origin, sizeof "http://" - 1));
	char *port = strrchr(host, ':');
	int fd;

	*port++ = '\0';
	if (host[0] == '[') {
		host[strlen(host) - 1] = '\0';
		host++;
	}
	fd = connect_to(host, port);
	if (fd < 0)
		ctl_complain("no hub answers on %.*s: is roamhubd running?", STR_ARG(origin));
	return fd < 0 ? NULL : fdopen(fd, "r+");
}

/* In HTTP/1.0 the answer ends with the connection and has no chunks. */
static bool
ask_stream(struct ctl *ctl, FILE *hub, const struct ctl_request *request)
{
	struct str authorization;

	if (!ctl_authorization(ctl, &authorization))
		return false;
	(void)fprintf(hub,
	        "GET %.*s HTTP/1.0\r\nAuthorization: %.*s\r\nAccept: text/event-stream\r\n\r\n",
	        STR_ARG(request->target), STR_ARG(authorization));
	return fflush(hub) == 0;
}

static bool
read_head(FILE *hub)
{
	char line[4096];
	int status = 0;

	while (fgets(line, sizeof line, hub) != NULL && strcmp(line, "\r\n") != 0)
		if (status == 0 && sscanf(line, "HTTP/1.%*d %d", &status) != 1)
			return false;
	if (status != 200)
		ctl_complain("the hub answered HTTP %d", status);
	return status == 200;
}

static void
print_event(const struct ctl *ctl, const char *type, struct val event)
{
	static const char *const shown[] = { "what", "subject", "name", "who", "from", "to",
		"module", "object", "outcome", "why" };

	(void)printf("%s  %s", val_text(ctl, event, "at"), ctl_paint(ctl, type, BOLD));
	for (size_t i = 0; i < COUNT(shown); i++) {
		const char *text = val_text(ctl, event, shown[i]);

		if (text != NULL && text[0] != '\0')
			(void)printf("  %s=%s", shown[i], text);
	}
	(void)putchar('\n');
}

static void
print_data(const struct ctl *ctl, const char *type, const char *data)
{
	CLEANUP(tree_drop) json_t *event = NULL;

	if (ctl->json) {
		(void)fputs(data, stdout);
	} else {
		event = tree_read(str_of(data), NULL);
		print_event(ctl, type, (struct val){ .node = event });
	}
	(void)fflush(stdout);
}

static void
print_lines(const struct ctl *ctl, FILE *hub)
{
	char *line = NULL, type[64] = "";
	size_t room = 0;

	while (getline(&line, &room, hub) > 0) {
		if (sscanf(line, "event: %63s", type) == 1)
			continue;
		if (strncmp(line, "data: ", 6) == 0)
			print_data(ctl, type, line + 6);
	}
	free(line);
}

int
ctl_tail(struct ctl *ctl, const struct ctl_request *request)
{
	FILE *hub = open_hub(ctl);
	bool begun = hub != NULL && ask_stream(ctl, hub, request) && read_head(hub);

	if (begun)
		print_lines(ctl, hub);
	if (begun)
		ctl_complain("the hub ended the stream");
	if (hub != NULL)
		(void)fclose(hub);
	return CTL_FAILED; /* it has no end of its own */
}

bool
ask_tail(struct ctl *ctl, struct ctl_request *request)
{
	static const char *const names[] = { "types", "platform" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (ctl_option(ctl, names[i]) != NULL)
			ask_query(ctl, request, names[i], ctl_option(ctl, names[i]));
	return true;
}

/* ---- top ---- */

static void
add_row(const struct ctl *ctl, struct ctl_grid *grid, struct val row)
{
	struct val recent = val_get(row, "recent");
	const char *status = val_text(ctl, row, "status");
	bool silent = val_number(recent, "count") == 0;

	ctl_grid_add(
	        grid, arena_printf(ctl->arena, "%lld", (long long)val_number(row, "id")).p, PLAIN);
	ctl_grid_add(grid, val_text(ctl, row, "name"), PLAIN);
	ctl_grid_add(grid, status, ctl_status_colour(status));
	ctl_grid_add(grid, val_text(ctl, row, "since"), PLAIN);
	ctl_grid_add(grid,
	        silent ? NULL : arena_printf(ctl->arena, "%.1f/s", val_real(recent, "rate")).p,
	        PLAIN);
	ctl_grid_add(grid,
	        silent ? NULL
	               : arena_printf(ctl->arena, "%.1f %%", 100 * val_real(recent, "errors")).p,
	        val_number(recent, "failed") > 0 ? YELLOW : PLAIN);
	ctl_grid_add(grid,
	        silent ? NULL : arena_printf(ctl->arena, "%.1f ms", val_real(recent, "p99_ms")).p,
	        PLAIN);
	ctl_grid_add(grid, val_text(ctl, row, "reason"), PLAIN);
}

static void
print_top(const struct ctl *ctl, struct val list)
{
	static const char *const titles[] = { "ID", "NAME", "STATUS", "SINCE", "RATE", "ERRORS",
		"P99", "WHY" };
	struct ctl_grid *grid = ctl_grid_new(ctl, titles, COUNT(titles));
	struct val row = { 0 };

	while (val_each(list, &row))
		add_row(ctl, grid, row);
	ctl_grid_print(grid);
	(void)fflush(stdout);
}

int
ctl_top(struct ctl *ctl, const struct ctl_request *request)
{
	bool again = isatty(STDOUT_FILENO) == 1 && !ctl->json;
	struct str answer;
	int status;

	for (;;) {
		CLEANUP(tree_drop) json_t *list = NULL;

		status = ctl_call(ctl, request, &answer);
		if (status != CTL_OK)
			return status;
		list = tree_read(answer, NULL);
		if (again)
			(void)fputs("\033[H\033[2J", stdout);
		if (ctl->json)
			(void)fwrite(answer.p, 1, answer.len, stdout);
		else
			print_top(ctl, (struct val){ .node = list });
		if (!again)
			return CTL_OK;
		(void)sleep(EVERY_S);
	}
}
