/* auth: step 1, who is speaking? The token names the platform; which of its parties speaks is the
 * route's question. */
#include "auth.h"

#include "../parties/live.h"
#include "../parties/masks.h"
#include "../parties/registry.h"
#include "limits.h"
#include "presented.h"

#include <stdlib.h>
#include <string.h>

enum { ADMIT_BYTES = 1024 };

/* ---- the platform of a token: TRP-49, the decoded one first, the raw one second ---- */

struct speaker {
	const struct platform *platform; /* NULL: nobody knows it */
	const struct platform *expired;  /* then: whose token it was until it expired */
	enum store_token_kind kind;
	struct presented_form form; /* in which it was looked up */
};

static bool
find_form(struct speaker *speaker, const struct directory *directory, struct presented_form *form)
{
	speaker->platform =
	        directory_token_again(directory, form->digest, &form->seen, &speaker->kind);
	speaker->form = *form;
	return speaker->platform != NULL;
}

static bool
find_presented(const struct worker *worker, const struct directory *directory,
        struct net_request *request, struct speaker *speaker)
{
	struct presented *presented = presented_find_again(worker->presented,
	        request->header[IN_AUTHORIZATION], &request->mark, net_loop_now(worker->loop));

	if (presented == NULL)
		return false;
	for (size_t i = 0; i < presented->form_count; i++)
		if (find_form(speaker, directory, &presented->forms[i]))
			return true;
	presented_forget(presented); /* it leads to nobody, or in a form that was not needed */
	return false;
}

/* One of a hub whose platforms were imported is known under the key of that hub, until it is
 * exchanged: docs/adr/0034. */
static bool
find_foreign(const struct directory *directory, struct str text, bool plain,
        struct presented_form *form, struct speaker *speaker)
{
	form->plain = plain;
	for (size_t i = 0; i < directory->foreign.count; i++) {
		form->seen = (struct token_seen){ 0 };
		rh_digest(directory->foreign.keys[i], text, form->digest);
		if (find_form(speaker, directory, form))
			return true;
		if (speaker->expired == NULL)
			speaker->expired =
			        directory_expired(directory, form->digest, &speaker->kind);
	}
	return false;
}

static void
find_token(const struct worker *worker, const struct directory *directory, struct str header,
        const struct ocpi_authorization *given, struct speaker *speaker)
{
	const struct str texts[PRESENTED_FORMS] = { given->decoded, given->raw };
	struct presented_form forms[PRESENTED_FORMS];
	size_t count = 0;

	for (size_t i = 0; i < PRESENTED_FORMS && speaker->platform == NULL; i++) {
		if (texts[i].p == NULL)
			continue;
		forms[count] = (struct presented_form){ .plain = i > 0 };
		rh_digest(worker->hub->digest_key, texts[i], forms[count].digest);
		if (!find_form(speaker, directory, &forms[count++]) && speaker->expired == NULL)
			speaker->expired =
			        directory_expired(directory, speaker->form.digest, &speaker->kind);
	}
	for (size_t i = 0; i < PRESENTED_FORMS && speaker->platform == NULL; i++)
		if (texts[i].p != NULL &&
		        find_foreign(directory, texts[i], i > 0, &forms[0], speaker))
			count = 1;
	if (speaker->platform != NULL)
		presented_keep(worker->presented, header, forms, count, net_loop_now(worker->loop));
}

/* The platform whose token was presented, if the memory has it not. An error: the header says none.
 */
static enum rh_err
read_speaker(const struct worker *worker, const struct directory *directory, struct str header,
        struct arena *arena, struct speaker *speaker, struct fault *fault)
{
	struct ocpi_authorization given;
	enum rh_err err = ocpi_authorization_read(header, arena, &given, fault);

	if (err == RH_OK)
		find_token(worker, directory, header, &given, speaker);
	return err;
}

/* Before there is a flight, and so for each request that has a body or waits for its turn. */
static const struct platform *
platform_of(const struct worker *worker, struct net_request *request)
{
	const struct directory *directory = hub_directory(worker->hub);
	struct speaker speaker = { 0 };
	struct arena *arena;
	struct fault fault;

	if (find_presented(worker, directory, request, &speaker))
		return speaker.platform;
	arena = arena_new(ADMIT_BYTES);
	(void)read_speaker(
	        worker, directory, request->header[IN_AUTHORIZATION], arena, &speaker, &fault);
	arena_free(arena);
	return speaker.platform;
}

static enum rh_err
admits(const struct worker *worker, struct net_request *request)
{
	const struct platform *platform = platform_of(worker, request);

	if (platform == NULL)
		return RH_UNKNOWN_TOKEN;
	return platform->state == STATE_SUSPENDED ? RH_SUSPENDED : RH_OK;
}

/* Who sends a body and may be known to another process waits, and none of it is read (look.h). */
struct admission {
	struct look look;
	struct worker *worker;
	struct net_request *request;
};

