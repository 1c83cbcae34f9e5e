/* ctl_validate: the verb that needs no hub. */
#pragma once

#include "ctl.h"

/** Check the file that the operand names; the exit status. */
int ctl_validate(struct ctl *ctl);
