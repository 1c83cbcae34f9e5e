/* record: the registry's own copy of a platform and the changes that may be made to it. */
#pragma once

#include "directory.h"

struct record *record_new(void);
struct record *record_copy(const struct record *record); /* with an arena of its own; shares live */
void record_free(struct record *record);
/** Copy @row and its texts into the record's arena. */
void record_fill(struct record *record, const struct store_platform *row);
/** The platform's own state changes: so does that of all its parties but those that it dropped. */
void record_touch_parties(struct record *record, int64_t now_ms);
/** Platforms that were suspended by a hub that wrote it into every party get them back. */
void record_revive_all(struct record *record);
void record_forget_party(struct record *record, const struct ocpi_id *id); /* in all its roles */
/** As others see it: SUSPENDED with its platform, or because that dropped it. */
enum store_state record_party_state(
        const struct store_platform *row, const struct store_party *party);
/** Accepted tokens of @record without those of @kind. */
void record_drop_tokens(struct record *record, enum store_token_kind kind);
void record_add_token(struct record *record, enum store_token_kind kind,
        const uint8_t digest[RH_DIGEST_BYTES], int64_t expires_ms);
/** At most @most accepted tokens stay: the oldest, which it used, and the newest. */
void record_keep_tokens(struct record *record, size_t most);
/** What we send to it from now on. */
void record_send_token(
        struct record *record, const uint8_t seal_key[RH_KEY_BYTES], struct str token);
/** Its tokens and endpoints go, its parties stay SUSPENDED. */
void record_revoke(struct record *record, int64_t now_ms);
/** Parties of a finished handshake: added ones are CONNECTED, missing ones stay as SUSPENDED
 * (CRD-047), unchanged ones keep their last_updated (HCI-028). */
void record_replace_parties(
        struct record *record, const struct store_party *parties, size_t count, int64_t now_ms);
