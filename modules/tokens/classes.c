/* tokens: the classes and enums of the module, mod_tokens.asciidoc.
 * Tables in the order and with the names of the specification (release-2.2.1-bugfixes). */
#include "../classes.h"

/* clang-format off */

const struct ocpi_enum ocpi_enum_whitelist_type = {
	.name = "WhitelistType",
	.values = VALUES("ALWAYS", "ALLOWED", "ALLOWED_OFFLINE", "NEVER"),
};

const struct ocpi_enum ocpi_enum_allowed_type = {
	.name = "AllowedType",
	.values = VALUES("ALLOWED", "BLOCKED", "EXPIRED", "NO_CREDIT", "NOT_ALLOWED"),
};

/* mod_tokens.asciidoc §mod_tokens_token_object */
static const struct ocpi_field token_fields[] = {
	{ "country_code",         ONE,  CISTRING(2), FORM(country2) },
	{ "party_id",             ONE,  CISTRING(3), FORM(party) },
	{ "uid",                  ONE,  CISTRING(36) },
	{ "type",                 ONE,  ENUM(token_type) },
	{ "contract_id",          ONE,  CISTRING(36) },
	{ "visual_number",        OPT,  STRING(64) },
	{ "issuer",               ONE,  STRING(64) },
	{ "group_id",             OPT,  CISTRING(36) },
	{ "valid",                ONE,  BOOLEAN },
	{ "whitelist",            ONE,  ENUM(whitelist_type) },
	{ "language",             OPT,  STRING(2), FORM(language) },
	{ "default_profile_type", OPT,  ENUM(profile_type) },
	{ "energy_contract",      OPT,  OBJECT(energy_contract) },
	{ "last_updated",         ONE,  DATETIME, STAMP },
	{ "" },
};
const struct ocpi_class ocpi_class_token = {
	.name = "Token",
	.spec = "mod_tokens_token_object",
	.fields = token_fields,
};

/* mod_tokens.asciidoc §mod_tokens_energy_contract */
static const struct ocpi_field energy_contract_fields[] = {
	{ "supplier_name", ONE,  STRING(64) },
	{ "contract_id",   OPT,  STRING(64) },
	{ "" },
};
const struct ocpi_class ocpi_class_energy_contract = {
	.name = "EnergyContract",
	.spec = "mod_tokens_energy_contract",
	.fields = energy_contract_fields,
};

/* mod_tokens.asciidoc §mod_tokens_locationreferences_class */
static const struct ocpi_field location_references_fields[] = {
	{ "location_id", ONE,  CISTRING(36) },
	{ "evse_uids",   MANY, CISTRING(36) },
	{ "" },
};
const struct ocpi_class ocpi_class_location_references = {
	.name = "LocationReferences",
	.spec = "mod_tokens_locationreferences_class",
	.fields = location_references_fields,
};

/* mod_tokens.asciidoc §mod_tokens_authorizationinfo_object */
static const struct ocpi_field authorization_info_fields[] = {
	{ "allowed",                 ONE,  ENUM(allowed_type) },
	{ "token",                   ONE,  OBJECT(token) },
	{ "location",                OPT,  OBJECT(location_references) },
	{ "authorization_reference", OPT,  CISTRING(36) },
	{ "info",                    OPT,  OBJECT(display_text) },
	{ "" },
};
const struct ocpi_class ocpi_class_authorization_info = {
	.name = "AuthorizationInfo",
	.spec = "mod_tokens_authorizationinfo_object",
	.fields = authorization_info_fields,
};

/* clang-format on */
