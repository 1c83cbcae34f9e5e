/* sqlite_text: pieces that several statements of sqlite_sql.c are made of. */
#pragma once

#define TRACE_COLUMNS                                                                    \
	"id, at_ms, platform, outcome, module, correlation_id, request_id, from_party, " \
	"to_party, object, doc"
/* ?1 correlation id, ?2 party, ?3 object, ?4 since, ?5 until, ?6 platform, ?7 module, ?8 outcomes
 * (a bit each), ?9 how many are looked at, ?10 of those at ?5 before this one, ?11 text, as LIKE
 * has it. What an index does not find is said of each row, so that a search ends after so many. */
#define TRACE_TIMES       "at_ms BETWEEN ?4 AND ?5 AND (+at_ms < ?5 OR +id < ?10) "
#define TRACE_HAS(column) "OR " column " LIKE ?11 ESCAPE '\\' "
#define TRACE_FITS                                                                       \
	"((?1 IS NULL OR correlation_id = ?1) "                                          \
	"AND (?2 IS NULL OR from_party = ?2 OR to_party = ?2) "                          \
	"AND (?3 IS NULL OR object = ?3) AND (?6 IS NULL OR platform = ?6) "             \
	"AND (?7 IS NULL OR module = ?7) AND (?8 >> outcome & 1) "                       \
	"AND (?11 IS NULL " TRACE_HAS("doc") TRACE_HAS("object") TRACE_HAS("from_party") \
	        TRACE_HAS("to_party") TRACE_HAS("correlation_id") TRACE_HAS("request_id") "))"
#define TRACE_LOOK(how)  "SELECT " TRACE_COLUMNS ", ifnull(" TRACE_FITS ", 0) FROM trace " how
#define TRACE_NEWEST     "ORDER BY 2 DESC, 1 DESC LIMIT ?9"
#define TRACE_FOUND(how) TRACE_LOOK(how) TRACE_NEWEST

#define OBJECT_COLUMNS                                                                   \
	"scope, module, owner, id, type, live, body, digest, last_updated_ns, change, "  \
	"previous, seq, method, suffix, patch, sender_platform, correlation_id, at_ms, " \
	"accepted "
#define VERSION_COLUMNS OBJECT_COLUMNS ", shadows "
#define SAME_OBJECT     "module = ?2 AND id = ?4 AND owner = ?3 AND type = ?5 "
#define THIS_OBJECT     "WHERE " SAME_OBJECT "AND scope = ?1"
/* ?1 module, ?2 viewer, ?3 after this seq, ?4 and ?5 last_updated_ns, ?6 owner, ?7 hidden owners,
 * each between newlines, ?8 how many objects of the viewer hide a shared one, ?9 limit, ?10 offset.
 */
#define PAGE_OWNER(of)                                                                  \
	"(?6 IS NULL OR " of "owner = ?6) AND (?7 IS NULL OR instr(?7, char(10) || " of \
	"owner || char(10)) = 0) "
#define PAGE_DATES "last_updated_ns >= ?4 AND last_updated_ns < ?5 "
#define PAGE_NOT_HIDDEN                                                           \
	"(?8 = 0 OR NOT EXISTS (SELECT 1 FROM object v INDEXED BY object_shadow " \
	"WHERE v.scope = ?2 AND v.module = ?1 AND v.shadows = o.seq)) "
#define PAGE_WALK(scope)                                                           \
	"SELECT o.seq FROM object o INDEXED BY object_list WHERE o.scope = " scope \
	" AND o.module = ?1 AND o.live = 1 AND o.seq > ?3 AND " PAGE_DATES "AND " PAGE_OWNER("o.")
/* By owner and date: the shortest way when few match, in any order. */
#define PAGE_GATHER                                                                               \
	"FROM object_count c CROSS JOIN object o INDEXED BY object_date "                         \
	"WHERE c.module = ?1 AND c.scope IN ('*', ?2) AND " PAGE_OWNER(                           \
	        "c.") "AND o.scope = c.scope AND o.module = c.module AND o.live = 1 AND o.owner " \
	              "= c.owner "                                                                \
	              "AND " PAGE_DATES "AND (c.scope <> '*' OR " PAGE_NOT_HIDDEN ") "

