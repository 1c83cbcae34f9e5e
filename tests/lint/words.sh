#!/usr/bin/env bash
# Left-over words in the code, files past 500 lines and functions past 80.
# usage: words.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

words='TODO|FIXME|XXX|HACK|not (yet )?implemented|for now'
max_file=500
max_function=80
faults=0

mapfile -t files < <(find src modules include tests -type f \( -name '*.[ch]' -o -name '*.def' \) 2>/dev/null | sort)
if [ "${#files[@]}" -eq 0 ]; then
	echo "words: no source files under $PWD" >&2
	exit 1
fi

if grep -nE "\\b($words)\\b" "${files[@]}"; then
	echo "words: finish or reword the lines above" >&2
	faults=1
fi

if ! wc -l "${files[@]}" | awk -v max="$max_file" '
	$2 != "total" && $1 > max { printf "%s: %d lines, at most %d\n", $2, $1, max; bad = 1 }
	END { exit bad }'; then
	faults=1
fi

# Files of modules/ are tables, and tables are not functions: ctags counts functions only.
if ! ctags -x --_xformat='%{end} %{line} %N %F' --fields=+ne --kinds-C=f "${files[@]}" | awk -v max="$max_function" '
	$1 ~ /^[0-9]+$/ && $1 - $2 + 1 > max {
		printf "%s:%d: %s has %d lines, at most %d\n", $4, $2, $3, $1 - $2 + 1, max
		bad = 1
	}
	END { exit bad }'; then
	faults=1
fi

[ "$faults" -eq 0 ] && echo "words: ${#files[@]} files, nothing left over"
exit "$faults"
