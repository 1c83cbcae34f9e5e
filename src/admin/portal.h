/* portal: a partner's own pages, on a listener of their own, for who has a link to them. What it
 * shows is of one platform, what may be done there is what that platform may do about itself. */
#pragma once

#include "inside.h"

/* ---- links (links.c): a platform has one at most ---- */

enum { LINK_CHARS = 40 };
struct portal_link {
	uint8_t digest[RH_DIGEST_BYTES]; /* of what stands in it, under the key file of the hub */
	int64_t expires_ms;              /* rh_schedule_ms(); 0: it was taken back */
};
struct str portal_link_key(int64_t platform, struct arena *arena); /* of the store's META verbs */
bool portal_link_read(struct str value, struct portal_link *out);  /* false: it is none */
/** "PLATFORM-RANDOM" of a path; false: it cannot be one. */
bool portal_link_parse(struct str text, int64_t *platform);
/** Of a guest: the link is read, and @then comes when it is still that by which he came; else he is
 * refused (desk.h). */
void link_look(struct inquiry *inquiry, void (*then)(struct inquiry *inquiry));
#define LINK_WANTED "open the link that the hub's operator gave you"
void platforms_portal(struct inquiry *inquiry);      /* verb of the operator's: a fresh one */
void platforms_portal_show(struct inquiry *inquiry); /* is there one, and until when */
void platforms_portal_end(struct inquiry *inquiry);  /* it is good for nothing any more */

/* ---- guests (guests.c): platforms somebody of which came since the start ---- */

struct guest {
	struct list node;
	int64_t platform;
	struct portal_link link; /* as it is kept now */
	int64_t came_ms;         /* rh_boot_ms(): requests that came are paid for */
	int64_t acted_ms;        /* the same of what they changed */
	int64_t searched_ms;     /* and of searches by text */
	int64_t checked_ms;      /* when it had itself asked last; 0: not yet */
};
struct portal {
	struct desk desk;
	struct list guests;
	uint64_t changes;   /* of links: who read one before the last change reads it again */
	const char *origin; /* "https://portal.hub.example" */
	struct str host;    /* of it; absent: it is made of the address */
};
struct guest *guest_find(struct portal *portal, int64_t platform); /* NULL: nobody came */
struct guest *guest_came(struct portal *portal, int64_t platform, const struct portal_link *link);
/** The link of @platform is another one now. */
void guest_link(struct portal *portal, int64_t platform, const struct portal_link *link);
/** Is its link still that of @digest, and may the platform come by it? */
bool guest_holds(const struct admin *admin, int64_t platform, const struct portal_link *link,
        const uint8_t digest[RH_DIGEST_BYTES]);
bool guest_may_ask(struct guest *guest);    /* one request more */
bool guest_may_act(struct guest *guest);    /* one change more */
bool guest_may_search(struct guest *guest); /* one search by text more */
/** It asks too much at once, and that is said: false, so that `return` reads well. */
bool guest_slower(struct inquiry *inquiry);
void guests_free(struct portal *portal);

/* ---- the desk (portal.c) ---- */

/** @listen_fd is taken. False with @fault. */
bool portal_open(struct admin *admin, int listen_fd, struct fault *fault);
void portal_close(struct portal *portal); /* NULL is fine */

/* ---- its verbs (portal_verbs.c) ---- */

extern const struct verb portal_verbs[]; /* ends with a row without a method */

/* console.c */
/** Nothing is loaded from elsewhere, nothing is run that is not a file of ours, nobody frames it.
 */
void console_headers(struct inquiry *inquiry);
void portal_page(struct inquiry *inquiry);
void portal_show(struct inquiry *inquiry);
void portal_share(struct inquiry *inquiry);

/* enter.c */
void portal_enter(struct inquiry *inquiry);
void portal_who(struct inquiry *inquiry);
void portal_leave(struct inquiry *inquiry);

/* own_messages.c */
void portal_messages(struct inquiry *inquiry);

/* own_faults.c */
void portal_classes(struct inquiry *inquiry);
void portal_validate(struct inquiry *inquiry);

/* own_verbs.c */
void portal_check(struct inquiry *inquiry);
void portal_refused(struct inquiry *inquiry);
void portal_redrive(struct inquiry *inquiry);
