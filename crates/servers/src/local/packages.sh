# Installs packages without starting the services in them: a private instance is what we want.
#
#   packages PACKAGE...
set -eu
rule=/usr/sbin/policy-rc.d
kept=/usr/sbin/policy-rc.d.before-cartwheel
# An existing file is restored at the end; a copy left behind by a killed run is the original.
[ ! -e "$rule" ] || [ -e "$kept" ] || mv "$rule" "$kept"
restore() {
  rm -f "$rule"
  [ ! -e "$kept" ] || mv "$kept" "$rule"
}
trap restore EXIT
trap 'exit 130' HUP INT TERM
printf '#!/bin/sh\nexit 101\n' >"$rule"
chmod 755 "$rule"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
# Not at the next boot either. A machine that boots without systemd has nothing to switch off here.
if [ -d /run/systemd/system ]; then
  systemctl disable --quiet "$@" || true
fi
