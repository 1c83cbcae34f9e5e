/* What libmicrohttpd has read of a request's lines: pointers into its buffer. */
#include "head.h"

static enum MHD_Result
add_line(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value,
        size_t value_len)
{
	struct head_lines *lines = ctx;

	(void)kind;
	if (lines->count < GUARD_MAX_HEADERS)
		lines->line[lines->count] = (struct net_header){ { name, name_len },
			{ value == NULL ? "" : value, value_len } };
	lines->count++;
	return MHD_YES;
}

void
head_lines(struct MHD_Connection *mhd, enum MHD_ValueKind kind, struct head_lines *out)
{
	out->count = 0;
	MHD_get_connection_values_n(mhd, kind, add_line, out);
}

const char *
head_end(struct MHD_Connection *mhd, const char *method)
{
	return method +
	       MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE)->header_size;
}
