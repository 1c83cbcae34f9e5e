/* sim_sandbox: the simulated counterpart that a hub starts for a platform (src/hub/sandbox). */
#pragma once

/** Arguments behind "sandbox"; returns the exit status. */
int sim_sandbox(int argc, char **argv);
