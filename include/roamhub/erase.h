/* erase: what is kept of one driver's token goes. Part of store.h.
 *
 * The token's own rows are deleted. Sessions and CDRs stay, as they are what money is owed for, and
 * name it no more: the store does not read them, so it is handed how. */
#pragma once

#include "base.h"

/** Pure, no I/O. False: @body does not name the token; else *without is the body that does not,
 * from @arena. */
typedef bool (*store_without_fn)(
        const void *ctx, struct str body, struct arena *arena, struct str *without);

struct store_erase_args {     /* STORE_ERASE, write: some hundred rows a call, until it is done */
	struct str owner, id; /* of the token, as keys have them; of any type, in any scope */
	store_without_fn without;
	const void *ctx;
	bool dry_run;        /* count alone */
	struct str hints;    /* kind of those whose key is "ID/..." and which lead to @owner */
	struct str reports;  /* keys of meta that begin so: values that name one of @names go */
	struct str names[2]; /* the uid as it is, and as it stands in a URL */
	/* Where the next call goes on; both 0 at the first, which does the token itself. */
	int64_t after_ms, after_seq;
	bool done; /* out */
	/* out, of this call: rows of the token, of what is owed or was refused of it; records that
	 * named it; hints and reports; records that are damaged, and were left as they are */
	uint64_t tokens, owed, sessions, cdrs, remembered, damaged;
	int64_t head;  /* out: the newest change there is */
	size_t missed; /* private: records that another process wrote meanwhile */
};

/** Does @name stand in @text as a word, in any case of letters? Pure. */
bool store_names(struct str text, struct str name);

struct store_trace_erase_args { /* STORE_TRACE_ERASE, on the trace's own thread: legs that name the
	                           token, in a message of its party or of nobody known */
	struct str party;       /* "NL*MSP" */
	struct str names[2];    /* its uid as it is, and as it stands in a URL */
	bool dry_run;
	int64_t after;  /* private */
	uint64_t count; /* out */
	bool failed;    /* private: the rest could not be read or written */
};
/** Is this leg one of them? Pure. */
struct store_trace;
bool store_trace_names(const struct store_trace_erase_args *args, const struct store_trace *leg);
