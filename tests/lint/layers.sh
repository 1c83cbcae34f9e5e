#!/usr/bin/env bash
# Reads every #include of src/, modules/ and include/ and fails on an edge that the layers do not allow.
# usage: layers.sh [ROOT]
#
# The lists below are docs/adr/0002-layers-and-doors.md as data. A file's layer is the directory it lies in, a public
# header's layer is that of the code behind it. An include in angle brackets is libc's or has a door: the files named.
set -euo pipefail
cd "${1:-$(dirname "$0")/../..}"

layers='
base:
ocpi: base
net: base
store: base
tree: ocpi base
modules: ocpi base
hub: net store tree ocpi base
admin: hub net store tree ocpi base
sim: modules net tree ocpi base
bin: sim admin hub modules net store tree ocpi base
'
public_headers='
base.h base
conf.h base
errors.def base
ocpi.h ocpi
module.h ocpi
schema.h ocpi
schema_tables.h ocpi
patch.h ocpi
net.h net
x509.h net
pem.h net
tree.h tree
store.h store
together.h store
objects.h store
events.h store
erase.h store
move.h store
config.h hub
store_move.h hub
hub.h hub
quota.h hub
erasure.h hub
complaints.h hub
live.h hub
series.h hub
quality.h hub
refusals.h hub
survey.h hub
tally.h hub
transfer.h hub
sandbox.h hub
portal.h hub
admin.h admin
'
doors='
microhttpd.h src/net/server.c src/net/answer.c src/net/answer.h src/net/head.c src/net/head.h src/net/reply.c src/net/stream.c src/net/stream.h
curl/curl.h src/net/connect.c src/net/url.c
http_parser.h src/net/client.c
gnutls/gnutls.h src/net/x509.c
gnutls/x509.h src/net/x509.c
sqlite3.h src/store/sqlite_conn.h
libpq-fe.h src/store/postgresql/pg_conn.h src/store/postgresql/pg_rows.c
sodium.h src/base/crypt.c
xxhash.h src/base/sum.c
sanitizer/asan_interface.h src/base/arena.c
emmintrin.h src/ocpi/json_sse2.h
jansson.h include/roamhub/tree.h
'
# The rooms of src/hub: its folders, and for the files beside them the room each is of. tests/lint/circles.py has the same
# two tables for symbols.
rooms='
top: message push survey parties ground
message: parties ground
push: parties ground
survey: parties ground
parties: ground
ground:
'
room_files='
hub top
worker top
pull top
expiry top
pull_walk top
pull_object top
pull_sweep top
load top
passive top
tally top
wishes top
sandbox top
sandbox_due top
sandbox_left top
sandbox_list top
sandbox_process top
slots top
status top
status_doc top
together top
context ground
news ground
doubt ground
wish ground
client ground
count ground
certificate ground
listeners ground
place ground
refusals ground
keys ground
store_move ground
event ground
series ground
'
libc='aio alloca assert ctype dirent dlfcn endian err errno fcntl float fnmatch getopt glob grp ifaddrs inttypes
iso646 libgen limits locale malloc math netdb poll pthread pwd regex sched search semaphore setjmp signal spawn stdalign
stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings syslog termios threads time uchar
unistd wchar wctype'

dirs=()
for dir in src modules include; do
	[ -d "$dir" ] && dirs+=("$dir")
done
mapfile -t files < <(find "${dirs[@]}" -type f \( -name '*.[ch]' -o -name '*.def' -o -name '*.inc' \) | sort)
if [ "${#files[@]}" -eq 0 ]; then
	echo "layers: no source files under $PWD" >&2
	exit 1
fi

# Without its folders src/hub has no rooms that a file could be in.
if [ ! -d src/hub/message ] || [ ! -d src/hub/push ] || [ ! -d src/hub/parties ]; then
	rooms=
fi

awk -v layers="$layers" -v headers="$public_headers" -v doors="$doors" -v libc="$libc" -v rooms="$rooms" \
	-v room_files="$room_files" '
