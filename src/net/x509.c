/* x509: what certificates say of themselves. The door of GnuTLS, which is there anyhow, as
 * libmicrohttpd speaks TLS with it. */
#include "roamhub/x509.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

enum { NAME_MOST = 512, NAMES_MOST = 200, CHAIN_MOST = 16 };

typedef int (*name_function)(gnutls_x509_crt_t crt, char *out, size_t *size);

static struct str
read_name(gnutls_x509_crt_t crt, name_function function, struct arena *arena)
{
	char text[NAME_MOST];
	size_t size = sizeof text;

	return function(crt, text, &size) == 0 ? arena_str(arena, str_of(text)) : (struct str){ 0 };
}

static void
add_name(struct buf *names, const char *name, size_t size, int type)
{
	char address[INET6_ADDRSTRLEN];

	if (type == GNUTLS_SAN_IPADDRESS && (size == 4 || size == 16)) {
		if (inet_ntop(size == 4 ? AF_INET : AF_INET6, name, address, sizeof address) ==
		        NULL)
			return;
		name = address;
		size = strlen(address);
	} else if (type != GNUTLS_SAN_DNSNAME) {
		return;
	}
	buf_printf(names, "%s%.*s", names->len > 0 ? ", " : "", (int)size, name);
}

static struct str
read_names(gnutls_x509_crt_t crt, struct arena *arena)
{
	struct buf names = { .arena = arena };

	for (unsigned i = 0; i < NAMES_MOST; i++) {
		char name[NAME_MOST];
		size_t size = sizeof name;
		int type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &size, NULL);

		if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
			break;
		add_name(&names, name, size, type);
	}
	return buf_str(&names);
}

static struct x509
read_one(gnutls_x509_crt_t crt, struct arena *arena)
{
	return (struct x509){
		.subject = read_name(crt, gnutls_x509_crt_get_dn, arena),
		.issuer = read_name(crt, gnutls_x509_crt_get_issuer_dn, arena),
		.names = read_names(crt, arena),
		.from_ms = (int64_t)gnutls_x509_crt_get_activation_time(crt) * 1000,
		.until_ms = (int64_t)gnutls_x509_crt_get_expiration_time(crt) * 1000,
		.authority = gnutls_x509_crt_get_ca_status(crt, NULL) > 0,
	};
}

enum rh_err
x509_read(struct str pem, size_t most, struct arena *arena, const struct x509 **out, size_t *count,
        struct fault *fault)
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem.p, (unsigned)pem.len };
	gnutls_x509_crt_t *list;
	unsigned found = 0;
	struct x509 *rows;
	int rc;

	*count = 0;
	rc = gnutls_x509_crt_list_import2(&list, &found, &text, GNUTLS_X509_FMT_PEM, 0);
	if (rc < 0)
		return fault_set(fault, RH_BAD_CONFIG, "", "%s", gnutls_strerror(rc));
	rows = arena_alloc(arena, (found + 1) * sizeof *rows);
	for (unsigned i = 0; i < found; i++) {
		if (*count < most)
			rows[(*count)++] = read_one(list[i], arena);
		gnutls_x509_crt_deinit(list[i]);
	}
	gnutls_free(list);
	*out = rows;
	return RH_OK;
}

/* ---- one by one ---- */

static const char begin[] = "-----BEGIN ";

/** Cuts the next certificate off @left: from its first line to before the first of what follows. */
static bool
cut_one(struct str *left, struct str *one)
{
	static const char *const kinds[] = { "-----BEGIN CERTIFICATE-----",
		"-----BEGIN X509 CERTIFICATE-----" };
	const size_t len = sizeof begin - 1;
	const char *first, *next;

	while ((first = memmem(left->p, left->len, begin, len)) != NULL) {
		*left = str_from(*left, (size_t)(first - left->p));
		next = memmem(left->p + len, left->len - len, begin, len);
		*one = *left;
		if (next != NULL)
			one->len = (size_t)(next - left->p);
		*left = str_from(*left, one->len);
		for (size_t i = 0; i < COUNT(kinds); i++)
			if (str_starts(*one, kinds[i]))
				return true;
	}
	return false;
}

static struct x509
read_alone(struct str pem, struct arena *arena)
{
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem.p, (unsigned)pem.len };
	struct x509 row = { 0 };
	gnutls_x509_crt_t crt;
	int rc = gnutls_x509_crt_init(&crt);

	if (rc == 0) {
		rc = gnutls_x509_crt_import(crt, &text, GNUTLS_X509_FMT_PEM);
		if (rc == 0)
			row = read_one(crt, arena);
		gnutls_x509_crt_deinit(crt);
	}
	if (rc != 0)
		row.why = gnutls_strerror(rc);
	return row;
}

void
x509_page(struct str pem, size_t after, size_t most, struct arena *arena, const struct x509 **out,
        size_t *count, size_t *total)
{
	struct x509 *rows = arena_alloc(arena, (most + 1) * sizeof *rows);
	struct str left = pem, one;

	*out = rows;
	*count = *total = 0;
	while (cut_one(&left, &one)) {
		if (*total >= after && *count < most)
			rows[(*count)++] = read_alone(one, arena);
		++*total;
	}
}

int64_t
x509_until_ms(struct str pem)
{
	struct arena *arena = arena_new(4096);
	const struct x509 *rows = NULL;
	struct fault fault = { 0 };
	int64_t until_ms = 0;
	size_t count;

	if (x509_read(pem, CHAIN_MOST, arena, &rows, &count, &fault) != RH_OK)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (until_ms == 0 || rows[i].until_ms < until_ms)
			until_ms = rows[i].until_ms;
	arena_free(arena);
	return until_ms;
}
