/* files: whole files as text. */
#pragma once

#include "roamhub/base.h"

/** Everything in file @name, relative to @folder unless it begins with '/'; "-" is standard input.
 */
bool file_read(const char *folder, struct str name, struct arena *arena, struct str *text);
/** What stands before the last slash of @path; "." when there is none. */
const char *folder_of(const char *path, struct arena *arena);