/* ?1 scope, ?2 module, ?3 owner, ?4 where the block begins in block_count, ?5 and ?6 its ends. */
#define BLOCK_ANEW(level, owner, of)                                                          \
	"INSERT OR REPLACE INTO block_count (level, module, scope, first, owner, live, "      \
	"shadowing) SELECT " level ", ?2, ?1, ?4, " owner ", (SELECT count(*) FROM object o " \
	"INDEXED BY object_list WHERE o.scope = ?1 AND o.module = ?2 AND o.live = 1 "         \
	"AND o.seq > ?5 AND o.seq <= ?6" of "), (SELECT count(*) FROM object o "              \
	"INDEXED BY object_shadow WHERE o.scope = ?1 AND o.module = ?2 AND o.shadows > ?5 "   \
	"AND o.shadows <= ?6" of ") WHERE ?3 IS NOT NULL"
/* Values as those of a page. */
#define BLOCKS_OF(level, filter)                                                               \
	"SELECT first, live FROM block_count WHERE level = " level " AND module = ?1 "         \
	"AND scope = '*' " filter "UNION ALL SELECT first, live - shadowing FROM block_count " \
	"WHERE level = " level " AND module = ?1 AND scope = ?2 " filter "ORDER BY 1"

/* ?6 receiver, ?7 party of a row that names an object of theirs. */
#define OF_RECEIVER " AND receiver = ?6 AND party = ?7"
/* ?6 receiver, and all of it when ?2 is absent. */
#define SELECTED \
	"(?6 IS NULL OR receiver = ?6) AND (?2 IS NULL OR (" SAME_OBJECT "AND scope = ?1)) "
/* Rows of a selection: ?1 to ?5 the key, of which an absent part is any; ?6 and ?7 the receivers
 * from one to another; ?8 since, ?9 until. */
#define PARTS                                                             \
	"AND (?1 IS NULL OR scope = ?1) AND (?2 IS NULL OR module = ?2) " \
	"AND (?3 IS NULL OR owner = ?3) AND (?4 IS NULL OR id = ?4) "     \
	"AND (?5 IS NULL OR type = ?5) "
#define THESE_RECEIVERS "receiver BETWEEN ?6 AND ?7 "
#define PARKED_CHOSEN   THESE_RECEIVERS PARTS "AND +since_ms >= ?8 AND +since_ms < ?9 "
#define FAILURES_CHOSEN THESE_RECEIVERS PARTS "AND +at_ms >= ?8 AND +at_ms < ?9 "
#define THAT_OBJECT     "module = ?2 AND owner = ?3 AND id = ?4 AND "
#define OF_TOKEN        "module = 'tokens' AND owner = ?1 AND id = ?2"
#define FAILURE_KEY     "receiver, module, owner, id, type, scope, party "
#define FAILURE_VALUES                                                                 \
	"scope, module, owner, id, type, receiver, party, change, at_ms, http, ocpi, " \
	"why, "
#define FAILURE_COLUMNS FAILURE_VALUES AS_WRITTEN(FAILURE_DIGEST)
/* As PARKED_LOOKED has it. */
#define FAILURE_LOOKED \
	FAILURE_VALUES "iif(" THESE_RECEIVERS PARTS ", " AS_WRITTEN(FAILURE_DIGEST) ", 2) "
#define EVENT_COLUMNS "at_ms, type, platform, who, address, what, subject, data"
/* ?1 type, ?2 platform, ?3 who, ?4 what (or the words before it), ?5 since, ?6 until, ?7 after,
 * ?8 before, ?9 limit. */
#define EVENTS(where, order)                                                            \
	"SELECT id, " EVENT_COLUMNS " FROM event " where                                \
	"AND id > ?7 AND id < ?8 AND at_ms >= ?5 AND at_ms < ?6 "                       \
	"AND (?2 = 0 OR platform = ?2) AND (?3 IS NULL OR who = ?3) "                   \
	"AND (?4 IS NULL OR what = ?4 OR substr(what, 1, length(?4) + 1) = ?4 || ' ') " \
	"ORDER BY id " order "LIMIT ?9"
#define EVENTS_OF_TYPE     "INDEXED BY event_type WHERE type = ?1 "
#define EVENTS_OF_BOTH     "INDEXED BY event_of WHERE platform = ?2 AND type = ?1 "
#define EVENTS_OF_PLATFORM "INDEXED BY event_platform WHERE platform = ?2 "
#define EVENTS_ALL         "WHERE true "

