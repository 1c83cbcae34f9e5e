/* registry: every change of who is connected, one after the other, on the control thread. */
#pragma once

#include "directory.h"

struct registry {
	struct list records, agreements;
	struct table *by_id;   /* of records */
	struct agreed *agreed; /* of agreements, for directories */
	struct list changes;   /* struct registry_change that wait, in order */
	struct list under_way; /* on their way to the store: one, or several of status alone */
	bool exclusive;        /* it is one that no other may go beside */
	struct list committed; /* those that wait for a directory */
	size_t committed_count;
	struct directory *retired;
	uint64_t generations; /* directories published */
	struct digest_keys foreign;
	/* where several processes work together: the version of what is known, that changes are
	 * made on, and who reads what others changed before anything else is changed (view.h) */
	int64_t version;
	void (*look_first)(struct hub *hub);
};

void registry_init(struct hub *hub);
void registry_load(struct hub *hub, const struct store_platform *platforms, size_t count);
void registry_free(struct hub *hub);
/** A directory of what the registry has now. Control thread. */
void registry_publish(struct hub *hub);
bool registry_idle(const struct hub *hub); /* no change is under way */
/** The current token was used: forget the previous one, if @used is still the current one then. Any
 * thread. */
void registry_forget_previous(
        struct hub *hub, struct live *live, const uint8_t used[RH_DIGEST_BYTES]);
void registry_state_changed(
        struct hub *hub, struct live *live, enum store_state state); /* OFFLINE, CONNECTED */

/** Ends its suspension if the time has come; nobody waits for it. */
void registry_lift(struct hub *hub, int64_t platform);

/** The platform of a sandbox of @owner, PLANNED, with a token A; @platform: the one that it was
 * before, 0: a new one. */
void registry_sandbox(struct hub *hub, int64_t platform, int64_t owner, enum ocpi_role role,
        registry_done_fn done, void *ctx);

/** What a finished handshake commits; texts stay the caller's until done. */
struct registration {
	int64_t platform;
	struct str name; /* of a new platform; absent: kept */
	struct str version, versions_url;
	struct str token; /* to send from now on */
	bool plain_token; /* the platform wants it raw */
	const struct store_party *parties;
	size_t party_count;
	const struct store_endpoint *endpoints;
	size_t endpoint_count;
	/* The token that the caller used, or that the hub handed out for its own handshake: it must
	 * still be accepted, as the same kind, when this commits. On an update by the platform it
	 * is kept as PREVIOUS. */
	uint8_t presented[RH_DIGEST_BYTES];
	enum store_token_kind presented_kind;
	bool update;        /* PUT: the presented token stays until the new one is used */
	bool keep_accepted; /* the platform holds our newest token already (the hub initiated) */
};
/** Check who may claim what and commit; done() gets the fresh token to hand over. Control thread.
 */
void registry_register(
        struct hub *hub, const struct registration *registration, registry_done_fn done, void *ctx);
/** The platform leaves by itself: registry_remove(), if what it presented is still accepted. Of
 * @leaving the platform and the token count. */
void registry_unregister(
        struct hub *hub, const struct registration *leaving, registry_done_fn done, void *ctx);
/** A pending token for a handshake that the hub begins; makes the platform when @platform is 0. */
void registry_pending_token(struct hub *hub, int64_t platform, struct str name,
        struct str versions_url, registry_done_fn done, void *ctx);
/** The handshake failed: the pending token is gone, and the platform when it was made for it. */
void registry_withdraw(
        struct hub *hub, int64_t platform, bool drop, registry_done_fn done, void *ctx);
/** Accept the pending token and the one before it: which of them the partner holds is not known.
 * @ours: digest of the one that was sent, which counts even if a PUT of the partner replaced it;
 * NULL: whichever is pending. @theirs: what the partner gave for it; absent: we send the one we
 * had. */
void registry_overlap(struct hub *hub, int64_t platform, const uint8_t *ours, struct str theirs,
        registry_done_fn done, void *ctx);
