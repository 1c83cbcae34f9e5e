/* forwarded: whose request a reverse proxy passed on.
 *
 * Read from the right: a proxy adds to the right of what it got, and what it got anybody may have
 * written. For the same reason nothing but commas counts: a quote that a client opened would hide
 * what the proxies wrote behind it. */
#include "forwarded.h"

#include <arpa/inet.h>
#include <string.h>

static struct str
cut_last(struct str *left, char sep)
{
	struct str last = *left;

	for (size_t i = left->len; i > 0; i--) {
		if (left->p[i - 1] != sep)
			continue;
		last = str_from(*left, i);
		left->len = i - 1;
		return last;
	}
	*left = (struct str){ 0 };
	return last;
}

static struct str
unquoted(struct str text)
{
	text = str_trim(text);
	if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"')
		return (struct str){ text.p + 1, text.len - 2 };
	return text;
}

/* "192.0.2.43, 192.0.2.43:4711, 2001:db8::17, [2001:db8::17]:4711" */
static struct str
without_port(struct str text)
{
	struct str rest = text, host = str_cut(&rest, ':');

	if (text.len > 0 && text.p[0] == '[') {
		rest = str_from(text, 1);
		return str_cut(&rest, ']');
	}
	return rest.p != NULL && memchr(rest.p, ':', rest.len) == NULL ? host : text;
}

/* for=192.0.2.43;proto=http;by=203.0.113.43 */
static struct str
node_of_7239(struct str element)
{
	while (element.p != NULL) {
		struct str value = str_cut(&element, ';'), name = str_cut(&value, '=');

		if (value.p != NULL && str_ieq(str_trim(name), STR("for")))
			return value;
	}
	return (struct str){ 0 };
}

static bool
read_node(struct str element, bool is_7239, struct range *node)
{
	struct str text = without_port(unquoted(is_7239 ? node_of_7239(element) : element));

	return range_parse(text, node) && node->bits == ADDRESS_BITS;
}

static void
print(const struct range *node, char address[INET6_ADDRSTRLEN])
{
	struct range ipv4;

	if (range_parse(STR("::ffff:0:0/96"), &ipv4) && range_holds(&ipv4, node->address))
		inet_ntop(AF_INET, node->address + IPV4_AT, address, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, node->address, address, INET6_ADDRSTRLEN);
}

void
forwarded_resolve(const struct net_ranges *trusted, bool is_7239, const struct str *lines,
        size_t count, char address[INET6_ADDRSTRLEN])
{
	struct range node;

	if (trusted == NULL || count == 0 || !range_parse(str_of(address), &node))
		return;
	for (size_t i = count; i > 0; i--) {
		struct str left = lines[i - 1];

		while (left.p != NULL) {
			if (!ranges_hold(trusted, node.address) ||
			        !read_node(cut_last(&left, ','), is_7239, &node))
				return;
			print(&node, address);
		}
	}
}

struct str
forwarded_header(const struct net_server_conf *conf)
{
	if (conf->trusted == NULL)
		return (struct str){ 0 };
	return conf->forwarded_7239 ? STR("Forwarded") : STR("X-Forwarded-For");
}

void
forwarded_note(struct inbound *in, const struct guard_found *found)
{
	const struct net_server_conf *conf = in->conns->conf;
	struct conn *conn = in->conn;

	memcpy(conn->asker, conn->peer, sizeof(conn->asker));
	forwarded_resolve(
	        conf->trusted, conf->forwarded_7239, found->lines, found->line_count, conn->asker);
	memcpy(in->request.peer, conn->asker, sizeof(in->request.peer));
}
