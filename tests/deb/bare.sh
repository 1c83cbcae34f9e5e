#!/usr/bin/env bash
# A bare Debian in $bare, for the scripts of this folder, which source this. What is downloaded comes from where this machine has its
# packages from, and stays in build-deb/bare.tar.
# shellcheck disable=SC2034,SC2154
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
made=$root/build-deb
arch=$(dpkg --print-architecture)
version=$(sed -n "s/^  version: '\(.*\)',$/\1/p" "$root/meson.build")
package=$made/roamhub_${version}_$arch.deb

failed() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}
inside() { chroot "$bare" env DEBIAN_FRONTEND=noninteractive PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C "$@"; }
must() { inside "$@" >"$made/step" 2>&1 || { cat "$made/step" >&2; failed "failed: $*"; }; }

# Services do not start by themselves in it.
bare_debian() {
	local mirror file
	if [ ! -f "$made/bare.tar" ]; then
		mirror=$(apt-get indextargets --format "\$(SITE)" 'Codename: bookworm' 'Created-By: Packages' | head -n 1)
		debootstrap --variant=minbase bookworm "$bare" "$mirror" >"$made/debootstrap.log" 2>&1 ||
			{ tail -5 "$made/debootstrap.log" >&2; failed "debootstrap"; }
		tar -cf "$made/bare.tar" -C "$bare" .
	else
		tar -xf "$made/bare.tar" -C "$bare"
	fi
	chmod 755 "$bare"
	cp /etc/resolv.conf "$bare/etc/resolv.conf"
	for file in /etc/apt/apt.conf.d/*proxy* /etc/apt/apt.conf; do
		[ ! -f "$file" ] || cp "$file" "$bare$file"
	done
	mount -t proc proc "$bare/proc"
	printf '#!/bin/sh\nexit 101\n' >"$bare/usr/sbin/policy-rc.d"
	chmod 755 "$bare/usr/sbin/policy-rc.d"
}
