/* may: who may send what to whom, and who is shown what: one pure answer for all who ask (route,
 * check, list, poll, push, explain, hubclientinfo).
 *
 * It reads no directory, no settings and no clock; may_hub.h puts the question with what the
 * running hub knows. */
#pragma once

#include "roamhub/module.h"
#include "roamhub/store.h"

enum may_direction {
	MAY_CALL,    /* call the interface, whoever will get it: the content says that */
	MAY_FORWARD, /* send it to one party */
	MAY_SHARE,   /* write it for everybody: Broadcast Push (RTE-029..037), and what is pulled */
	MAY_GET,     /* `to` gets what `from` shared */
	MAY_LIST,    /* `from` gets objects of `to` in a list of the hub's (RTE-052) */
	MAY_SEE,     /* `from` sees `to` in hubclientinfo (HCI-016) */
	MAY_DIRECTIONS
};

/** In the order in which they are looked at: of two reasons the greater one came further. But for
 * MAY_NOT_HOME: it is looked at first, and says more than that no role was found. */
enum may_reason {
	MAY_YES,
	MAY_NOT_SENDER_ROLE,   /* the role of `from` does not call this interface */
	MAY_NOT_HOME,          /* one of them is a sandbox, and not the other's */
	MAY_NOT_SENDER_STATE,  /* `from` was withdrawn, suspended, or is not registered yet */
	MAY_NOT_ITSELF,        /* both sides are the same party, for MAY_SEE the same platform */
	MAY_NOT_RECEIVER_ROLE, /* roles that do not communicate, RTE-035, HCI-016 */
	MAY_NOT_AGREED,        /* no agreement names the two, and routing.default is closed */
	MAY_NOT_COVERED,       /* they have agreements, none of them covers the module */
	MAY_NOT_YET,           /* one covers it, later */
	MAY_NOT_ANY_MORE,      /* one covered it, once */
	MAY_NOT_RECEIVER_STATE,
	MAY_NOT_ENDPOINT, /* the platform of `to` does not list the one it takes */
	MAY_REASONS
};
const char *may_reason_text(enum may_reason reason);
/** As what it is refused to a partner: an RH_ error of 2001, 4000, 4001 or 4003; RH_OK for MAY_YES.
 */
enum rh_err may_error(enum may_reason reason);

struct may_side { /* one role of one party */
	enum ocpi_role role;
	enum store_state state; /* as party_state() says */
	bool endpoint; /* of `to`: its platform lists what the direction needs, see may() */
};
/** A sandbox meets the parties of the platform that it was started for, and nobody else; that one
 * meets it as well as all others (docs/adr/0030-sandbox.md). */
struct may_home { /* where a party is */
	int64_t platform;
	int64_t sandbox_of; /* the platform that this one is the sandbox of; 0: it is real */
};
bool may_meet(const struct may_home *a, const struct may_home *b);

struct may_question {
	enum may_direction direction;
	const struct ocpi_module *module; /* NULL: any, for MAY_SEE */
	enum ocpi_interface interface;    /* of MAY_CALL, MAY_FORWARD and MAY_LIST */
	struct may_side from, to;         /* `to` of those with two sides */
	bool same_platform, same_id;      /* of both sides */
	/* what the two agreed on: those that name both, in any order */
	const struct store_agreement *const *agreements;
	size_t agreement_count;
	bool open;      /* routing.default, for two without any agreement */
	int64_t now_ms; /* wall clock */
	struct may_home from_home, to_home;
};
struct may_answer {
	enum may_reason reason;
	const struct store_agreement *by; /* says yes, or comes closest; NULL: routing.default */
	bool sandbox; /* neither: one is the other's sandbox, or somebody else's */
};
/** Endpoint: MAY_FORWARD needs the one that is called, MAY_GET the Receiver one of the module. */
struct may_answer may(const struct may_question *question);
/** The part of it that is about agreements alone. */
struct may_answer may_by_agreement(const struct may_question *question);

/** Does a party of @role call @interface of @module towards everybody? Receiver interfaces are
 * called by the side that owns the data; commands and charging profiles, owned by nobody, by the
 * eMSP side. Sender interfaces are called by the other one. */
bool may_call(enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface);
/** The other way round: does a party of @role stand on the side that such a call is meant for? */
bool may_be_called(
        enum ocpi_role role, const struct ocpi_module *module, enum ocpi_interface interface);
