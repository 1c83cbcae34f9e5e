/* steps: what each verb of the scenario language does. The patterns are in verbs.c. */
#pragma once

#include "story.h"

/** All verbs, for story_play(); the last has no pattern. */
extern const struct verb verbs[];

/* declare.c */
void step_need(struct story *story);
void step_default(struct story *story);
void step_set(struct story *story);
void step_platform(struct story *story);
void step_party(struct story *story);
void step_listen(struct story *story);
void step_public_url(struct story *story);
void step_page_size(struct story *story);
void step_patience(struct story *story);
void step_versions(struct story *story);
void step_modules(struct story *story);
void step_lenient(struct story *story);
void step_seed(struct story *story);

/* direct.c */
void step_say(struct story *story);
void step_wait(struct story *story);
void step_repeat(struct story *story);
void step_try(struct story *story);
void step_stay(struct story *story);
void step_end(struct story *story);
void step_expose(struct story *story);
void step_answer(struct story *story);
void step_store(struct story *story);
void step_forget(struct story *story);
void step_live(struct story *story);
void step_fault(struct story *story);
void step_fault_none(struct story *story);
void step_down(struct story *story);
void step_up(struct story *story);

/* ask.c */
void step_send(struct story *story);
void step_request(struct story *story);
void step_follow(struct story *story);
void step_crawl(struct story *story);
void step_callback(struct story *story);

/* fence.c */
void step_fence(struct story *story);

/* enrol.c */
void step_register_with(struct story *story);
void step_register_at(struct story *story);
void step_rotate(struct story *story);
void step_unregister(struct story *story);

/* program.c */
void step_run(struct story *story);

/* expect.c */
void step_expect_status(struct story *story);
void step_expect_no_answer(struct story *story);
void step_expect_at(struct story *story);
void step_expect_header(struct story *story);
void step_expect_body(struct story *story);
void step_expect_crawled(struct story *story);
void step_expect_within(struct story *story);
void step_expect_exit(struct story *story);
void step_expect_that(struct story *story);
void step_capture(struct story *story);

/* received.c */
void step_expect_received(struct story *story);
void step_wait_received(struct story *story);
void step_expect_received_no(struct story *story);
void step_capture_received(struct story *story);
void step_expect_has(struct story *story);
void step_wait_has(struct story *story);
void step_expect_has_no(struct story *story);
void step_expect_keeps(struct story *story);
