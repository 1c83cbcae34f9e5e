/* rules_registered: versions, version details and credentials, beside what was registered. */
#include "rules.h"

#include <string.h>

static const struct json_doc *
doc_of(const struct survey_seen *seen)
{
	return &seen->call->envelope.doc;
}

/* ---- versions ---- */

static enum survey_verdict
judge_versions(const struct survey_seen *seen, struct survey_finding *finding)
{
	return survey_of_class(seen, &ocpi_class_version, CHECK_LIST, finding);
}

static enum survey_verdict
judge_version(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct json_doc *doc = doc_of(seen);
	struct buf others = { .arena = seen->arena };
	uint32_t list = seen->call->envelope.data;

	if (!survey_is_page(seen))
		return SURVEY_SILENT;
	for (uint32_t i = list + 1; i < doc->nodes[list].next; i = doc->nodes[i].next) {
		struct str version = json_member_string(doc, i, "version", seen->arena);

		if (str_is(version, OCPI_VERSION))
			return SURVEY_HOLDS;
		buf_printf(&others, "%s%.*s", others.len > 0 ? ", " : "", STR_ARG(version));
	}
	return survey_found(finding, "%s", others.len > 0 ? others.p : "an empty list");
}

/* ---- version details ---- */

static enum survey_verdict
judge_details(const struct survey_seen *seen, struct survey_finding *finding)
{
	return survey_of_class(seen, &ocpi_class_version_details, 0, finding);
}

/* Endpoints of the answer, one after the other; *@at from 0. */
static bool
next_endpoint(const struct survey_seen *seen, uint32_t *at, struct endpoint *out)
{
	const struct json_doc *doc = doc_of(seen);
	uint32_t list = json_member(doc, seen->call->envelope.data, "endpoints");

	if (list == 0 || doc->nodes[list].type != JSON_ARRAY)
		return false;
	*at = *at == 0 ? list + 1 : doc->nodes[*at].next;
	if (*at >= doc->nodes[list].next)
		return false;
	out->module = json_member_string(doc, *at, "identifier", seen->arena);
	out->url = json_member_string(doc, *at, "url", seen->arena);
	if (!ocpi_interface_parse(
	            json_member_string(doc, *at, "role", seen->arena), &out->interface))
		out->interface = IFACE_NONE;
	return true;
}

/* Its credentials endpoint is known by its name, whatever its role. */
static const struct endpoint *
registered_as(const struct platform *platform, const struct endpoint *listed)
{
	for (size_t i = 0; i < platform->endpoint_count; i++) {
		const struct endpoint *endpoint = &platform->endpoints[i];

		if (str_eq(endpoint->module, listed->module) && !endpoint->by_hand &&
		        (endpoint->interface == listed->interface ||
		                str_is(listed->module, "credentials")))
			return endpoint;
	}
	return NULL;
}

static bool
is_by_hand(const struct platform *platform, const struct endpoint *listed)
{
	for (size_t i = 0; i < platform->endpoint_count; i++)
		if (platform->endpoints[i].by_hand &&
		        platform->endpoints[i].interface == listed->interface &&
		        str_eq(platform->endpoints[i].module, listed->module))
			return true;
	return false;
}

static enum survey_verdict
judge_current(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct endpoint listed = { 0 };
	uint32_t at = 0;

	if (!survey_is_success(seen) || seen->call->envelope.data == 0)
		return SURVEY_SILENT;
	while (next_endpoint(seen, &at, &listed)) {
		const struct endpoint *known = registered_as(seen->platform, &listed);

		if (listed.module.len == 0 || listed.interface == IFACE_NONE ||
		        is_by_hand(seen->platform, &listed) ||
		        (known != NULL && str_eq(known->url, listed.url)))
			continue;
		return survey_found(finding, "%.*s %s is listed at %.*s, registered %s%.*s",
		        STR_ARG(listed.module), ocpi_interface_name(listed.interface),
		        STR_ARG(listed.url), known != NULL ? "at " : "not at all",
		        known != NULL ? (int)known->url.len : 0, known != NULL ? known->url.p : "");
	}
	return SURVEY_HOLDS;
}

static const struct {
	enum ocpi_role role;
	const char *module;
	enum ocpi_interface interface;
} typical[] = { /* terminology.asciidoc "Typical OCPI implementations per Role" */
	{ ROLE_CPO, "locations", IFACE_SENDER }, { ROLE_CPO, "sessions", IFACE_SENDER },
	{ ROLE_CPO, "cdrs", IFACE_SENDER }, { ROLE_CPO, "tariffs", IFACE_SENDER },
	{ ROLE_CPO, "tokens", IFACE_RECEIVER }, { ROLE_CPO, "commands", IFACE_RECEIVER },
	{ ROLE_EMSP, "tokens", IFACE_SENDER }, { ROLE_EMSP, "locations", IFACE_RECEIVER },
	{ ROLE_EMSP, "sessions", IFACE_RECEIVER }, { ROLE_EMSP, "cdrs", IFACE_RECEIVER },
	{ ROLE_EMSP, "tariffs", IFACE_RECEIVER }
};