BEGIN {
	n = split(layers, row, "\n")
	for (i = 1; i <= n; i++) {
		m = split(row[i], word, /[: ]+/)
		for (j = 1; j <= m; j++)
			if (word[j] != "")
				may[word[1], word[j]] = 1
		if (row[i] != "")
			known[word[1]] = 1
	}
	n = split(rooms, row, "\n")
	for (i = 1; i <= n; i++) {
		m = split(row[i], word, /[: ]+/)
		for (j = 1; j <= m; j++)
			if (word[j] != "")
				enter[word[1], word[j]] = 1
		if (row[i] != "")
			room_known[word[1]] = 1
	}
	n = split(room_files, row, "\n")
	for (i = 1; i <= n; i++)
		if (split(row[i], word, " ") == 2)
			room_of_file[word[1]] = word[2]
	n = split(headers, row, "\n")
	for (i = 1; i <= n; i++)
		if (split(row[i], word, " ") == 2)
			public[word[1]] = word[2]
	n = split(doors, row, "\n")
	for (i = 1; i <= n; i++)
		if (split(row[i], word, " ") > 1)
			door[word[1]] = substr(row[i], length(word[1]) + 2)
	n = split(libc, word, /[ \n]+/)
	for (i = 1; i <= n; i++)
		system_header[word[i] ".h"] = 1
	for (i = 1; i < ARGC; i++)
		exists[ARGV[i]] = 1
}

function fail(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	faults++
}

function layer_of(path,   part) {
	split(path, part, "/")
	if (part[1] == "src")
		return part[2]
	if (part[1] == "modules")
		return "modules"
	return public[part[3]]
}

# "" for what is not of src/hub itself, its public headers included.
function room_of(path,   part, n) {
	n = split(path, part, "/")
	if (rooms == "" || part[1] != "src" || part[2] != "hub")
		return ""
	if (n > 3)
		return part[3]
	sub(/\.[a-z]+$/, "", part[3])
	return part[3] in room_of_file ? room_of_file[part[3]] : "none"
}

function directory(path) {
	sub(/\/[^\/]*$/, "", path)
	return path
}

# The file that a quoted include means: beside the includer, or a public header by its full name.
function resolve(name,   path) {
	if (name ~ /^roamhub\//)
		return "include/" name
	path = directory(FILENAME) "/" name
	while (sub(/[^\/]+\/\.\.\//, "", path))
		;
	return path
}

function check_quoted(name,   path, to) {
	path = resolve(name)
	to = layer_of(path)
	if (!(to in known))
		fail("\"" name "\" is in no layer: name it in tests/lint/layers.sh")
	else if (!((from, to) in may))
		fail("\"" name "\": " from " must not include " to)
	else if (room != "" && room_of(path) in room_known && room_of(path) != room && !((room, room_of(path)) in enter))
		fail("\"" name "\": " room " must not include " room_of(path))
}

function check_angled(name,   i, n, place) {
	if (name in system_header || name ~ /^(sys|netinet|arpa|net|linux)\/[a-z0-9_]+\.h$/)
		return
	if (!(name in door)) {
		fail("<" name "> is not libc and has no door")
		return
	}
	n = split(door[name], place, " ")
	for (i = 1; i <= n; i++)
		if (place[i] == FILENAME || (place[i] ~ /\/$/ && index(FILENAME, place[i]) == 1))
			return
	fail("<" name "> only in " door[name])
}

FNR == 1 {
	from = layer_of(FILENAME)
	if (!(from in known))
		fail("this file is in no layer: name it in tests/lint/layers.sh")
	room = room_of(FILENAME)
	if (room != "" && !(room in room_known))
		fail("this file is in no room of src/hub: name it in tests/lint/layers.sh")
}
/^[ \t]*#[ \t]*include/ && (from in known) {
	if (match($0, /"[^"]+"/) || match($0, /<roamhub\/[^>]+>/))
		check_quoted(substr($0, RSTART + 1, RLENGTH - 2))
	else if (match($0, /<[^>]+>/))
		check_angled(substr($0, RSTART + 1, RLENGTH - 2))
	else
		fail("an include without a literal name")
}
END { exit faults > 0 }
' "${files[@]}" || {
	echo "layers: the includes above break docs/adr/0002-layers-and-doors.md" >&2
	exit 1
}
echo "layers: ${#files[@]} files, every include allowed"
