/* test_mailbox: many threads post to one owner.
 * Meant to run under ThreadSanitizer too; nothing here depends on how fast a thread is. */
#include "../suite.h"
#include "roamhub/base.h"

#include <check.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

enum { POSTERS = 6, LETTERS = 20000 };

struct letter {
	struct mail mail;
	int poster, number;
};

struct poster {
	pthread_t thread;
	struct mailbox *box;
	int id;
};

/* What the owner has seen; only its thread touches this. */
static struct {
	int next[POSTERS];
	int out_of_order;
	struct mailbox *box;
	int deliveries;
} owner;

static void
take_letter(struct mail *mail)
{
	struct letter *letter = container_of(mail, struct letter, mail);

	owner.out_of_order += owner.next[letter->poster] != letter->number;
	owner.next[letter->poster] = letter->number + 1;
	free(letter);
}

static struct letter *
letter_new(int poster, int number)
{
	struct letter *letter = rh_alloc(sizeof(*letter));

	letter->mail.deliver = take_letter;
	letter->poster = poster;
	letter->number = number;
	return letter;
}

static bool
readable(const struct mailbox *box)
{
	struct pollfd pfd = { .fd = mailbox_fd(box), .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void *
post_letters(void *arg)
{
	struct poster *poster = arg;

	for (int i = 0; i < LETTERS; i++)
		mailbox_post(poster->box, &letter_new(poster->id, i)->mail);
	return NULL;
}

START_TEST(test_every_letter_arrives_in_its_posters_order)
{
	struct poster posters[POSTERS];
	struct mailbox *box = mailbox_new();
	size_t delivered = 0;

	owner.out_of_order = 0;
	for (int i = 0; i < POSTERS; i++) {
		owner.next[i] = 0;
		posters[i] = (struct poster){ .box = box, .id = i };
		ck_assert_int_eq(
		        pthread_create(&posters[i].thread, NULL, post_letters, &posters[i]), 0);
	}
	while (delivered < (size_t)POSTERS * LETTERS) {
		struct pollfd pfd = { .fd = mailbox_fd(box), .events = POLLIN };

		ck_assert_int_eq(poll(&pfd, 1, 60000), 1); /* a lost wake-up ends here */
		delivered += mailbox_deliver(box);
	}
	for (int i = 0; i < POSTERS; i++) {
		pthread_join(posters[i].thread, NULL);
		ck_assert_int_eq(owner.next[i], LETTERS);
	}
	ck_assert_int_eq(owner.out_of_order, 0);
	ck_assert_uint_eq(mailbox_deliver(box), 0);
	mailbox_free(box);
}
END_TEST

START_TEST(test_descriptor_is_readable_exactly_while_mail_waits)
{
	struct mailbox *box = mailbox_new();

	owner.next[0] = 0;
	ck_assert(!readable(box));
	for (int i = 0; i < 3; i++) {
		mailbox_post(box, &letter_new(0, i)->mail);
		ck_assert(readable(box));
	}
	ck_assert_uint_eq(mailbox_deliver(box), 3);
	ck_assert(!readable(box));
	ck_assert_uint_eq(mailbox_deliver(box), 0);
	mailbox_free(box);
}
END_TEST

static void
post_again(struct mail *mail)
{
	if (++owner.deliveries < 3)
		mailbox_post(owner.box, mail);
}

/* Otherwise a mail that posts itself would keep its owner from everything else. */
START_TEST(test_mail_posted_during_delivery_waits_for_the_next_one)
{
	struct mailbox *box = mailbox_new();
	struct mail mail = { .deliver = post_again };

	owner.box = box;
	owner.deliveries = 0;
	mailbox_post(box, &mail);
	for (int turn = 1; turn <= 3; turn++) {
		ck_assert(readable(box));
		ck_assert_uint_eq(mailbox_deliver(box), 1);
		ck_assert_int_eq(owner.deliveries, turn);
	}
	ck_assert(!readable(box));
	mailbox_free(box);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mailbox");
	TCase *tcase = tcase_create("mailbox");

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 0);
	tcase_add_test(tcase, test_every_letter_arrives_in_its_posters_order);
	tcase_add_test(tcase, test_descriptor_is_readable_exactly_while_mail_waits);
	tcase_add_test(tcase, test_mail_posted_during_delivery_waits_for_the_next_one);
	return suite_run(suite, CK_NOFORK);
}
