/* check_alone: the assertions of rigs that tests share, in a program that runs no tests: one that
 * holds is passed over, one that does not ends the process. Linked with --wrap. */
#include "fuzz.h"

void __wrap__mark_point(const char *file, int line);
_Noreturn void __wrap__ck_assert_failed(
        const char *file, int line, const char *expression, const char *message, ...);

void
__wrap__mark_point(const char *file, int line)
{
	(void)file, (void)line;
}

void
__wrap__ck_assert_failed(
        const char *file, int line, const char *expression, const char *message, ...)
{
	(void)message;
	fprintf(stderr, "%s:%d: %s\n", file, line, expression);
	abort();
}
