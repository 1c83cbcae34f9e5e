/* pull_object: one object of a page: whose it is, whether it is sound, and into the store. */
#pragma once

#include "pull_walk.h"

/** The field that names the receiver of a module's objects; NULL: they are shared with everybody.
 */
const char *pull_addressed(const struct ocpi_module *module);
/** Take the object at pull->at of the page. When it goes to the store, pending is one more until
 * object_done(). Counts it in the report. */
void pull_object(struct pull *pull, const struct platform *platform);
