/* test_party: roles, interfaces and party ids. */
#include "helper.h"

START_TEST(test_TYP_014_roles_are_those_of_the_specification)
{
	static const char *const names[] = { "CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "SCSP" };
	static const char *const bad[] = { "", "NONE", "cpo", "EMSP ", "MSP", "CP", "CPOO" };
	enum ocpi_role role;

	for (size_t i = 0; i < COUNT(names); i++) {
		ck_assert(ocpi_role_parse(str_of(names[i]), &role));
		ck_assert_int_eq(role, (enum ocpi_role)(i + 1));
		ck_assert_str_eq(ocpi_role_name(role), names[i]);
	}
	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!ocpi_role_parse(str_of(bad[i]), &role), "%s", bad[i]);
	ck_assert(!ocpi_role_parse((struct str){ 0 }, &role));
}
END_TEST

START_TEST(test_interfaces_have_names)
{
	enum ocpi_interface interface;

	ck_assert(ocpi_interface_parse(STR("SENDER"), &interface));
	ck_assert_int_eq(interface, IFACE_SENDER);
	ck_assert(ocpi_interface_parse(STR("RECEIVER"), &interface));
	ck_assert_int_eq(interface, IFACE_RECEIVER);
	ck_assert_str_eq(ocpi_interface_name(IFACE_SENDER), "SENDER");
	ck_assert_str_eq(ocpi_interface_name(IFACE_RECEIVER), "RECEIVER");
	ck_assert(!ocpi_interface_parse(STR("receiver"), &interface));
	ck_assert(!ocpi_interface_parse(STR("NONE"), &interface));
}
END_TEST

START_TEST(test_TYP_021_ids_have_two_and_three_graphic_characters)
{
	static const struct {
		const char *country, *party;
		bool good;
	} cases[] = {
		{ "DE", "ABC", true },
		{ "de", "a1*", true },
		{ "~!", "/%.", true },
		{ "D", "ABC", false },
		{ "DEU", "ABC", false },
		{ "DE", "AB", false },
		{ "DE", "ABCD", false },
		{ "", "", false },
		{ "D ", "ABC", false },
		{ "DE", "A C", false },
		{ "DE", "AB\n", false },
		{ "D\x7f", "ABC", false },
		{ "DE", "A\xc3\xa9", false },
		{ "\xc3\xa9", "ABC", false },
	};
	struct ocpi_id id;

	for (size_t i = 0; i < COUNT(cases); i++)
		ck_assert_msg(ocpi_id_make(str_of(cases[i].country), str_of(cases[i].party), &id) ==
		                      cases[i].good,
		        "%s %s", cases[i].country, cases[i].party);
	ck_assert(ocpi_id_make((struct str){ "DEU", 2 }, (struct str){ "ABCD", 3 }, &id));
	ck_assert_str_eq(id.country, "DE");
	ck_assert_str_eq(id.party, "ABC");
	ck_assert(!ocpi_id_make((struct str){ 0 }, STR("ABC"), &id));
	ck_assert(!ocpi_id_make(STR("DE"), (struct str){ 0 }, &id));
}
END_TEST

START_TEST(test_CRD_030_ids_compare_in_any_case_and_keep_theirs)
{
	struct ocpi_id a, b, c;
	char text[OCPI_ID_TEXT];

	ck_assert(ocpi_id_make(STR("De"), STR("aBc"), &a));
	ck_assert(ocpi_id_parse(STR("dE*AbC"), &b));
	ck_assert(ocpi_id_parse(STR("DE*ABD"), &c));
	ck_assert(ocpi_id_same(&a, &b));
	ck_assert(!ocpi_id_same(&a, &c));
	ck_assert_str_eq(ocpi_id_text(&a, text), "De*aBc");
	ck_assert_str_eq(ocpi_id_text(&b, text), "dE*AbC");
	ck_assert_str_eq(ocpi_id_key(&b, text), "DE*ABC");
	ck_assert(ocpi_id_parse(STR("z{*{z1"), &a));
	ck_assert_str_eq(ocpi_id_key(&a, text), "Z{*{Z1");
}
END_TEST

START_TEST(test_ids_are_parsed_from_their_text_only)
{
	static const char *const bad[] = { "", "DE", "DEABC", "DE-ABC", "DE*AB", "DE*ABCD",
		"D*EABC", "DE* BC", " DE*ABC" };
	struct ocpi_id id;

	for (size_t i = 0; i < COUNT(bad); i++)
		ck_assert_msg(!ocpi_id_parse(str_of(bad[i]), &id), "%s", bad[i]);
	ck_assert(!ocpi_id_parse((struct str){ 0 }, &id));
	ck_assert(ocpi_id_parse(STR("***ABC"), &id));
	ck_assert_str_eq(id.country, "**");
}
END_TEST

RUN("ocpi party", test_TYP_014_roles_are_those_of_the_specification, test_interfaces_have_names,
        test_TYP_021_ids_have_two_and_three_graphic_characters,
        test_CRD_030_ids_compare_in_any_case_and_keep_theirs,
        test_ids_are_parsed_from_their_text_only)