static void
looked(struct look *look, enum rh_err err)
{
	struct admission *admission = container_of(look, struct admission, look);

	net_admit(admission->request,
	        err == RH_OK ? admits(admission->worker, admission->request) : err);
	free(admission);
}

enum rh_err
auth_admits(struct worker *worker, struct net_request *request)
{
	enum rh_err err = admits(worker, request);
	struct admission *admission;

	if (err == RH_OK || !hub_is_together(worker->hub))
		return err;
	admission = rh_alloc(sizeof *admission);
	*admission =
	        (struct admission){ .look.done = looked, .worker = worker, .request = request };
	request->undecided = look_begin(worker, &admission->look);
	if (request->undecided)
		return RH_OK;
	free(admission);
	return RH_BUSY;
}

int64_t
auth_sender(const struct worker *worker, struct net_request *request)
{
	const struct platform *platform = platform_of(worker, request);

	return platform == NULL ? 0 : platform->id;
}

struct str
auth_token(struct flight *flight)
{
	struct ocpi_authorization given;
	struct fault fault;

	if (ocpi_authorization_read(flight->request->header[IN_AUTHORIZATION], flight->arena,
	            &given, &fault) != RH_OK)
		return (struct str){ 0 };
	return flight->plain_token ? given.raw : given.decoded;
}

size_t
auth_secrets(struct flight *flight, struct str out[AUTH_SECRETS])
{
	const struct platform *platform =
	        directory_platform(hub_directory(flight_hub(flight)), flight->platform_id);

	out[0] = auth_token(flight);
	out[1] = platform != NULL ? platform->token : (struct str){ 0 };
	out[2] = flight->has_body ? json_member_string(&flight->body, 0, "token", flight->arena)
	                          : (struct str){ 0 };
	return AUTH_SECRETS;
}

struct str
auth_hide(struct flight *flight, struct str text)
{
	struct str secrets[AUTH_SECRETS];
	size_t count = auth_secrets(flight, secrets);

	return masks_hide(text, secrets, count, flight->arena);
}

/* CRD-020, CRD-019: what the use of a token tells. */
static void
note_use(struct flight *flight, const struct platform *platform)
{
	struct live *live = platform->live;
	bool plain = flight->plain_token;

	if (flight->token_kind == TOKEN_A || platform->state != STATE_CONNECTED)
		return;
	live_seen(live);
	if (platform->encoding == ENCODING_AUTO)
		live_proved(live, plain);
	if (platform->has_previous && flight->token_kind == TOKEN_CURRENT)
		registry_forget_previous(flight_hub(flight), live, flight->digest);
}

static void
refuse_speaker(struct flight *flight, const struct speaker *speaker)
{
	if (speaker->expired == NULL) {
		(void)flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
		        "expected 'Token <Base64 of the credentials token>' with a token this hub "
		        "issued");
		return;
	}
	flight->platform_name = arena_str(flight->arena, speaker->expired->name);
	flight->lapsed = speaker->kind == TOKEN_A ? speaker->expired->live : NULL;
	(void)flight_refuse(flight, RH_UNKNOWN_TOKEN, "Authorization",
	        speaker->kind == TOKEN_A
	                ? "the invite of this token expired: the hub's operator can renew it"
	                : "this token was replaced, and its time is over");
}

/* The platform that speaks; NULL: the fault is set. */
static const struct platform *
find_platform(struct flight *flight)
{
	struct net_request *request = flight->request;
	struct speaker speaker = { 0 };

	if (request->turned_away == RH_BUSY || request->turned_away == RH_STALE) {
		(void)flight_refuse(
		        flight, request->turned_away, "", "another hub on it may know who this is");
		return NULL;
	}
	if (!find_presented(flight->worker, flight->directory, request, &speaker) &&
	        read_speaker(flight->worker, flight->directory, request->header[IN_AUTHORIZATION],
	                flight->arena, &speaker, &flight->fault) != RH_OK)
		return NULL;
	flight->token_kind = speaker.kind;
	flight->plain_token = speaker.form.plain;
	memcpy(flight->digest, speaker.form.digest, sizeof flight->digest);
	if (speaker.platform != NULL && request->turned_away != RH_UNKNOWN_TOKEN)
		return speaker.platform;
	refuse_speaker(flight, &speaker);
	return NULL;
}

enum next
flight_auth(struct flight *flight)
{
	const struct platform *platform = find_platform(flight);

	if (platform == NULL)
		return REPLY;
	flight->platform = platform;
	flight->platform_id = platform->id;
	flight->platform_name = arena_str(flight->arena, platform->name);
	if (platform->state == STATE_SUSPENDED || flight->request->turned_away == RH_SUSPENDED)
		return flight_refuse(flight, RH_SUSPENDED, "", "%s", "");
	note_use(flight, platform);
	return limits_enter(flight, platform);
}
