/* party: who a message is from and to: roles, interfaces and the pair (country_code, party_id).
 *
 * Spec: 2.2.1 types.asciidoc "Role enum", credentials.asciidoc "CredentialsRole class". */
#include <assert.h>
#include <string.h>

#include "roamhub/ocpi.h"

static const char *const role_names[] = { "NONE", "CPO", "EMSP", "HUB", "NAP", "NSP", "OTHER",
	"SCSP" };
static const char *const interface_names[] = { "NONE", "SENDER", "RECEIVER" };

/** Index of @text among @names from 1 on; 0 when it is none of them. */
static unsigned
name_index(const char *const *names, unsigned count, struct str text)
{
	for (unsigned i = 1; i < count; i++)
		if (str_is(text, names[i]))
			return i;
	return 0;
}

const char *
ocpi_role_name(enum ocpi_role role)
{
	assert(role < COUNT(role_names));
	return role_names[role];
}

bool
ocpi_role_parse(struct str text, enum ocpi_role *role)
{
	*role = (enum ocpi_role)name_index(role_names, COUNT(role_names), text);
	return *role != ROLE_NONE;
}

const char *
ocpi_interface_name(enum ocpi_interface interface)
{
	assert(interface < COUNT(interface_names));
	return interface_names[interface];
}

bool
ocpi_interface_parse(struct str text, enum ocpi_interface *interface)
{
	*interface = (enum ocpi_interface)name_index(interface_names, COUNT(interface_names), text);
	return *interface != IFACE_NONE;
}

static bool
graphic(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= 0x20 || s.p[i] >= 0x7f)
			return false;
	return true;
}

bool
ocpi_id_make(struct str country, struct str party, struct ocpi_id *id)
{
	if (country.len != 2 || party.len != 3 || !graphic(country) || !graphic(party))
		return false;
	*id = (struct ocpi_id){ 0 };
	memcpy(id->country, country.p, 2);
	memcpy(id->party, party.p, 3);
	return true;
}

bool
ocpi_id_same(const struct ocpi_id *a, const struct ocpi_id *b)
{
	return str_ieq(str_of(a->country), str_of(b->country)) &&
	       str_ieq(str_of(a->party), str_of(b->party));
}

bool
ocpi_id_parse(struct str text, struct ocpi_id *id)
{
	if (text.len != 6 || text.p[2] != '*')
		return false;
	return ocpi_id_make((struct str){ text.p, 2 }, (struct str){ text.p + 3, 3 }, id);
}

const char *
ocpi_id_text(const struct ocpi_id *id, char out[OCPI_ID_TEXT])
{
	memcpy(out, id->country, 2);
	out[2] = '*';
	memcpy(out + 3, id->party, 3);
	out[6] = '\0';
	return out;
}

const char *
ocpi_id_key(const struct ocpi_id *id, char out[OCPI_ID_TEXT])
{
	ocpi_id_text(id, out);
	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 'a' + 'A');
	return out;
}
