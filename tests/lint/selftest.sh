#!/usr/bin/env bash
# Proves that layers.sh and words.sh can fail: each row below breaks one rule in a tree of its own.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
checks=0
failures=0

fresh_tree() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/src/{base,ocpi,net,store,hub,admin,bin} "$tree"/modules/tokens "$tree"/include/roamhub
	local header
	for header in base conf ocpi module net store config; do
		echo '#pragma once' >"$tree/include/roamhub/$header.h"
	done
	echo '#include "flight.h"' >"$tree/src/hub/flight.c"
	echo '#include "roamhub/store.h"' >"$tree/src/hub/flight.h"
	echo '#include "roamhub/module.h"' >"$tree/modules/tokens/tokens.c"
	printf '#include <errno.h>\n#include <sys/epoll.h>\n' >"$tree/src/base/loop.c"
	echo '#include <sqlite3.h>' >"$tree/src/store/sqlite.c"
	echo '#include <jansson.h>' >"$tree/include/roamhub/tree.h"
	echo '#include "roamhub/tree.h"' >"$tree/src/admin/api.c"
	printf '#include "roamhub/config.h"\n#include "../hub/flight.h"\n' >"$tree/src/bin/main.c"
}

# expect WHAT good|bad SCRIPT [TEXT in the output]
expect() {
	local what=$1 verdict=bad output
	checks=$((checks + 1))
	output=$("$here/$3" "$tree" 2>&1) && verdict=good
	if [ "$verdict" != "$2" ] || { [ $# -gt 3 ] && ! grep -qF -- "$4" <<<"$output"; }; then
		failures=$((failures + 1))
		printf 'FAILED: %s: expected %s, got %s:\n%s\n' "$what" "$2" "$verdict" "$output"
	fi
}

fresh_tree
expect 'a sound tree' good layers.sh
expect 'a sound tree' good words.sh

while read -r file include; do
	fresh_tree
	printf '\n#include %s\n' "$include" >"$tree/$file"
	expect "$file includes $include" bad layers.sh "$file:2: "
done <<'ROWS'
src/base/table.c "roamhub/ocpi.h"
src/base/table.c <sodium.h>
src/base/table.c <glib.h>
src/ocpi/json.c "roamhub/net.h"
src/ocpi/json.c "roamhub/store.h"
src/ocpi/json.c <jansson.h>
src/ocpi/json.c "roamhub/tree.h"
src/store/writer.c "roamhub/tree.h"
src/net/client.c "roamhub/ocpi.h"
src/net/client.c "../store/inside.h"
src/net/client.c <curl/curl.h>
src/net/guard.c <microhttpd.h>
src/net/server.c <http_parser.h>
src/store/writer.c <sqlite3.h>
src/store/writer.c "roamhub/net.h"
src/hub/route.c "roamhub/admin.h"
src/hub/route.c "../../modules/tokens/tokens.h"
src/hub/route.c "../bin/options.h"
src/hub/route.c <roamhub/admin.h>
src/admin/api.c "../bin/options.h"
src/admin/api.c <curl/curl.h>
src/admin/api.c <jansson.h>
modules/tokens/tokens.c "roamhub/store.h"
modules/tokens/tokens.c "../../src/hub/flight.h"
modules/tokens/tokens.c <jansson.h>
modules/tokens/tokens.c "roamhub/tree.h"
include/roamhub/net.h "ocpi.h"
include/roamhub/base.h "roamhub/conf.h.in"
src/bin/main.c MACRO_NAME
ROWS

fresh_tree
echo 'int x;' >"$tree/include/roamhub/stray.h"
expect 'a public header of no layer' bad layers.sh 'stray.h:1: '
rm -rf "${tree:?}"/*
expect 'an empty tree' bad layers.sh 'no source files'
expect 'an empty tree' bad words.sh 'no source files'

fresh_tree
echo '/* TO''DO: later */' >"$tree/src/base/table.c"
expect 'a left-over word' bad words.sh 'src/base/table.c:1:'
fresh_tree
printf '\n%.0s' {1..501} >"$tree/src/base/table.c"
expect 'a long file' bad words.sh 'src/base/table.c: 501 lines'
fresh_tree
{
	printf 'int\nf(int a)\n{\n'
	printf '	a++;%.0s\n' {1..120}
	printf '	return a;\n}\n'
} >"$tree/src/base/table.c"
expect 'a long function' bad words.sh 'f has 12'

conforming_tree() {
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/{docs,tests/data,tests/scenario,tests/unit,tests/e2e}
	printf 'TRN-001\nTRP-05\nCDR-E1\n' >"$tree/tests/data/requirement-ids.txt"
	echo '# proves: TRN-001' >"$tree/tests/scenario/one.scn"
	echo "scenarios = ['one']" >"$tree/tests/scenario/meson.build"
	{
		echo '| TRN-001 | text | proven | `scenario/one.scn` |'
		echo '| TRP-05 | text | n/a | there is none |'
		echo '| CDR-E1 | text | open |  |'
	} >"$tree/docs/conformance.md"
}

conforming_tree
expect 'a sound table' good conformance.sh
while IFS='#' read -r what file edit text; do
	conforming_tree
	sed -i "$edit" "$tree/$file"
	expect "$what" bad conformance.sh "$text"
done <<'ROWS'
a row that is missing#docs/conformance.md#/CDR-E1/d#CDR-E1 has no row
a row that is there twice#docs/conformance.md#/CDR-E1/p#more than one row
a row of no requirement#docs/conformance.md#s/CDR-E1/CDR-E9/#CDR-E9 in docs/conformance.md is no requirement
a file that does not exist#docs/conformance.md#s/one.scn/two.scn/#does not exist
a scenario that proves something else#tests/scenario/one.scn#s/TRN-001/CDR-E1/#does not prove it
a proof without a test#docs/conformance.md#s/`.*`//#names no test
a state that is none#docs/conformance.md#s/open/done/#expected proven
n/a without a reason#docs/conformance.md#s/there is none//#without a reason
a proof of nothing#tests/scenario/one.scn#s/TRN-001/TRN-001 TRN-999/#is no requirement
a scenario that nobody plays#tests/scenario/meson.build#s/one/two/#is not in
ROWS

# The form of Check's summary line, so that ./dev test counts these as well.
echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" -eq 0 ]
