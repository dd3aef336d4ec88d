#!/bin/sh
# Install the Debian packages of cmake/packages.txt that are missing, for the purposes named:
#   cmake/install-packages.sh build test
set -eu
list=$(dirname "$0")/packages.txt
missing=
for purpose in "$@"; do
  for package in $(awk -v p="$purpose" '$1 == p { print $2 }' "$list"); do
    if command -v dpkg-query > /dev/null &&
       dpkg-query -W -f '${Status}' "$package" 2> /dev/null | grep -q 'ok installed'; then
      continue
    fi
    missing="$missing $package"
  done
done
[ -z "$missing" ] && exit 0
if [ -n "${SAGIPS_NO_PACKAGES:-}" ]; then exit 0; fi
if ! command -v apt-get > /dev/null; then
  echo "This system has no apt-get, so these packages cannot be installed for you:$missing." >&2
  echo "Install what they stand for by your system's own means, then set SAGIPS_NO_PACKAGES=1." >&2
  exit 1
fi
sudo=
if [ "$(id -u)" != 0 ]; then
  if ! command -v sudo > /dev/null; then
    echo "Missing packages:$missing. Not root, and there is no sudo: ask for them to be installed." >&2
    exit 1
  fi
  sudo=sudo
fi
echo "Installing:$missing" >&2
if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
     > /dev/null 2>&1; then
  $sudo apt-get update -q > /dev/null
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing \
    > /dev/null
fi
