/* process metrics: what the system says of the process, under the names that all programs use. */
#include "metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

struct process {
	double cpu_s, started_s;
	double resident, virtual, files, most_files, threads;
};

static double
cpu_seconds(void)
{
	struct timespec used;

	return clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0
	               ? (double)used.tv_sec + (double)used.tv_nsec / 1e9
	               : 0;
}

static void
read_memory(struct process *process)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long pages = 0, resident = 0;
	double page = (double)sysconf(_SC_PAGESIZE);

	if (file == NULL)
		return;
	if (fscanf(file, "%lu %lu", &pages, &resident) == 2) {
		process->virtual = (double)pages * page;
		process->resident = (double)resident * page;
	}
	(void)fclose(file);
}

/** What lies in a folder of /proc/self, @opened less. */
static double
count_entries(const char *path, double opened)
{
	DIR *dir = opendir(path);
	double count = 0;

	while (dir != NULL && readdir(dir) != NULL)
		count++;
	if (dir != NULL)
		(void)closedir(dir);
	return count > 2 + opened ? count - 2 - opened : 0; /* "." and ".." */
}

static double
most_files(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (double)limit.rlim_cur : 0;
}

void
process_metrics(struct buf *text, int64_t started_ms)
{
	struct process process = { .cpu_s = cpu_seconds(), .started_s = (double)started_ms / 1000 };
	const struct {
		const char *name, *type, *help;
		const double *value;
	} rows[] = {
		{ "process_cpu_seconds_total", "counter", "Processor time used.", &process.cpu_s },
		{ "process_resident_memory_bytes", "gauge", "Memory in use.", &process.resident },
		{ "process_virtual_memory_bytes", "gauge", "Addresses in use.", &process.virtual },
		{ "process_open_fds", "gauge", "Open descriptors.", &process.files },
		{ "process_max_fds", "gauge", "The most of them.", &process.most_files },
		{ "process_threads", "gauge", "Threads.", &process.threads },
		{ "process_start_time_seconds", "gauge", "When it started.", &process.started_s },
	};

	read_memory(&process);
	process.files = count_entries("/proc/self/fd", 1);
	process.threads = count_entries("/proc/self/task", 0);
	process.most_files = most_files();
	for (size_t i = 0; i < COUNT(rows); i++) {
		metrics_head(text, rows[i].name, rows[i].type, rows[i].help);
		buf_printf(text, "%s %.15g\n", rows[i].name, *rows[i].value);
	}
}
