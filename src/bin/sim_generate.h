/* sim_generate: valid objects out of the class tables, and almost valid ones, for a partner's
 * tests. */
#pragma once

/** `generate CLASS [--seed N] [--count N] [--broken]`: one object a line; with --broken one known
 * fault each, named on stderr. `generate --sense [CLASS]`: objects that agree with each other.
 * Returns the exit status: 0, or 2 for bad usage. */
int sim_generate(int argc, char **argv);
