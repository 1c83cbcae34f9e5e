/* config: the hub's settings as a plain struct; its table is src/bin/settings.c, its file
 * config/roamhub.conf. */
#pragma once

#include "conf.h"

enum proxy_header { PROXY_X_FORWARDED_FOR, PROXY_FORWARDED };
enum unchanged_mode { UNCHANGED_SKIP, UNCHANGED_SEND };
enum trace_bodies { TRACE_BODIES_NONE, TRACE_BODIES_FAILURES, TRACE_BODIES_ALL };
enum validation_mode { VALIDATION_STRICT, VALIDATION_LENIENT, VALIDATION_OFF };

struct settings {
	/* [hub] */
	char *country_code, *party_id, *name;
	char *public_url; /* NULL: made from the address bound */
	/* [http] */
	char *http_listen, *tls_certificate, *tls_key;
	int64_t workers; /* 0: as many as processors */
	int64_t max_body_bytes;
	int64_t max_connections; /* for each worker */
	int64_t head_ms, body_ms, idle_ms, stop_ms;
	char *trusted_proxies; /* networks with commas between them */
	int proxy_header;      /* enum proxy_header */
	/* [admin] */
	char *admin_listen, *admin_token_file;
	char *admin_tokens_file; /* named tokens; NULL: none */
	char *admin_hosts;       /* names with commas between them, blanks around them allowed */
	/* [portal] */
	char *portal_listen; /* NULL: there is none */
	char *portal_url;    /* origin that partners reach it under; NULL: made from the address */
	/* [store] */
	char *store_url;
	bool standby;   /* wait while another hub has the database */
	bool together;  /* share it, and the work, with others */
	char *key_file; /* seals the tokens that we send, keys the digests of those that we accept;
	                   NULL: beside the database */
	bool keep_addressed;
	int64_t retention_days;
	int64_t event_days, event_rows;
	int64_t stale_ms; /* 0: never */
	/* [egress] */
	bool allow_private;
	char *egress_allow, *ca_file;
	int64_t connect_ms, call_ms, authorize_ms;
	int64_t max_answer_bytes, connections_per_party, waiting_per_party;
	/* [push], [pull] */
	int64_t still_alive_ms, offline_after, retry_ms, pull_ms;
	int push_unchanged; /* enum unchanged_mode */
	char *pull_modules; /* names with commas between them, blanks around them allowed */
	/* [credentials] */
	int64_t rotate_days, invite_days; /* 0: never */
	bool check_platforms;             /* by itself, after each handshake */
	/* [routing] */
	int routing;      /* 0 open, 1 closed */
	bool accept_hubs; /* platforms with role HUB may register (CRD-048) */
	bool allow_http;  /* http versions URLs of platforms (CRD-049) */
	/* [list] */
	int64_t list_limit, list_max_bytes;
	/* [limits] */
	int64_t flights, flights_per_platform; /* of the hub, not of a worker */
	int64_t disk_bytes;
	int64_t requests_per_second, burst_s, objects, relinks; /* of one platform */
	int64_t unread_bytes, unread_bytes_per_platform;
	/* [trace] */
	int64_t trace_max_age_days, trace_max_bytes, trace_max_rate;
	int trace_bodies; /* enum trace_bodies */
	/* [validation] */
	int validation; /* enum validation_mode */
	/* [sandbox] */
	char *sandbox_program; /* NULL: roamhub-sim beside this one */
	int64_t sandbox_most, sandbox_memory, sandbox_charge_ms;
	/* [log] */
	int log_level, log_format;
};
/** The table, ends with a row whose section is NULL. */
extern const struct conf_key settings_keys[];
/** conf_load() with that table, and the rules between keys (TLS certificate and key: both or
 * neither). */
MUST_CHECK size_t settings_load(const char *path, const char *const *sets, size_t set_count,
        struct settings *settings, struct conf_origin *origins, conf_fault_fn report, void *ctx);
