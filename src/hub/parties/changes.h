/* changes: one change of the registry, and what each kind of it does to a platform's record. */
#pragma once

#include "record.h"
#include "registry.h"

struct registry_change;
/** Applied to the copy of the record; an error leaves nothing behind. */
typedef enum rh_err change_fn(
        struct registry_change *change, struct record *record, struct fault *fault);

struct registry_change {
	struct list node;
	struct mail mail;
	struct hub *hub;
	struct arena *arena; /* the arguments and the token */
	int64_t platform;    /* 0: a new one */
	change_fn *apply;
	struct str name, versions_url, token;
	uint8_t used[RH_DIGEST_BYTES]; /* of change_forget_previous(): the token that was used */
	const struct party_claim *claims;
	const struct str *pairs;
	size_t count;
	const struct registration *registration;
	const struct registration *leaving; /* of change_unregister(): who asks for it */
	int64_t expires_ms;                 /* of an invite */
	struct suspension suspension;       /* of change_suspend() */
	struct str theirs;  /* of change_overlap(): the token that the partner gave */
	int64_t sandbox_of; /* of change_sandbox(): whose it is */
	enum ocpi_role role;
	bool is_used_known; /* the token in used counts */
	enum store_state state;
	bool drop;
	bool is_status;
	/** Does all of it, when it is its turn; NULL: one platform is changed. */
	void (*begin)(struct registry_change *change);
	unsigned tries; /* that others overtook */
	bool looked;    /* it was refused, by what others might have changed meanwhile */
	bool unsure;    /* its save was told as failed: is it done? */
	bool placed;    /* where its cursor begins was stored: */
	int64_t joined;
	struct record *fresh; /* the copy that is changed */
	struct record *old;   /* what it replaced, until it is published */
	struct store_op op;
	struct fault fault;
	registry_done_fn done;
	void *ctx;
};

/** Why the platform is what it is after @change, for its history; NULL: nothing to say, or
 * what presence says. */
const char *change_reason(const struct registry_change *change);
/** @arena and @hub are set, done is due. */
struct registry_change *change_new(
        struct hub *hub, int64_t platform, registry_done_fn done, void *ctx);
/** Its owner is told, and its memory goes. */
void change_free(struct registry_change *change, enum rh_err err);
void registry_go_on(struct hub *hub); /* with the next one, when one came to its end */
/** A fresh token for the platform, which its change hands out. */
void change_make_token(struct registry_change *change, struct record *record,
        enum store_token_kind kind, int64_t expires_ms);
/** Put it behind those that wait. Any thread. */
void registry_submit(struct registry_change *change);

/* ---- overtaken.c: beside other processes ---- */

/** Did another one change the directory before its save? Then it waits to be made anew, on what is
 * known by then, and registry_go_on() is due. */
bool change_overtaken(struct registry_change *change);
/** It does not fit what is known: might others have changed that? Then the same. */
bool change_refused(struct registry_change *change);
/** Its save was told as failed: might it be done all the same, and be known by a token? Then it
 * waits to be looked at, as it is. */
bool change_unsure(struct registry_change *change);
/** The record that has that token by now; NULL: it was not done. */
const struct record *change_done_by(const struct registry_change *change);
/** Its save failed: RH_BUSY or RH_STORE_FAILED, with its fault. */
enum rh_err change_unsaved(struct registry_change *change);
/** Its save is committed: others are told. */
void change_tell(struct registry_change *change);

change_fn change_invite, change_suspend, change_resume, change_lift, change_remove, change_release,
        change_set, change_forget_previous, change_state, change_pending, change_withdraw,
        change_overlap, change_unregister, change_register, change_reinvite, change_sandbox;
