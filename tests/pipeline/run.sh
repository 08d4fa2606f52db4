#!/usr/bin/env bash
# A change on its way: branch, plan, comment, merge, apply of the saved plan, drift, and a plan
# that has grown old. With a git repository, an emulator of AWS with the state in a bucket, and
# docs/pipelines/shell/pipeline.sh, as any CI would call it.
#
#   SLP=target/debug/slp tests/pipeline/run.sh [WORK]
#
# It prints the transcript docs/pipeline-transcript.txt, but for what differs between runs, and
# ends with an error where something does not end as it should. Without an AWS_ENDPOINT_URL it
# starts an emulator itself. WORK is an empty folder to work in, a temporary one unless said.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
if [ -z "${AWS_ENDPOINT_URL:-}" ]; then
    exec python3 "$root/tests/emulators/emulator.py" moto -- "$0" "$@"
fi
SLP=$(realpath "${SLP:?set SLP to the program}")
export SLP NO_COLOR=1 COLUMNS=80
awscli=$(python3 "$root/tests/emulators/awscli.py")
# For those who change something by hand. The CI has no keys.
aws() { AWS_ACCESS_KEY_ID=ada AWS_SECRET_ACCESS_KEY=hers "$awscli" --output text "$@"; }
PATH=$root/docs/pipelines/shell:$PATH

if [ $# = 0 ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
else
    work=$(cd "$1" && pwd)
fi
# Nothing of whoever runs this, and the same commits each time.
unset AWS_PROFILE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN SLP_DIR SLP_ENV SLP_OUT SLP_LINK SLP_MAX_BYTES
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER=""
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=$work/gitconfig
export GIT_AUTHOR_DATE=2026-01-01T00:00:00Z GIT_COMMITTER_DATE=2026-01-01T00:00:00Z
git config --global user.name Ada
git config --global user.email ada@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false

# The CI's own token, which is exchanged for a role.
export AWS_WEB_IDENTITY_TOKEN_FILE=$work/token AWS_ROLE_ARN=arn:aws:iam::123456789012:role/slp-apply
echo token >"$AWS_WEB_IDENTITY_TOKEN_FILE"

# --- how it is told ---------------------------------------------------------------------

chapter() { printf '\n### %s\n' "$1"; }

# Runs a command, shows it with what it prints, and insists on its exit code.
expect() {
    local expected=$1 code=0
    shift
    printf '\n$ %s\n' "$*"
    "$@" 2>&1 || code=$?
    if [ "$code" != 0 ]; then echo "(exit code $code)"; fi
    if [ "$code" != "$expected" ]; then
        echo "run.sh: it should have been $expected" >&2
        exit 1
    fi
}

quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }; }

# --- who does what ------------------------------------------------------------------------

# Ada changes something on a branch of its own: BRANCH, FROM, TO.
ada_changes() {
    cd "$work/ada"
    quietly git checkout -b "$1" main
    sed -i "s/$2/$3/" slp.toml
    expect 0 git diff --unified=0
    quietly git commit --all --message "$1"
    quietly git push origin "$1"
}

ada_merges() {
    cd "$work/ada"
    quietly git checkout main
    expect 0 git merge --no-ff --no-edit "$1"
    quietly git push origin main
}

# The CI starts with a fresh clone each time: what it knows is in git and in the bucket. A branch
# is planned as it will be after its merge.
ci_checks_out() {
    cd "$work"
    rm -rf ci
    quietly git clone --branch main "$work/origin.git" "$work/ci"
    cd "$work/ci"
    if [ "$1" != main ]; then quietly git merge --no-ff --no-edit "origin/$1"; fi
    tree=$(git rev-parse 'HEAD^{tree}')
}

# What a CI calls an artifact. Its name is that of the files that it was made from.
ci_keeps_the_plan() { cp -r slp-out "$work/artifacts/$tree"; }
ci_fetches_the_plan() {
    if [ ! -d "$work/artifacts/$tree" ]; then
        echo "There is no plan of these files."
        return 1
    fi
    cp -r "$work/artifacts/$tree" slp-out
    echo "There is a plan of these files."
}

# --- the story ------------------------------------------------------------------------------

chapter "A project, its state in a bucket, deployed from its default branch"
quietly aws s3api create-bucket --bucket pipe-states
mkdir "$work/artifacts"
quietly git init --bare "$work/origin.git"
quietly git clone "$work/origin.git" "$work/ada"
cp -r "$root/examples/hello-world/." "$work/ada/"
cd "$work/ada"
rm -rf state .slp
sed -i -e 's/^name = "hello-world"/name = "pipe"\nname_prefix = "pipe-"/' -e 's/Hello World Api/pipe-&/' slp.toml
printf '\n[state]\nbackend = "s3"\nbucket = "pipe-states"\n' >>slp.toml
printf '.slp/\nslp-out/\n' >.gitignore
quietly git add --all
quietly git commit --message "A project"
quietly git push origin main
ci_checks_out main
expect 0 pipeline.sh plan
# One by one, so that the lines come in one order.
expect 0 pipeline.sh apply --parallelism 1

chapter "Ada changes something on a branch; the CI plans it and comments"
ada_changes more-memory 'handler = "index.helloworld"' '&\nmemory = 512'
ci_checks_out more-memory
SLP_LINK=https://ci.example/run/7 expect 0 pipeline.sh plan
expect 0 cat slp-out/comment.md
ci_keeps_the_plan

chapter "It is merged; the CI applies the plan that was reviewed"
ada_merges more-memory
ci_checks_out main
expect 0 ci_fetches_the_plan
expect 0 pipeline.sh apply
expect 0 aws lambda get-function-configuration --function-name pipe-HelloWorld --query MemorySize

chapter "Nobody changed anything outside; then somebody does"
ci_checks_out main
expect 0 pipeline.sh drift
quietly aws lambda update-function-configuration --function-name pipe-HelloWorld --timeout 60
expect 3 pipeline.sh drift

chapter "Two branches are planned, and one is applied: the other's plan is old"
ada_changes less-memory 'memory = 512' 'memory = 256'
ada_changes longer 'runtime = "nodejs22.x"' '&\ntimeout = 10'
for branch in less-memory longer; do
    ci_checks_out "$branch"
    quietly pipeline.sh plan
    ci_keeps_the_plan
done
old=$tree
ada_merges less-memory
ci_checks_out main
expect 0 ci_fetches_the_plan
expect 0 pipeline.sh apply
ada_merges longer
ci_checks_out main
expect 1 ci_fetches_the_plan

chapter "Whoever applies the old one all the same is refused"
cp -r "$work/artifacts/$old" slp-out
expect 4 pipeline.sh apply
expect 0 aws lambda get-function-configuration --function-name pipe-HelloWorld --query '[MemorySize,Timeout]'

chapter "A new plan, of what both have become"
expect 0 pipeline.sh plan
expect 0 pipeline.sh apply
expect 0 aws lambda get-function-configuration --function-name pipe-HelloWorld --query '[MemorySize,Timeout]'