#define PARKED_KEY "module, owner, id, type, scope, receiver, party"
#define PARKED_VALUES                                                                            \
	"scope, module, owner, id, type, receiver, party, kind, seq, since_ms, due_ms, change, " \
	"attempts, http, ocpi, why, "
#define PARKED_COLUMNS PARKED_VALUES AS_WRITTEN(PARKED_DIGEST("due_ms"))
/* 0: it is not what was written, 1: it is, 2: it is not chosen. */
#define PARKED_LOOKED \
	PARKED_VALUES "iif(" PARKED_CHOSEN ", " AS_WRITTEN(PARKED_DIGEST("due_ms")) ", 2) "
/* What a refusal becomes when it is tried again; kind 1: PARKED_REDRIVE. */
#define PARKED_FIELDS                                                               \
	"scope, module, owner, id, type, receiver, party, kind, since_ms, due_ms, " \
	"attempts, change, http, ocpi, why, digest"
#define REFUSED_AS_PARKED(due)                                                             \
	"scope, module, owner, id, type, receiver, party, 1, at_ms, " due ", 0, change, "  \
	"http, ocpi, why, row_digest(scope, module, owner, id, type, receiver, party, 1, " \
	"at_ms, " due ", 0, change, "                                                      \
	"http, ocpi, why) "
/* A digest over all columns, in the order of their table; AS_WRITTEN(): it is right. See
 * migrations/0010_digests.sql. */
#define AS_WRITTEN(digest_of) "digest IS " digest_of " "
#define META_DIGEST           "row_digest(key, value)"
#define CURSOR_DIGEST         "row_digest(receiver, change, ahead)"
#define AGREEMENT_DIGEST                                                             \
	"row_digest(id, cpo_country, cpo_party, emsp_country, emsp_party, modules, " \
	"from_ms, until_ms)"
#define HINT_DIGEST "row_digest(kind, key, country, party, expires_ms)"
#define PARKED_DIGEST(due)                                                                 \
	"row_digest(scope, module, owner, id, type, receiver, party, kind, since_ms, " due \
	", attempts, change, http, ocpi, why)"
/* What is parked again keeps since when it is, if that can be believed. */
#define PARKED_SINCE "iif(" AS_WRITTEN(PARKED_DIGEST("due_ms")) ", since_ms, ?9)"
#define PARKED_GIVEN(since) \
	"row_digest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, " since ", ?10, ?11, ?12, ?13, ?14, ?15)"
#define FAILURE_DIGEST                                                                \
	"row_digest(scope, module, owner, id, type, receiver, party, change, at_ms, " \
	"http, ocpi, why)"
#define PULLED_DIGEST "row_digest(platform, module, owner, id, type, missed)"
#define OF_PLATFORM(columns, table)                                                    \
	"(SELECT group_concat(hex(row_digest(position, " columns "))) FROM (SELECT * " \
	"FROM " table " WHERE platform = p.id ORDER BY position))"
#define PLATFORM_DIGEST                                                              \
	"row_digest(id, name, state, removed, version, versions_url, token_sealed, " \
	"settings, created_ms, updated_ms, claims_bound, told, " OF_PLATFORM(        \
	        "country, party, role, state, last_updated_ms, business",            \
	        "party") ", " OF_PLATFORM("module, interface, url",                  \
	        "endpoint") ", " OF_PLATFORM("kind, digest, expires_ms, made_ms", "token") ")"
/* Found as the digest above finds them: a row that stands in the wrong place is in neither. */
#define CHILDREN(table)                                                         \
	"FROM platform p CROSS JOIN " table " c ON c.platform = p.id ORDER BY " \
	"+p.id, +position"
/* The newest number that stands anywhere, where the one of them all is damaged or gone. */
#define NEWEST_CHANGE                                                                   \
	"(SELECT max(newest) FROM (SELECT max(change) AS newest FROM object UNION ALL " \
	"SELECT max(change) FROM cursor UNION ALL SELECT max(change) FROM parked))"
#define FAILURE_ORDER(limit) "ORDER BY at_ms DESC, change DESC, receiver LIMIT " limit
