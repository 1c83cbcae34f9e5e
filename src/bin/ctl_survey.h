/* ctl_survey: what the ladder and the page of a report have in common. */
#pragma once

#include "ctl.h"

/** "transport_and_format.asciidoc, Paginated response (TRN-030)" */
const char *survey_paragraph(const struct ctl *ctl, struct val rung);
/** "DE*HUB ..., asked by the operator, 41 requests in 0.8 s" */
const char *survey_how(const struct ctl *ctl, struct val report);
/** What became of the settings that would cure; NULL: there are none. */
const char *survey_cures(const struct ctl *ctl, struct val report);
