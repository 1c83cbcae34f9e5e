/* The daemon with http.tls_certificate and http.tls_key: what it speaks, and that the URLs it hands
 * out are https.
 *
 * tests/scenario/run starts it with tests/data/tls and `--invite cpo`; the certificate names
 * 127.0.0.1 and is its own authority. */
#include "../unit/suite.h"
#include "wire.h"

#include <check.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { REQUEST_ROOM = 1024 };

struct client {
	struct wire wire;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
};

/** Shake hands in the versions that @priorities allow, without a certificate of our own. The
 * verdict of the library. */
static int
client_open(struct client *client, const char *priorities)
{
	static const unsigned char loopback[] = { 127, 0, 0, 1 };
	gnutls_typed_vdata_st name = { .type = GNUTLS_DT_IP_ADDRESS,
		.data = (unsigned char *)(uintptr_t)loopback,
		.size = sizeof(loopback) };
	int result;

	wire_open(&client->wire);
	ck_assert_int_eq(gnutls_certificate_allocate_credentials(&client->credentials), 0);
	ck_assert_int_eq(gnutls_certificate_set_x509_trust_file(client->credentials,
	                         wire_env("TLS_CERTIFICATE"), GNUTLS_X509_FMT_PEM),
	        1);
	ck_assert_int_eq(gnutls_init(&client->session, GNUTLS_CLIENT), 0);
	ck_assert_int_eq(gnutls_priority_set_direct(client->session, priorities, NULL), 0);
	gnutls_credentials_set(client->session, GNUTLS_CRD_CERTIFICATE, client->credentials);
	gnutls_session_set_verify_cert2(client->session, &name, 1, 0);
	gnutls_transport_set_int(client->session, client->wire.fd);
	do
		result = gnutls_handshake(client->session);
	while (result < 0 && gnutls_error_is_fatal(result) == 0);
	return result;
}

static void
client_close(struct client *client)
{
	gnutls_deinit(client->session);
	gnutls_certificate_free_credentials(client->credentials);
	wire_close(&client->wire);
}

/** The whole answer to a GET that ends the connection, in the wire. */
static void
client_get(struct client *client, const char *target)
{
	struct wire *wire = &client->wire;
	char request[REQUEST_ROOM];
	ssize_t got;
	int len = snprintf(request, sizeof(request),
	        "GET %s HTTP/1.1\r\nHost: hub\r\n%sConnection: close\r\n\r\n", target,
	        wire_authorization());

	ck_assert_int_eq(gnutls_record_send(client->session, request, (size_t)len), len);
	while ((got = gnutls_record_recv(client->session, wire->answer + wire->len,
	                sizeof(wire->answer) - 1 - wire->len)) > 0)
		wire->len += (size_t)got;
	wire->answer[wire->len] = '\0';
}

START_TEST(test_TRN_001_https_with_a_certificate_and_without_one_of_the_client)
{
	static const char *const versions[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.2",
		"NORMAL:-VERS-ALL:+VERS-TLS1.3" };
	struct client client;
	char url[128];

	ck_assert_int_eq(client_open(&client, versions[_i]), GNUTLS_E_SUCCESS);
	client_get(&client, "/ocpi/versions");
	ck_assert_msg(
	        strncmp(client.wire.answer, "HTTP/1.1 200 ", 13) == 0, "%s", client.wire.answer);
	snprintf(url, sizeof(url), "\"url\":\"https://%s/ocpi/2.2.1\"", wire_env("ADDRESS"));
	ck_assert_msg(wire_has(&client.wire, url), "%s", client.wire.answer);
	client_close(&client);
}
END_TEST

START_TEST(test_TRN_001_nothing_older_than_TLS_1_2)
{
	struct client client;

	ck_assert_int_lt(
	        client_open(&client,
	                "NORMAL:%COMPAT:-VERS-ALL:+VERS-TLS1.1:+VERS-TLS1.0:+SHA1:+SIGN-ALL"),
	        0);
	client_close(&client);
}
END_TEST

START_TEST(test_plain_http_gets_nothing_from_a_listener_that_speaks_https)
{
	struct wire wire;
	char request[REQUEST_ROOM];

	snprintf(request, sizeof(request), "GET /ocpi/versions HTTP/1.1\r\nHost: hub\r\n%s\r\n",
	        wire_authorization());
	wire_open(&wire);
	ck_assert(wire_text(&wire, request));
	wire_until_closed(&wire);
	ck_assert_msg(!wire_has(&wire, "HTTP/1.1 200"), "%s", wire.answer);
	wire_close(&wire);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("tls");
	TCase *tcase = tcase_create("tls");

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(
	        tcase, test_TRN_001_https_with_a_certificate_and_without_one_of_the_client, 0, 2);
	tcase_add_test(tcase, test_TRN_001_nothing_older_than_TLS_1_2);
	tcase_add_test(tcase, test_plain_http_gets_nothing_from_a_listener_that_speaks_https);
	return suite_run(suite, CK_NOFORK);
}
