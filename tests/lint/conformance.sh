#!/usr/bin/env bash
# docs/conformance.md against the list of requirements and against the tests it names.
# usage: conformance.sh [ROOT]             each fault on a line, exit 1
#        conformance.sh --evidence [ROOT]  which tests name which requirement
set -euo pipefail
evidence=
if [ "${1:-}" = --evidence ]; then
	evidence=1
	shift
fi
cd "${1:-$(dirname "$0")/../..}"

table=docs/conformance.md
list=tests/data/requirement-ids.txt

# "ID FILE" for each id on a `# proves:` line.
proofs() {
	find tests/scenario -name '*.scn' -exec grep -HE '^# proves:' {} + | sed 's/:# proves:/ /' |
		awk '{ for (i = 2; i <= NF; i++) print $i, $1 }'
}

if [ -n "$evidence" ]; then
	# In test programs names and comments count; TRP_051 is TRP-51. Tests of the simulator say nothing of the hub.
	{
		proofs
		find tests/unit tests/e2e -name '*.c' ! -path 'tests/unit/sim/*' \
			-exec grep -oHE '[A-Z]{3}[-_]E?[0-9]+' {} + |
			sed -E 's/^([^:]*):([A-Z]{3})[-_](.*)/\2-\3 \1/; s/^TRP-0([0-9]{2}) /TRP-\1 /'
	} | sort -u | awk '
		NR == FNR { wanted[$1]; next }
		!($1 in wanted) { next }
		$1 != last { printf "%s%s", (last == "" ? "" : "\n"), $1; last = $1 }
		{ printf " %s", $2 }
		END { print "" }' "$list" -
	exit 0
fi

faults=0
proofs | awk -v table="$table" -v list="$list" '
	function fault(text) { print "conformance: " text; faults++ }
	function exists(file,  line, found) { found = (getline line < file) >= 0; close(file); return found }
	function check_row(id, state, shown,  n, parts, i, file, files) {
		n = split(shown, parts, "`")
		for (i = 2; i <= n; i += 2) {
			if (parts[i] !~ /^[a-z0-9]+\/.*\./) continue
			file = "tests/" parts[i]
			files++
			if (!exists(file)) fault(id " names " file ", which does not exist")
			else if (file ~ /\.scn$/ && !((id, file) in proven)) fault(id " names " file ", which does not prove it")
		}
		if (state ~ /^(proven|part|otherwise)$/ && !files) fault(id " is " state " and names no test")
		else if (state == "n/a" && shown !~ /[a-z]/) fault(id " is n/a without a reason")
		else if (state !~ /^(proven|part|otherwise|open|n\/a)$/) fault(id " is \"" state "\", expected proven, part, otherwise, open or n/a")
	}
	BEGIN { while ((getline id < list) > 0) { wanted[id]; ids++ }
		if (!ids) fault(list " is empty or missing") }
	{ proven[$1, $2]; if (!($1 in wanted)) fault($2 " proves " $1 ", which is no requirement") }
	END {
		while ((getline row < table) > 0) {
			if (row !~ /^\| [A-Z][A-Z][A-Z]-E?[0-9]+ \|/) continue
			n = split(row, cell, / \| /)
			id = substr(cell[1], 3)
			if (!(id in wanted)) fault(id " in " table " is no requirement")
			if (rows[id]++) fault(id " has more than one row in " table)
			if (n < 4) { fault(id " has no four cells"); continue }
			counted[cell[3]]++
			check_row(id, cell[3], cell[4])
		}
		for (id in wanted) if (!(id in rows)) fault(id " has no row in " table)
		if (!faults) printf "conformance: %d rows: %d proven, %d part, %d otherwise, %d open, %d n/a\n", ids, counted["proven"],
			counted["part"], counted["otherwise"], counted["open"], counted["n/a"]
		exit (faults > 0)
	}' || faults=1

# A scenario that nobody plays proves nothing.
for scenario in tests/scenario/*.scn; do
	grep -q "'$(basename "$scenario" .scn)'" tests/scenario/meson.build && continue
	echo "conformance: $scenario is not in tests/scenario/meson.build"
	faults=1
done
exit "$faults"
