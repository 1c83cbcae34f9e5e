/* one_rig: the rig of the test that runs, and what is put into it behind the back of the admin API.
 */
#pragma once

#include "rig.h"

extern struct rig *rig;

void one_rig(void); /* setup and teardown of a test */
void one_rig_end(void);

void invite(size_t count); /* platforms, each with the name One */
enum rh_err store_do(struct store_op *op);
void put_parked(const struct store_parked *rows, size_t count);
