# Shell functions that tests/run and contrib/quickstart share: packages, a
# source tree that can be built out of tree, and builds.  Sourced with the
# root of the source tree in $root.
: "${root:?}"

say()
{
	printf '%s\n' "$*"
}

die()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# must_be_root - packages are installed and Postfix is started
must_be_root()
{
	[ "$(id -u)" -eq 0 ] || die "must run as root (it starts a private Postfix)"
}

# packages_of GROUP... - the names in tests/packages of these groups
packages_of()
{
	for group in "$@"; do
		sed -n "s/^$group //p" "$root/tests/packages"
	done
}

# packages_missing NAME... - those that are not installed
packages_missing()
{
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null |
		    grep -qx installed || printf '%s\n' "$package"
	done
}

# packages_install NAME... - the missing ones; no service is started, and an
# installed mail server of another kind is not replaced
packages_install()
{
	# shellcheck disable=SC2046 # a list of words
	set -- $(packages_missing "$@")
	[ $# -gt 0 ] || return 0
	say "installing: $*"
	preseed_postfix
	hold_services
	apt_log=$(mktemp)
	apt_status=0
	apt_install "$@" >"$apt_log" 2>&1 || apt_status=$?
	release_services
	[ "$apt_status" -eq 0 ] || cat "$apt_log" >&2
	rm -f "$apt_log"
	[ "$apt_status" -eq 0 ] || die "apt-get could not install: $*"
}

apt_install()
{
	export DEBIAN_FRONTEND=noninteractive
	apt-get -q update &&
	    apt-get -q -y --no-install-recommends --no-remove install "$@"
}

# preseed_postfix - a postfix that comes with us gets no configuration
preseed_postfix()
{
	[ -e /etc/postfix/main.cf ] && return
	command -v debconf-set-selections >/dev/null || return 0
	echo "postfix postfix/main_mailer_type select No configuration" |
	    debconf-set-selections
}

policy=/usr/sbin/policy-rc.d
policy_is_ours=no

# hold_services - services of new packages are not started; a policy-rc.d that
# exists is the owner's and stays
hold_services()
{
	[ -e "$policy" ] && return
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	policy_is_ours=yes
}

# release_services - takes our policy-rc.d away; harmless when there is none
release_services()
{
	[ "$policy_is_ours" = yes ] || return 0
	rm -f "$policy"
	policy_is_ours=no
}

# copy_source DIRECTORY - the source tree without builds and products
copy_source()
{
	rm -rf "$1"
	mkdir -p "$1"
	(cd "$root" && tar -cf - --exclude=./.git --exclude='./build/*' \
	    --exclude='./build-asan' --exclude='./build-tsan' \
	    --exclude='./build-fuzz' \
	    --exclude='*.o' --exclude='*.a' --exclude=__pycache__ .) |
	    (cd "$1" && tar -xf -)
	unconfigure "$1"
}

# unconfigure DIRECTORY - what configure left there is removed
unconfigure()
{
	(cd "$1" && rm -f Makefile config.status config.log config.h stamp-h1)
	find "$1" -name .deps -type d -prune -exec rm -rf {} +
}

# prepare_source DIRECTORY - makes configure, if it is missing or old
prepare_source()
{
	if [ -e "$1/configure" ] &&
	    [ -z "$(find "$1" \( -name configure.ac -o -name '*.am' \
		-o -name local.mk \) -newer "$1/configure")" ]; then
		return 0
	fi
	(cd "$1" && autoreconf -fi)
}

# build SOURCE DIRECTORY CONFIGURE-ARGUMENT... - out of tree
build()
{
	source=$1
	directory=$2
	shift 2
	mkdir -p "$directory"
	if [ ! -e "$directory/Makefile" ] ||
	    [ -n "$(find "$source/configure" \
		-newer "$directory/Makefile")" ]; then
		(cd "$directory" && "$source/configure" "$@") || return
	fi
	make -C "$directory" -j"$(nproc)"
}
