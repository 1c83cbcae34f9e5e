/* move_file: a file of move_out.c, read line by line. For move_in.c alone. */
#pragma once

#include "move.h"

/** "PATH: line 7: WHY" */
enum rh_err move_file_fault(const struct move_file *file, struct fault *fault, const char *why);
/** The next line. There is always one before the last. */
MUST_CHECK enum rh_err move_file_next(struct move_file *file, struct fault *fault);
bool move_file_is_row(const struct move_file *file);
struct str move_file_line(const struct move_file *file); /* until the next one */
/** Takes the line apart, in place. */
bool move_file_row(
        struct move_file *file, const struct move_table *table, struct move_value *values);
/** The line is one that the last one tells of. */
void move_file_said(struct move_file *file);
const struct move_sum *move_file_sum(const struct move_file *file); /* of those */
