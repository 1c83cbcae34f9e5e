/* schema_config: what the hub itself speaks: envelope, versions, credentials, hub client info.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "roamhub/schema_tables.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_role = {
	.name = "Role",
	.values = VALUES("CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER", "SCSP"),
};

const struct ocpi_enum ocpi_enum_interface_role = {
	.name = "InterfaceRole",
	.values = VALUES("SENDER", "RECEIVER"),
};

const struct ocpi_enum ocpi_enum_version_number = {
	.name = "VersionNumber",
	.values = VALUES("2.0", "2.1", "2.1.1", "2.2", "2.2.1"),
	.flags = ENUM_OPEN,
};

const struct ocpi_enum ocpi_enum_module_id = {
	.name = "ModuleID",
	.values = VALUES("cdrs", "chargingprofiles", "commands", "credentials",
		"hubclientinfo", "locations", "sessions", "tariffs", "tokens"),
	.flags = ENUM_OPEN,
};

const struct ocpi_enum ocpi_enum_connection_status = {
	.name = "ConnectionStatus",
	.values = VALUES("CONNECTED", "OFFLINE", "PLANNED", "SUSPENDED"),
};

const struct ocpi_enum ocpi_enum_image_category = {
	.name = "ImageCategory",
	.values = VALUES("CHARGER", "ENTRANCE", "LOCATION", "NETWORK", "OPERATOR",
		"OTHER", "OWNER"),
};

/* transport_and_format.asciidoc §transport_and_format_response_format */
static const struct ocpi_field response_fields[] = {
	{ "data",           OPT,  ANY },
	{ "status_code",    ONE,  INT, RANGE(1000, 9999) },
	{ "status_message", OPT,  TEXT },
	{ "timestamp",      ONE,  DATETIME },
	{ "" },
};
const struct ocpi_class ocpi_class_response = {
	.name = "Response",
	.spec = "transport_and_format_response_format",
	.fields = response_fields,
};

/* version_information_endpoint.asciidoc §version_information_endpoint_version_class */
static const struct ocpi_field version_fields[] = {
	{ "version", ONE,  ENUM(version_number) },
	{ "url",     ONE,  URL, CALLABLE },
	{ "" },
};
const struct ocpi_class ocpi_class_version = {
	.name = "Version",
	.spec = "version_information_endpoint_version_class",
	.fields = version_fields,
};

/* version_information_endpoint.asciidoc §version_information_get_details_endpoint_data */
static const struct ocpi_field version_details_fields[] = {
	{ "version",   ONE,  ENUM(version_number) },
	{ "endpoints", SOME, OBJECT(endpoint) },
	{ "" },
};
const struct ocpi_class ocpi_class_version_details = {
	.name = "VersionDetails",
	.spec = "version_information_get_details_endpoint_data",
	.fields = version_details_fields,
};

/* version_information_endpoint.asciidoc §version_information_endpoint_endpoint_class */
static const struct ocpi_field endpoint_fields[] = {
	{ "identifier", ONE,  ENUM(module_id) },
	{ "role",       ONE,  ENUM(interface_role) },
	{ "url",        ONE,  URL, CALLABLE },
	{ "" },
};
const struct ocpi_class ocpi_class_endpoint = {
	.name = "Endpoint",
	.spec = "version_information_endpoint_endpoint_class",
	.fields = endpoint_fields,
};

/* credentials.asciidoc §credentials_credentials_object */
static const struct ocpi_field credentials_fields[] = {
	{ "token", ONE,  STRING(64), FORM(token), SECRET },
	{ "url",   ONE,  URL, CALLABLE },
	{ "roles", SOME, OBJECT(credentials_role) },
	{ "" },
};
const struct ocpi_class ocpi_class_credentials = {
	.name = "Credentials",
	.spec = "credentials_credentials_object",
	.fields = credentials_fields,
};

/* credentials.asciidoc §credentials_credentials_role_class */
static const struct ocpi_field credentials_role_fields[] = {
	{ "role",             ONE,  ENUM(role) },
	{ "business_details", ONE,  OBJECT(business_details) },
	{ "party_id",         ONE,  CISTRING(3), FORM(party) },
	{ "country_code",     ONE,  CISTRING(2), FORM(country2) },
	{ "" },
};
const struct ocpi_class ocpi_class_credentials_role = {
	.name = "CredentialsRole",
	.spec = "credentials_credentials_role_class",
	.fields = credentials_role_fields,
};

/* mod_locations.asciidoc §mod_locations_businessdetails_class */
static const struct ocpi_field business_details_fields[] = {
	{ "name",    ONE,  STRING(100) },
	{ "website", OPT,  URL },
	{ "logo",    OPT,  OBJECT(image) },
	{ "" },
};
const struct ocpi_class ocpi_class_business_details = {
	.name = "BusinessDetails",
	.spec = "mod_locations_businessdetails_class",
	.fields = business_details_fields,
};

/* mod_locations.asciidoc §mod_locations_image_class */
static const struct ocpi_field image_fields[] = {
	{ "url",       ONE,  URL },
	{ "thumbnail", OPT,  URL },
	{ "category",  ONE,  ENUM(image_category) },
	{ "type",      ONE,  CISTRING(4) },
	{ "width",     OPT,  DIGITS(5), FROM_ZERO },
	{ "height",    OPT,  DIGITS(5), FROM_ZERO },
	{ "" },
};
const struct ocpi_class ocpi_class_image = {
	.name = "Image",
	.spec = "mod_locations_image_class",
	.fields = image_fields,
};

/* mod_hub_client_info.asciidoc §mod_hub_client_info_hub_client_info_object */
static const struct ocpi_field client_info_fields[] = {
	{ "party_id",     ONE,  CISTRING(3), FORM(party) },
	{ "country_code", ONE,  CISTRING(2), FORM(country2) },
	{ "role",         ONE,  ENUM(role) },
	{ "status",       ONE,  ENUM(connection_status) },
	{ "last_updated", ONE,  DATETIME },
	{ "" },
};
const struct ocpi_class ocpi_class_client_info = {
	.name = "ClientInfo",
	.spec = "mod_hub_client_info_hub_client_info_object",
	.fields = client_info_fields,
};

/* clang-format on */
