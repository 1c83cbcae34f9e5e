/* contract: one suite for every backend, in files by subject. Each adds its tests once a backend
 * that is asked for; the loop index of a test is that of the backend in contract_schemes. */
#pragma once

#include "rig.h"

#include <check.h>

enum { CONTRACT_SCHEMES = 3 };
extern const char *const contract_schemes[CONTRACT_SCHEMES];
extern int contract_first, contract_end;

#define ck_assert_str(a, b) \
	ck_assert_msg(str_eq(a, b), "'%.*s' is not '%.*s'", STR_ARG(a), STR_ARG(b))

void contract_platforms(TCase *tests);
void contract_relinks(TCase *tests);
void contract_batches(TCase *tests);
void contract_trace(TCase *tests);
void contract_objects(TCase *tests);
void contract_lists(TCase *tests);
void contract_owed(TCase *tests);
void contract_parked(TCase *tests);
void contract_redrive(TCase *tests);
void contract_unchanged(TCase *tests);
void contract_scopes(TCase *tests);
void contract_pulled(TCase *tests);
void contract_event(TCase *tests);
void contract_quota(TCase *tests);
void contract_erase(TCase *tests);
void contract_version(TCase *tests);
