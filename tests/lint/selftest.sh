#!/usr/bin/env bash
# Proves that the checks beside it can fail: each row below breaks one rule in a tree of its own.
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
	echo '#include <sqlite3.h>' >"$tree/src/store/sqlite_conn.h"
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

rooms_tree() {
	fresh_tree
	rm "$tree"/src/hub/flight.[ch]
	mkdir "$tree"/src/hub/{message,push,parties}
	printf '#pragma once\n' | tee "$tree"/src/hub/{worker,news}.h "$tree"/src/hub/message/flight.h \
		"$tree"/src/hub/push/push.h "$tree"/src/hub/parties/may.h >/dev/null
	printf '#include "worker.h"\n#include "message/flight.h"\n#include "push/push.h"\n' >"$tree/src/hub/hub.c"
	printf '#include "flight.h"\n#include "../parties/may.h"\n' >"$tree/src/hub/message/flight.c"
	printf '#include "push.h"\n#include "../news.h"\n' >"$tree/src/hub/push/push.c"
	printf '#include "news.h"\n#include "roamhub/hub.h"\n' >"$tree/src/hub/context.c"
	echo '#pragma once' >"$tree/include/roamhub/hub.h"
	sed -i 's,../hub/flight.h,../hub/message/flight.h,' "$tree/src/bin/main.c"
}

rooms_tree
expect 'a sound tree with rooms' good layers.sh
while read -r file include text; do
	rooms_tree
	mkdir -p "$(dirname "$tree/$file")"
	printf '\n#include %s\n' "$include" >"$tree/$file"
	expect "$file includes $include" bad layers.sh "$text"
done <<'ROWS'
src/hub/message/open.c "../push/push.h" message must not include push
src/hub/push/deliver.c "../message/flight.h" push must not include message
src/hub/parties/live.c "../message/flight.h" parties must not include message
src/hub/parties/live.c "../push/push.h" parties must not include push
src/hub/parties/live.c "../worker.h" parties must not include top
src/hub/message/open.c "../worker.h" message must not include top
src/hub/context.c "parties/may.h" ground must not include parties
src/hub/news.h "worker.h" ground must not include top
src/hub/stray.c "news.h" in no room
src/hub/attic/old.c "../news.h" in no room
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
	printf '	a++;%.0s\n' {1..80}
	printf '	return a;\n}\n'
} >"$tree/src/base/table.c"
expect 'a long function' bad words.sh 'f has 84'

# compile FILE...: the objects of a tree, and what meson says of them.
compile() {
	local file
	for file; do
		# shellcheck disable=SC2086 # no flag or one
		cc $object_flags -c "$tree/$file" -o "$tree/$file.o"
	done
	find "$tree" -name '*.c' -printf '%P\n' | awk -v tree="$tree" '
		{ printf "%s{\"directory\": \"%s\", \"file\": \"%s\", \"output\": \"%s.o\"}", (NR == 1 ? "[" : ","), tree, $1, $1 }
		END { print "]" }' >"$tree/compile_commands.json"
}

# object FILE CODE
object() {
	mkdir -p "$tree/$(dirname "$1")"
	echo "$2" >"$tree/$1"
	compile "$1"
}

objects_tree() {
	local directory files
	rm -rf "${tree:?}"/*
	mkdir -p "$tree"/src/{base,ocpi,net,store,admin,sim} "$tree"/src/hub/{message,push,parties}
	for directory in base ocpi net store admin sim; do
		echo "int $directory = 1; void ${directory}_low(void) {}" >"$tree/src/$directory/low.c"
		echo "int ${directory}_limit; extern int $directory; void ${directory}_low(void);
			void ${directory}_high(void) { if ($directory) ${directory}_low(); }" >"$tree/src/$directory/high.c"
	done
	echo 'void sim_high(void); void sim_top(void) { sim_high(); }' >"$tree/src/sim/top.c"
	echo 'int news; void news_ring(void) { news++; }' >"$tree/src/hub/news.c"
	echo 'void news_ring(void); void may(void) { news_ring(); }' >"$tree/src/hub/parties/may.c"
	echo 'void may(void); void flight(void) { may(); }' >"$tree/src/hub/message/flight.c"
	echo 'void may(void), news_ring(void); void push(void) { may(), news_ring(); }' >"$tree/src/hub/push/push.c"
	echo 'void flight(void), push(void); void hub(void) { flight(), push(); }' >"$tree/src/hub/hub.c"
	mapfile -t files < <(find "$tree" -name '*.c' -printf '%P\n')
	compile "${files[@]}"
}

object_flags=
objects_tree
expect 'objects without a circle' good circles.py
cp -r "$tree" "$tree.sound"
trap 'rm -rf "$tree" "$tree.sound"' EXIT
while IFS='#' read -r what file code text; do
	rm -rf "${tree:?}"/*
	cp -r "$tree.sound"/* "$tree"
	object "$file" "$code"
	expect "$what" bad circles.py "$text"
done <<'ROWS'
a circle of functions#src/base/low.c#int base; void base_high(void); void base_low(void) { base_high(); }#low -> high: base_high
a circle by a variable#src/net/low.c#extern int net_limit; int net; int *net_low(void) { return &net_limit; }#low -> high: net_limit
a circle of three#src/sim/low.c#int sim; void sim_top(void); void sim_low(void) { sim_top(); }#a circle of 3 objects
a circle by a table#src/store/low.c#void store_high(void); int store; void (*store_low)(void) = store_high;#high -> low: store, store_low
a circle of rooms#src/hub/parties/may.c#void flight(void); void may(void) { flight(); }#parties/may -> message/flight: flight
message knows push#src/hub/message/open.c#void push(void); void open_it(void) { push(); }#message must not know push: message/open -> push/push: push
push knows message#src/hub/push/deliver.c#void flight(void); void deliver(void) { flight(); }#push must not know message
parties know push#src/hub/parties/live.c#void push(void); void live(void) { push(); }#parties must not know push
ground knows parties#src/hub/context.c#void may(void); void context(void) { may(); }#ground must not know parties
ground knows the top#src/hub/count.c#void hub(void); void count(void) { hub(); }#ground must not know top
a file in no room#src/hub/stray.c#int stray;#src/hub/stray.c is in no room
ROWS
rm -rf "${tree:?}"/*
cp -r "$tree.sound"/* "$tree"
rm -r "$tree/src/sim"
compile
expect 'a directory without objects' bad circles.py 'src/sim: no objects'
cp "$tree/src/hub/news.c.o" "$tree/src/base/low.c.o"
strip --strip-all "$tree/src/base/low.c.o"
expect 'an object without symbols' bad circles.py 'no symbols in'
object_flags=-fsanitize=address
objects_tree
expect 'objects with sanitizers' good circles.py
object src/base/low.c 'int base; void base_high(void); void base_low(void) { base_high(); }'
expect 'a circle of objects with sanitizers' bad circles.py 'low -> high: base_high'

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
a decision without a test#docs/conformance.md#s/open/otherwise/#names no test
a state that is none#docs/conformance.md#s/open/done/#expected proven
n/a without a reason#docs/conformance.md#s/there is none//#without a reason
a proof of nothing#tests/scenario/one.scn#s/TRN-001/TRN-001 TRN-999/#is no requirement
a scenario that nobody plays#tests/scenario/meson.build#s/one/two/#is not in
ROWS

# The form of Check's summary line, so that ./dev test counts these as well.
echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" -eq 0 ]
