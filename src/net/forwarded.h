/* forwarded: whose request a reverse proxy passed on. Private to net. */
#pragma once

#include "conn.h"
#include "guard.h"
#include "ranges.h"

/** @address is that of the peer. While it is one of @trusted, what stands rightmost in @lines, the
 * header that the proxies add to, is who that proxy spoke to, and so on to the left. What is no
 * address ends it: nobody is believed more than that. @is_7239: "Forwarded" of RFC 7239, else
 * X-Forwarded-For. */
void forwarded_resolve(const struct net_ranges *trusted, bool is_7239, const struct str *lines,
        size_t count, char address[INET6_ADDRSTRLEN]);
struct str forwarded_header(const struct net_server_conf *conf); /* absent: none is read */
/** Who asks with the head that @found is of, also if it is refused. */
void forwarded_note(struct inbound *in, const struct guard_found *found);
