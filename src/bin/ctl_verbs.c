/* ctl_verbs: the verbs of roamhubctl. Help, usage and suggestions are made of this table. */
#include "ctl_ask.h"
#include "ctl_manual.h"
#include "ctl_validate.h"

static int
level_of(struct val answer)
{
	return (int)val_number(answer, "level");
}

static const struct ctl_option log_options[] = {
	{ "correlation-id", "ID", false, false },
	{ "party", "CC*PID", false, false },
	{ "object", "MODULE/CC*PID/ID", false, false },
	{ "platform", "ID", false, false },
	{ "module", "MODULE", false, false },
	{ "outcome", "OUTCOME", false, false },
	{ "text", "TEXT", false, false },
	{ "cursor", "CURSOR", false, false },
	{ "since", "TIME", false, false },
	{ "until", "TIME", false, false },
	{ "limit", "N", false, false },
	{ 0 },
};
static const struct ctl_option explain_options[] = {
	{ "from", "CC*PID", true, false },
	{ "to", "CC*PID", true, false },
	{ "module", "MODULE", true, false },
	{ 0 },
};

static const struct ctl_option validate_options[] = {
	{ "module", "MODULE", false, false },
	{ "class", "CLASS", false, false },
	{ "method", "METHOD", false, false },
	{ "sense", NULL, false, false },
	{ 0 },
};
static const struct ctl_option list_options[] = {
	{ "text", "TEXT", false, false },
	{ "status", "STATUS", false, false },
	{ "limit", "N", false, false },
	{ "after", "ID", false, false },
	{ 0 },
};
static const struct ctl_option invite_options[] = {
	{ "name", "NAME", false, false },
	{ "party", "CC*PID:ROLE", false, true },
	{ "expires", "DAYS", false, false },
	{ "replace", "ID", false, false },
	{ "sandbox", NULL, false, false },
	{ 0 },
};
static const struct ctl_option sandbox_start_options[] = {
	{ "role", "CPO|EMSP", true, false },
	{ 0 },
};
static const struct ctl_option sandbox_stop_options[] = {
	{ "role", "CPO|EMSP", false, false },
	{ 0 },
};
static const struct ctl_option connect_options[] = {
	{ "name", "NAME", true, false },
	{ "versions-url", "URL", true, false },
	{ "token", "TOKEN_A|-|@FILE", true, false },
	{ 0 },
};
static const struct ctl_option suspend_options[] = {
	{ "reason", "TEXT", false, false },
	{ "until", "TIME", false, false },
	{ 0 },
};
static const struct ctl_option remove_options[] = {
	{ "yes", NULL, false, false },
	{ 0 },
};
static const struct ctl_option agreement_options[] = {
	{ "modules", "MODULE,...", false, false },
	{ "from", "DATE", false, false },
	{ "until", "DATE", false, false },
	{ 0 },
};
static const struct ctl_option redrive_options[] = {
	{ "module", "MODULE", false, false },
	{ "object", "MODULE/CC*PID/ID", false, false },
	{ "since", "TIME", false, false },
	{ "until", "TIME", false, false },
	{ "dry-run", NULL, false, false },
	{ 0 },
};

static const struct ctl_option sync_options[] = {
	{ "module", "MODULE", false, false },
	{ 0 },
};

static const struct ctl_option object_options[] = {
	{ "type", "TYPE", false, false },
	{ 0 },
};
static const struct ctl_option evidence_options[] = {
	{ "party", "CC*PID", false, false },
	{ 0 },
};
static const struct ctl_option erase_options[] = {
	{ "dry-run", NULL, false, false },
	{ 0 },
};
static const struct ctl_option tail_options[] = {
	{ "types", "TYPE,...", false, false },
	{ "platform", "ID", false, false },
	{ 0 },
};
static const struct ctl_option handshake_options[] = {
	{ "all", NULL, false, false },
	{ 0 },
};
static const struct ctl_option history_options[] = {
	{ "limit", "N", false, false },
	{ 0 },
};
static const struct ctl_option survey_options[] = {
	{ "apply", NULL, false, false },
	{ "write", NULL, false, false },
	{ "yes-this-is-a-test-system", NULL, false, false },
	{ "as", "CC*PID", false, false },
	{ "last", NULL, false, false },
	{ "html", "FILE", false, false },
	{ 0 },
};
static const struct ctl_option portal_options[] = {
	{ "days", "DAYS", false, false },
	{ "revoke", NULL, false, false },
	{ "show", NULL, false, false },
	{ 0 },
};
static const struct ctl_option audit_options[] = {
	{ "since", "TIME", false, false },
	{ "who", "NAME", false, false },
	{ "verb", "VERB", false, false },
	{ "platform", "ID", false, false },
	{ "limit", "N", false, false },
	{ 0 },
};
static const struct ctl_option admin_token_options[] = {
	{ "role", "admin|viewer", true, false },
	{ 0 },
};

