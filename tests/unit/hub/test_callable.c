/* test_callable: which URLs of partners the hub calls: fault M6, fault M11, CRD-049. */
#include "../../../src/hub/parties/callable.h"
#include "../ocpi/helper.h"

static const struct row {
	const char *address, *admin, *origin, *prefix, *url;
	bool own;
} rows[] = {
	/* the public URL, and what stands beside it at the same origin */
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://hub.example.com:443", "",
	        "https://hub.example.com/anything", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://hub.example.com:443", "",
	        "https://HUB.example.com:443/ocpi/versions", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://hub.example.com:443", "",
	        "http://hub.example.com/x", false },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "/hub",
	        "https://a.example.com/hub/ocpi", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "/hub",
	        "https://a.example.com/hub?x=1", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "/hub",
	        "https://a.example.com/hubert/ocpi", false },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "/hub",
	        "https://a.example.com/partner", false },
	/* the listeners, whatever the public URL says */
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "",
	        "http://10.0.0.1:8080/", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "",
	        "https://10.0.0.1:8081/x", true },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "",
	        "http://10.0.0.2:8080/", false },
	{ "10.0.0.1:8080", "10.0.0.1:8081", "https://a.example.com:443", "",
	        "http://10.0.0.1:8082/", false },
	{ "127.0.0.1:8080", "127.0.0.1:8081", "https://a.example.com:443", "",
	        "http://localhost:8080/", true },
	{ "127.0.0.1:8080", "127.0.0.1:8081", "https://a.example.com:443", "",
	        "http://127.1.2.3:8081/", true },
	{ "0.0.0.0:8080", "[::1]:8081", "https://a.example.com:443", "", "http://127.0.0.1:8080/x",
	        true },
	{ "0.0.0.0:8080", "[::1]:8081", "https://a.example.com:443", "", "http://[::1]:8081/x",
	        true },
	{ "[::]:8080", "[::1]:8081", "https://a.example.com:443", "", "http://0.0.0.0:8080/x",
	        true },
	{ "[::]:8080", "[::1]:8081", "https://a.example.com:443", "", "http://192.0.2.7:8080/x",
	        false },
};

START_TEST(test_M6_what_leads_back_to_the_hub_is_known)
{
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct hub *hub = rh_alloc(sizeof *hub);
		struct net_url url;

		(void)snprintf(hub->address, sizeof hub->address, "%s", rows[i].address);
		(void)snprintf(hub->admin_address, sizeof hub->admin_address, "%s", rows[i].admin);
		hub->origin = str_of(rows[i].origin);
		hub->prefix = str_of(rows[i].prefix);
		ck_assert_int_eq(net_url_parse(str_of(rows[i].url), arena, &url, NULL), RH_OK);
		ck_assert_msg(
		        callable_is_own(hub, &url) == rows[i].own, "row %zu: %s", i, rows[i].url);
		free(hub);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_M11_plain_text_is_refused_where_https_is_enforced)
{
	static const struct {
		const char *url;
		bool allow_http;
		const char *why; /* NULL: taken */
	} cases[] = {
		{ "https://p.example.com/versions", false, NULL },
		{ "http://p.example.com/versions", true, NULL },
		{ "http://p.example.com/versions", false, "is http, expected https" },
		{ "https://hub.example.com/versions", true, "is this hub's own" },
		{ "ftp://p.example.com/", true, "expected an absolute http or https URL" },
		{ "/versions", true, "expected an absolute http or https URL" },
		{ "", true, "expected an absolute http or https URL" },
	};
	struct arena *arena = arena_new(1024);

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct settings settings = { .allow_http = cases[i].allow_http };
		struct hub *hub = rh_alloc(sizeof *hub);
		struct fault fault = { 0 };
		struct net_url url = { 0 };

		(void)snprintf(hub->address, sizeof hub->address, "10.0.0.1:8080");
		(void)snprintf(hub->admin_address, sizeof hub->admin_address, "10.0.0.1:8081");
		hub->origin = STR("https://hub.example.com:443");
		hub->prefix = STR("");
		atomic_init(&hub->settings, &settings);
		enum rh_err err =
		        callable_read(hub, 0, "/url", str_of(cases[i].url), arena, &url, &fault);
		ck_assert_int_eq(err, cases[i].why == NULL ? RH_OK : RH_BAD_FIELD);
		if (cases[i].why != NULL) {
			ck_assert_str_eq(fault.field, "/url");
			ck_assert_msg(strstr(fault.why, cases[i].why) != NULL, "%s", fault.why);
			ck_assert_ptr_null(url.host.p);
		}
		free(hub);
	}
	arena_free(arena);
}
END_TEST

START_TEST(test_the_origin_of_a_sandbox_is_its_own_alone)
{
	struct settings settings = { .allow_http = false };
	struct arena *arena = arena_new(1024);
	struct hub *hub = rh_alloc(sizeof *hub);
	struct fault fault = { 0 };
	struct net_url url;
	const struct {
		int64_t platform;
		const char *url;
		bool good;
	} cases[] = {
		{ 7, "http://127.0.0.1:4711/ocpi/versions", true },
		{ 8, "http://127.0.0.1:4711/ocpi/versions", false },
		{ 0, "http://127.0.0.1:4711/ocpi/versions", false },
		{ 7, "http://127.0.0.1:4712/ocpi/versions", false }, /* http */
		{ 8, "http://127.1:4711/", false },                  /* another spelling of it */
	};

	(void)snprintf(hub->address, sizeof hub->address, "10.0.0.1:8080");
	(void)snprintf(hub->admin_address, sizeof hub->admin_address, "10.0.0.1:8081");
	hub->origin = STR("https://hub.example.com:443");
	hub->prefix = STR("");
	atomic_init(&hub->settings, &settings);
	ck_assert(net_exempt_add(&hub->exempt, 4711, 7));
	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg((callable_read(hub, cases[i].platform, "/url", str_of(cases[i].url),
		                       arena, &url, &fault) == RH_OK) == cases[i].good,
		        "case %zu: %s", i, fault.why);
	net_exempt_remove(&hub->exempt, 4711);
	ck_assert_int_ne(
	        callable_read(hub, 7, "/url", str_of(cases[0].url), arena, &url, &fault), RH_OK);
	free(hub);
	arena_free(arena);
}
END_TEST

RUN("callable", test_M6_what_leads_back_to_the_hub_is_known,
        test_M11_plain_text_is_refused_where_https_is_enforced,
        test_the_origin_of_a_sandbox_is_its_own_alone)
