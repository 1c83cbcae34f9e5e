/* ctl_manual: what is printed of the verb table for others: manual pages and completions. */
#pragma once

#include "ctl.h"

extern const struct ctl_option
        ctl_global_options[]; /* ctl_args.c; ends with a row without a name */

int ctl_manual(struct ctl *ctl);     /* roamhubctl(1), roamhub.conf(5); man(7) */
int ctl_completion(struct ctl *ctl); /* bash, zsh, fish */
/** The operand among @words (ends with NULL), or -1 with the reason on stderr. */
int ctl_one_of(const struct ctl *ctl, const char *const *words);
/** " --name NAME [--party P]... ID" */
void ctl_add_arguments(const struct ctl_verb *verb, struct buf *line); /* ctl_help.c */
