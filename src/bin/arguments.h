/* arguments: the command line of roamhubd. */
#pragma once

#include "roamhub/hub.h"

struct arguments {
	const char *config;
	const char **sets;
	size_t set_count;
	bool check, migrate_only, skip_damaged;
	const char *export_to, *import_from;
	struct hub_choices choices;
	int exit_with; /* -1: go on */
};
/** What is wrong is said on stderr. Its sets are the caller's to free(). */
struct arguments arguments_read(int argc, char **argv);