static bool
has_role(const struct platform *platform, enum ocpi_role role)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (platform->parties[i].role == role)
			return true;
	return false;
}

static enum survey_verdict
judge_typical(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct platform *platform = seen->platform;
	struct buf missing = { .arena = seen->arena };

	for (size_t i = 0; i < COUNT(typical); i++) {
		if (!has_role(platform, typical[i].role) ||
		        platform_endpoint(
		                platform, str_of(typical[i].module), typical[i].interface) != NULL)
			continue;
		buf_printf(&missing, "%s%s %s", missing.len > 0 ? ", " : "", typical[i].module,
		        ocpi_interface_name(typical[i].interface));
	}
	return survey_holds_if(missing.len == 0, finding, "none of %s", missing.p);
}

/* ---- credentials ---- */

/* What was found stays out of the text: the token stands in it. */
static enum survey_verdict
judge_credentials(const struct survey_seen *seen, struct survey_finding *finding)
{
	struct str said;

	if (seen->call->net.result != NET_DONE)
		return SURVEY_SILENT;
	if (survey_is_success(seen))
		return survey_of_class(seen, &ocpi_class_credentials, 0, finding);
	said = survey_status(seen);
	return survey_found(finding, "%.*s", STR_ARG(said));
}

static bool
has_registered(const struct platform *platform, const struct ocpi_id *id, enum ocpi_role role)
{
	for (size_t i = 0; i < platform->party_count; i++)
		if (platform->parties[i].role == role && ocpi_id_same(&platform->parties[i].id, id))
			return true;
	return false;
}

static enum survey_verdict
judge_roles(const struct survey_seen *seen, struct survey_finding *finding)
{
	const struct json_doc *doc = doc_of(seen);
	uint32_t list;

	if (!survey_is_success(seen))
		return SURVEY_SILENT;
	list = json_member(doc, seen->call->envelope.data, "roles");
	if (list == 0 || doc->nodes[list].type != JSON_ARRAY)
		return SURVEY_SILENT;
	for (uint32_t i = list + 1; i < doc->nodes[list].next; i = doc->nodes[i].next) {
		enum ocpi_role role;
		struct ocpi_id id;

		if (!ocpi_id_make(json_member_string(doc, i, "country_code", seen->arena),
		            json_member_string(doc, i, "party_id", seen->arena), &id) ||
		        !ocpi_role_parse(json_member_string(doc, i, "role", seen->arena), &role) ||
		        has_registered(seen->platform, &id, role))
			continue;
		return survey_found(finding, "%s*%s as %s, which is not registered", id.country,
		        id.party, ocpi_role_name(role));
	}
	return SURVEY_HOLDS;
}

#define VERSIONS "version_information_endpoint.asciidoc, "

const struct survey_rule survey_registered[] = {
	{ "versions", "a list of versions", VERSIONS "Version information endpoint", "VER-001",
	        SURVEY_WARNING, ASKED(ASK_VERSIONS), NULL, judge_versions },
	{ "version", OCPI_VERSION " among the versions", VERSIONS "VersionNumber enum", "VER-013",
	        SURVEY_FAULT, ASKED(ASK_VERSIONS), NULL, judge_version },
	{ "details", "version details as their class says", VERSIONS "Version details endpoint",
	        "VER-004", SURVEY_WARNING, ASKED(ASK_DETAILS), NULL, judge_details },
	{ "endpoints", "the endpoints that were there at the last handshake, or PUT of credentials",
	        "credentials.asciidoc, Changing endpoints for the current version", "VER-022",
	        SURVEY_WARNING, ASKED(ASK_DETAILS), NULL, judge_current },
	{ "modules", "the modules that are typical of its roles",
	        "terminology.asciidoc, Typical OCPI implementations per Role", "VER-007",
	        SURVEY_NOTE, ASKED(ASK_DETAILS), NULL, judge_typical },
	{ "credentials", "the Credentials that the hub is to use",
	        "credentials.asciidoc, GET Method", "CRD-022", SURVEY_NOTE, ASKED(ASK_CREDENTIALS),
	        NULL, judge_credentials },
	{ "roles", "the roles that were registered", "credentials.asciidoc, GET Method", "CRD-022",
	        SURVEY_WARNING, ASKED(ASK_CREDENTIALS), NULL, judge_roles },
	{ 0 },
};
