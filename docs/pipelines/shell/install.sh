#!/bin/sh
# Installs a release of slp, and nothing that differs from its checksum.
#
#   install.sh VERSION FOLDER      such as: install.sh 0.1.0 "$HOME/.local/bin"
#
#   SLP_RELEASES   where the releases are, for example
#                  https://github.com/OWNER/slp/releases/download
#   SLP_SHA256     the checksum of the program, if you have written it down. It then counts
#                  alone: the list beside the program comes from where the program comes from,
#                  and shows a broken download, not a release that somebody replaced.
#
# Needs curl and sha256sum. The program is static: any Linux runs it, on x86_64 and aarch64.
set -eu

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

if [ $# -ne 2 ]; then fail "usage: install.sh VERSION FOLDER"; fi
version=${1#v}
folder=$2
from=${SLP_RELEASES:?install.sh: set SLP_RELEASES to the address of the releases}/v$version

case $(uname -s)-$(uname -m) in
    Linux-x86_64) name=slp-x86_64-linux ;;
    Linux-aarch64 | Linux-arm64) name=slp-aarch64-linux ;;
    *) fail "there is no release for $(uname -s) on $(uname -m): \`cargo install\` builds it" ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
get() {
    curl --fail --silent --show-error --location --retry 3 --output "$work/$1" "$from/$1"
}

get "$name"
if [ -n "${SLP_SHA256:-}" ]; then
    echo "$SLP_SHA256  $name" >"$work/sum"
else
    get SHA256SUMS
    awk -v name="$name" '$2 == name || $2 == "*" name' "$work/SHA256SUMS" >"$work/sum"
    if [ ! -s "$work/sum" ]; then fail "$from/SHA256SUMS does not name $name"; fi
fi
(cd "$work" && sha256sum --check --status sum) ||
    fail "$name is not the file that its checksum names: it was not installed"

mkdir -p "$folder"
# Beside it, then in its place: a program that runs is never half written.
cp "$work/$name" "$folder/.slp.new"
chmod 755 "$folder/.slp.new"
mv -f "$folder/.slp.new" "$folder/slp"
"$folder/slp" --version