static const struct ctl_option export_options[] = {
	{ "passphrase", "PASSPHRASE|-|@FILE", false, false },
	{ 0 },
};
static const struct ctl_option certificates_options[] = {
	{ "after", "N", false, false },
	{ 0 },
};
static const struct ctl_option bundle_options[] = {
	{ "log", "FILE", false, false },
	{ "backups", "FOLDER", false, false },
	{ 0 },
};
static const struct ctl_option doctor_options[] = {
	{ "backups", "FOLDER", false, false },
	{ 0 },
};
static const struct ctl_option import_options[] = {
	{ "passphrase", "PASSPHRASE|-|@FILE", false, false },
	{ "apply", NULL, false, false },
	{ 0 },
};

/* What is at fault is the partner's, and what is found otherwise hurts nobody. */
static int
has_faults(struct val answer)
{
	return val_number(answer, "fault_count") > 0 ? CTL_FAILED : CTL_OK;
}

const struct ctl_verb ctl_verbs[] = {
	{ "party invite", "", 0, 0, invite_options, "POST platforms", ask_invite, ctl_print_invite,
	        .help = "Create a PLANNED platform and its token A; with --party it may claim "
	                "those parties alone; with --replace one that did not register yet gets "
	                "a fresh token A; with --sandbox a simulated counterpart waits for it",
	        .example = "roamhubctl party invite --name 'Charge Co' --party DE*ABC:CPO --party "
	                   "DE*ABC:EMSP" },
	{ "party connect", "", 0, 0, connect_options, "POST platforms/connect", ask_connect,
	        ctl_print_connect, .wait_s = 120,
	        .help = "Begin the credentials handshake with a platform, with the token A that it "
	                "handed over",
	        .example = "roamhubctl party connect --name 'Drive On' --versions-url "
	                   "https://emsp.example/ocpi/versions "
	                   "--token @token-a" },
	{ "party list", "", 0, 0, list_options, "GET platforms", ask_list, ctl_print_platforms,
	        .help = "List platforms with status, version, last contact and roles; all, or "
	                "those "
	                "of a text or status, so many behind an id",
	        .example = "roamhubctl party list --status OFFLINE" },
	{ "party show", "ID", 1, 1, NULL, "GET platforms/{platform}", NULL, ctl_print_platform,
	        .help = "Show one platform with settings, parties, endpoints, what it is owed and "
	                "what it refused",
	        .example = "roamhubctl party show 3" },
	{ "party handshake", "ID", 1, 1, handshake_options, "GET platforms/{platform}/handshakes",
	        NULL, ctl_print_handshake,
	        .help = "Tell the last handshake with a platform step by step: what was asked, "
	                "what came, what to do; with --all those before it",
	        .example = "roamhubctl party handshake 3" },
	{ "party faults", "ID", 1, 1, NULL, "GET platforms/{platform}/faults", NULL,
	        ctl_print_faults,
	        .help = "Tell what is wrong with a platform's data, by field: how often, what is "
	                "expected and where that is written, and up to three samples",
	        .example = "roamhubctl party faults 3" },
	{ "party history", "ID", 1, 1, history_options, "GET platforms/{platform}/history",
	        ask_history, ctl_print_history,
	        .help = "Tell what a platform was, since when, why and for how long, newest last",
	        .example = "roamhubctl party history 3" },
	{ "party rotate", "ID", 1, 1, NULL, "POST platforms/{platform}/rotate", NULL,
	        ctl_print_rotated, .wait_s = 120,
	        .help = "Exchange the tokens with a platform now, and tell it where the hub is",
	        .example = "roamhubctl party rotate 3" },
	{ "party suspend", "ID", 1, 1, suspend_options, "POST platforms/{platform}/suspend",
	        ask_suspend, ctl_print_told,
	        .help = "Refuse the platform's requests and send nothing to it, until party resume "
	                "or the time given, and say who is told",
	        .example = "roamhubctl party suspend 3 --reason 'unpaid since May' --until 7d" },
	{ "party resume", "ID", 1, 1, NULL, "POST platforms/{platform}/resume", NULL,
	        ctl_print_told, .help = "End a suspension",
	        .example = "roamhubctl party resume 3" },
	{ "party remove", "ID", 1, 1, remove_options, "DELETE platforms/{platform}", NULL,
	        ctl_print_told, .is_meant = ctl_removal_is_meant, .wait_s = 30,
	        .help = "Forget the platform's tokens and tell it so; its parties are SUSPENDED "
	                "for the others; asks on a terminal, unless with --yes",
	        .example = "roamhubctl party remove 3" },
	{ "party set", "ID KEY=VALUE...", 2, 64, NULL, "PATCH platforms/{platform}/settings",
	        ask_set, ctl_print_acted,
	        .help = "Change settings of one platform; an unknown KEY is answered with those "
	                "there are",
	        .example = "roamhubctl party set 3 validation=lenient token_encoding=plain" },
	{ "party check", "ID", 1, 1, survey_options, "POST platforms/{platform}/check", ask_survey,
	        ctl_print_survey, has_faults, .also = ctl_write_survey, .wait_s = 180,
	        .help = "Ask a registered platform, by reading, what its interfaces do, and say "
	                "what is wrong by which paragraph and which setting cures it; --apply "
	                "sets that, --last shows the report that is kept, --write sends objects "
	                "of a test party to a test system; exit status 1: something is at fault",
	        .example = "roamhubctl party check 3 --html report.html" },
	{ "party portal", "ID", 1, 1, portal_options, "POST platforms/{platform}/portal",
	        ask_portal, ctl_print_portal,
	        .help = "Make a link to a partner's own pages, good for 14 days or as many as "
	                "said, in place of the one before; with --show say until when there is "
	                "one, with --revoke take it back",
	        .example = "roamhubctl party portal 3 --days 30" },
	{ "party release", "CC*PID", 1, 1, NULL, "POST parties/release", ask_release,
	        ctl_print_release,
	        .help = "Let any platform register a party that its platform dropped",
	        .example = "roamhubctl party release DE*ABC" },
	{ "party move", "CC*PID FROM TO", 3, 3, NULL, "POST parties/move", ask_move, ctl_print_move,
	        .wait_s = 600,
	        .help = "Hand what was addressed to a party while platform FROM had it to "
	                "platform TO, which has it now",
	        .example = "roamhubctl party move DE*ABC 3 7" },
	{ "party pull accept", "ID", 1, 1, NULL, "POST platforms/{platform}/pull/accept", NULL,
	        ctl_print_accept,
	        .help = "Withdraw what the platform's lists do not have any more, however much it "
	                "is",
	        .example = "roamhubctl party pull accept 3" },
	{ "sandbox start", "ID", 1, 1, sandbox_start_options, "POST platforms/{platform}/sandbox",
	        ask_sandbox_start, ctl_print_sandbox, .wait_s = 60,
	        .help = "Give a platform a simulated counterpart in this machine, which nobody "
	                "else meets",
	        .example = "roamhubctl sandbox start 3 --role CPO" },
	{ "sandbox stop", "ID", 1, 1, sandbox_stop_options, "DELETE platforms/{platform}/sandbox",
	        ask_sandbox_stop, ctl_print_sandbox_gone, .wait_s = 60,
	        .help = "Take it away, with all that it left; without --role both",
	        .example = "roamhubctl sandbox stop 3" },
	{ "sandbox list", "", 0, 0, NULL, "GET sandboxes", NULL, ctl_print_sandboxes,
	        .help = "List simulated counterparts: whose, as whom, and how they are",
	        .example = "roamhubctl sandbox list" },
	{ "agreement add", "CPO EMSP", 2, 2, agreement_options, "POST agreements",
	        ask_agreement_add, ctl_print_agreement,
	        .help = "Let two parties roam: for all modules or some, for ever or from one date "
	                "until another",
	        .example = "roamhubctl agreement add DE*ABC NL*XYZ --modules locations,tariffs "
	                   "--from 2026-12-01" },
	{ "agreement list", "", 0, 0, NULL, "GET agreements", NULL, ctl_print_agreements,
	        .help = "List who may roam with whom; for all others routing.default decides",
	        .example = "roamhubctl agreement list" },
	{ "agreement remove", "ID", 1, 1, NULL, "DELETE agreements/{agreement}", NULL,
	        ctl_print_agreement_gone, .help = "Remove one agreement",
	        .example = "roamhubctl agreement remove 2" },
	{ "push status", "", 0, 0, NULL, "GET push", ask_push, ctl_print_push,
	        .help = "Show what is owed to each platform, how old it is and what keeps it, with "
	                "a table by age and cause",
	        .example = "roamhubctl push status" },
	{ "push redrive", "ID|all", 1, 1, redrive_options, "POST push/redrive", ask_redrive,
	        ctl_print_redrive, .wait_s = 60,
	        .help = "Send a platform, or all of them, once more, and now, what it refused for "
	                "good or could not take, of one module, object or time, or all; with "
	                "--dry-run only list it",
	        .example = "roamhubctl push redrive all --module tariffs --since 1d --dry-run" },
	{ "push sync", "ID", 1, 1, sync_options, "POST platforms/{platform}/sync", ask_sync,
	        ctl_print_sync, .wait_s = 60,
	        .help = "Send a platform the newest of all that it may see, of one module or of "
	                "all that it takes",
	        .example = "roamhubctl push sync 3 --module locations" },
	{ "status", "", 0, 0, NULL, "GET status", NULL, ctl_print_status,
	        .help = "Show the hub on one page", .example = "roamhubctl status" },
	{ "log", "", 0, 0, log_options, "GET log", ask_log, ctl_print_log,
	        .help = "Trace messages through the hub, both legs, with the reason for each "
	                "decision",
	        .example = "roamhubctl log --party DE*ABC --since 10m --limit 20" },
	{ "object show", "MODULE/CC*PID/ID", 1, 1, object_options, "GET objects", ask_object,
	        ctl_print_object,
	        .help = "Show an object as the hub keeps it, byte for byte, with digest and sender",
	        .example = "roamhubctl object show locations/DE*ABC/L1",
	        .answers_as = "GET objects/{module}/{cc}/{pid}/{object}" },
	{ "object find", "MODULE/ID", 1, 1, NULL, "GET objects", ask_object_find,
	        ctl_print_object_find,
	        .help = "Say whose objects have an id: of whom, and whether it is shared or was "
	                "addressed",
	        .example = "roamhubctl object find cdrs/C-4711",
	        .answers_as = "GET objects/{module}/{object}" },
	{ "deliveries", "MODULE/CC*PID/ID", 1, 1, object_options, "GET objects", ask_deliveries,
	        ctl_print_deliveries,
	        .help = "Show who has an object, who waits for it and why, who refused it, and who "
	                "does not get it by which rule",
	        .example = "roamhubctl deliveries locations/DE*ABC/L1",
	        .answers_as = "GET objects/{module}/{cc}/{pid}/{object}/delivery" },
	{ "evidence", "CDR-ID", 1, 1, evidence_options, "GET evidence", ask_evidence,
	        ctl_print_evidence,
	        .help = "Gather what is known of a CDR and what led to it, and why the rest is "
	                "missing; with --json the file to hand over, with digests",
	        .example = "roamhubctl evidence C-4711 --json > C-4711.json",
	        .answers_as = "GET evidence/{cdr}" },
	{ "erase token", "CC*PID/UID", 1, 1, erase_options, "POST erase/token", ask_erase,
	        ctl_print_erased, .wait_s = 3600,
	        .help = "Erase what is kept of one driver's token: its copies and traces go, "
	                "sessions and CDRs stay without it; with --dry-run only count",
	        .example = "roamhubctl erase token NL*XYZ/012345 --dry-run" },
	{ "tail", "", 0, 0, tail_options, "GET events", ask_tail, .follow = ctl_tail,
	        .help = "Print what happens as it happens: presence, verbs, refusals, reloads, "
	                "messages; with --json a line each",
	        .example = "roamhubctl tail --types party.status,message" },
	{ "top", "", 0, 0, NULL, "GET platforms", NULL, .follow = ctl_top,
	        .help = "Show the platforms with rate, errors and p99 of five minutes, drawn anew "
	                "every two seconds",
	        .example = "roamhubctl top" },
	{ "audit", "", 0, 0, audit_options, "GET audit", ask_audit, ctl_print_audit,
	        .help = "Show who did what, what it changed and what was refused, newest last",
	        .example = "roamhubctl audit --since 7d --verb party --platform 3" },
	{ "admin token", "NAME", 1, 1, admin_token_options, "POST tokens", ask_admin_token,
	        ctl_print_admin_token,
	        .help = "Make a token for somebody, and the line of admin.tokens_file that lets "
	                "it in",
	        .example = "roamhubctl admin token anna --role viewer" },
	{ "route explain", "", 0, 0, explain_options, "GET route", ask_explain, ctl_print_explain,
	        .help = "Say what the hub would do with a message, and by which rule",
	        .example = "roamhubctl route explain --from DE*ABC --to NL*XYZ --module tokens" },
	{ "certificates", "", 0, 0, certificates_options, "GET certificates", ask_certificates,
	        ctl_print_certificates,
	        .help = "List the certificates of the OCPI listener and of the authorities that "
	                "egress.ca_file names, with names and days left, 100 of them, and with "
	                "--after those behind so many",
	        .example = "roamhubctl certificates" },
	{ "hubs", "", 0, 0, NULL, "GET hubs", NULL, ctl_print_hubs,
	        .help = "List the processes that share the database: which of them leads, and who "
	                "stands by, or how many slots of platforms those have that work together",
	        .example = "roamhubctl hubs" },
	{ "config show", "", 0, 0, NULL, "GET config", NULL, ctl_print_config,
	        .help = "List every setting of the running hub with its value and where it came "
	                "from",
	        .example = "roamhubctl config show" },
	{ "check", "", 0, 0, NULL, "GET check", NULL, ctl_print_check, level_of, .unreachable = 2,
	        .help = "Say how the hub is; exit status 0 good, 1 warning, 2 critical or no "
	                "answer",
	        .example = "roamhubctl check" },
	{ "doctor", "", 0, 0, doctor_options, .alone = ctl_doctor, .wait_s = 20,
	        .help = "Look at configuration, files, certificates, machine, hub and backups, and "
	                "say what to do; works partly without a hub; exit status 0 good, 1 "
	                "warning, 2 critical",
	        .example = "roamhubctl doctor", .prints = "health" },
	{ "support-bundle", "[FILE]", 0, 1, bundle_options, .alone = ctl_bundle, .wait_s = 20,
	        .help = "Write a tar file for somebody who helps from afar: version, "
	                "configuration, doctor, status, platforms, the last events and refusals, "
	                "metrics, and with --log the end of a log; no secret is in it",
	        .example = "roamhubctl support-bundle --log /var/log/roamhub.log",
	        .prints = "bundle" },
	{ "expiry resume", "", 0, 0, NULL, "POST expiry/resume", NULL, ctl_print_expiry,
	        .help = "Let what is old expire again: the wall clock, which jumped, is right",
	        .example = "roamhubctl expiry resume" },
	{ "resume-hub", "", 0, 0, NULL, "POST resume", NULL, ctl_print_resumed,
	        .help = "Let a hub that was started with --passive call and push: it is the hub "
	                "now",
	        .example = "roamhubctl resume-hub" },
	{ "backup", "FILE", 1, 1, NULL, "POST backup", ask_backup, ctl_print_backup, .wait_s = 3600,
	        .help = "Copy the database to a new file while the hub goes on",
	        .example = "roamhubctl backup /var/backups/roamhub-monday.db" },
	{ "export", "[FILE]", 0, 1, export_options, "POST export", .follow = ctl_export,
	        .wait_s = 60,
	        .help = "Write platforms, agreements and settings as one document in which no "
	                "token can be read; it is opened with the passphrase, or without one by "
	                "a hub with the same key file",
	        .example = "roamhubctl export roamhub.json --passphrase @passphrase",
	        .prints = "export_file" },
	{ "import", "FILE", 1, 1, import_options, "POST import", ctl_ask_import, ctl_print_import,
	        .wait_s = 60,
	        .help = "Say what an exported document has and the hub has not; with --apply have "
	                "it, all or nothing",
	        .example = "roamhubctl import roamhub.json --passphrase @passphrase --apply" },
	{ "reload", "", 0, 0, NULL, "POST reload", NULL, ctl_print_reload, .wait_s = 60,
	        .judges_config = true,
	        .help = "Make the hub read its configuration again and wait for the verdict",
	        .example = "roamhubctl reload" },
	{ "validate", "FILE|FOLDER|-...", 1, SIZE_MAX, validate_options, .alone = ctl_validate,
	        .help = "Check OCPI objects, lists, answers, or one of them a line, without a hub; "
	                "with --sense what makes sense, too; with --method PATCH what is there",
	        .example = "roamhubctl validate --sense locations.jsonl tariffs/",
	        .prints = "[finding]" },
	{ "openapi", "", 0, 0, NULL, "GET openapi.json", NULL, .follow = ctl_openapi,
	        .help = "Print the admin API as an OpenAPI 3.1 document, with the command of each "
	                "operation",
	        .example = "roamhubctl openapi > roamhub.json" },
	{ "man", "roamhubctl|roamhub.conf", 1, 1, NULL, .alone = ctl_manual,
	        .help = "Print a manual page: of the commands, or of the configuration's keys",
	        .example = "roamhubctl man roamhub.conf | man -l -" },
	{ "completion", "bash|zsh|fish", 1, 1, NULL, .alone = ctl_completion,
	        .help = "Print what a shell needs to complete commands and options",
	        .example = "source <(roamhubctl completion bash)" },
	{ 0 },
};
