#!/usr/bin/env bash
# Deploys an example to an emulator that runs on this machine alone, and calls it.
#
#   examples/run.sh [EXAMPLE] [COMMAND…]     hello-world and `apply --yes` unless said
#
# Needs Rust, Python and Node. The emulator (ministack, from PyPI) is installed into a
# virtual environment under ~/.cache/slp at the first run, and ends with this script;
# so does what was deployed: the example is copied to a temporary folder first.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
example=${1:-hello-world}
shift || true

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${SLP_CACHE:-$HOME/.cache/slp}/target}
cargo build --quiet --locked --manifest-path "$here/../Cargo.toml"
slp=$CARGO_TARGET_DIR/debug/slp

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/$example" "$work/"

# The inner shell is to expand these, not this one.
# shellcheck disable=SC2016
python3 "$here/../tests/emulators/emulator.py" ministack -- bash -euo pipefail -c '
  slp=$1 folder=$2; shift 2
  if [ $# -gt 0 ]; then exec "$slp" -C "$folder" "$@"; fi
  "$slp" -C "$folder" apply --yes
  "$slp" -C "$folder" output --json | sed -n "s/.*\"\(http[^\"]*\)\".*/\1/p" | while read -r url; do
    echo
    echo "\$ curl $url"
    curl --silent --show-error --fail "$url"
    echo
  done
' _ "$slp" "$work/$example" "$@"
