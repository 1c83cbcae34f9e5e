/* modules: the list of the functional modules of OCPI 2.2.1.
 * A new module is a folder, a line here, its sources in meson.build, and its rows in the model that
 * tests/unit/modules hold it against. */
#include "classes.h"

const struct ocpi_module *const ocpi_modules[] = {
	&ocpi_module_cdrs,
	&ocpi_module_chargingprofiles,
	&ocpi_module_commands,
	&ocpi_module_locations,
	&ocpi_module_sessions,
	&ocpi_module_tariffs,
	&ocpi_module_tokens,
	NULL,
};
