#!/bin/sh
# A deployment pipeline for any CI: plan, let it be reviewed, apply exactly that plan, look for
# drift. It needs a POSIX shell and slp; copy it, or call it where it is.
#
#   pipeline.sh plan [ARG…]     plans; keeps the plan and its forms for reviewers
#   pipeline.sh comment         prints the comment that belongs to the kept plan
#   pipeline.sh apply [ARG…]    applies exactly the kept plan, or refuses
#   pipeline.sh drift [ARG…]    what was changed outside slp; keeps it as a comment
#   pipeline.sh each REV plan|apply|drift [ARG…]
#                               the same for each project of the repository that has changed
#                               since REV, in the order in which they need each other
#
# ARG… goes to slp, such as `--var NAME=VALUE`. Settings come from the environment:
#
#   SLP            the program (slp)
#   SLP_DIR        the folder with slp.toml (.); of `each`, the repository's top
#   SLP_ENV        the environment, which slp itself reads
#   SLP_OUT        the folder where the plan is kept (slp-out): hand it on as an artifact
#   SLP_LINK       the address of the whole plan, for the comment
#   SLP_MAX_BYTES  how long a comment may be (60000)
#
# What is kept in SLP_OUT: `plan`, `comment.md`, `plan.html`, `exit-code` (0 nothing to do,
# 3 changes, 5 refused by a gate), `drift.md`.
#
# Exit codes are slp's: 0 done, 1 failed, 2 wrong input, 3 `drift` found some, 4 the plan no
# longer fits (plan again), 5 a gate refused. A plan that has changes is a success here: 0.
# `each` keeps the plans in SLP_OUT/<folder>, stops at the first apply that fails, and otherwise
# goes on and ends with the last code that is not 0.
set -eu

slp=${SLP:-slp}
dir=${SLP_DIR:-.}
out=${SLP_OUT:-slp-out}

fail() {
    echo "pipeline.sh: $1" >&2
    exit 2
}

# slp, in the project's folder; what it reads and writes lies in SLP_OUT all the same.
run() {
    "$slp" -C "$dir" "$@"
}

# The first line tells our comments, and the environments' from one another.
mark() {
    echo "<!-- slp: $dir${SLP_ENV:+ $SLP_ENV} -->"
}

comment() {
    mark
    set -- show "$out/plan" --format markdown --max-bytes "${SLP_MAX_BYTES:-60000}"
    if [ -n "${SLP_LINK:-}" ]; then set -- "$@" --link "$SLP_LINK"; fi
    run "$@"
}

plan() {
    rm -f "$out/plan" "$out/comment.md" "$out/plan.html" "$out/exit-code"
    code=0
    run plan --out "$out/plan" --exit-code "$@" || code=$?
    case $code in 0 | 3 | 5) ;; *) exit "$code" ;; esac
    echo "$code" >"$out/exit-code"
    comment >"$out/comment.md"
    run show "$out/plan" --format html >"$out/plan.html"
    if [ "$code" = 5 ]; then exit 5; fi
}

apply() {
    kept
    # slp would refuse it as well, whoever asked for the gate: this spares looking at AWS.
    if [ "$(cat "$out/exit-code" 2>/dev/null)" = 5 ]; then
        echo "pipeline.sh: a gate refused this plan; nothing was done" >&2
        exit 5
    fi
    run apply "$out/plan" --yes "$@"
}

drift() {
    code=0
    {
        mark
        echo "What was changed outside slp, as the plan that would put it back."
        echo "(\`slp apply\` does; \`slp apply --refresh-only\` accepts it.)"
        echo
        run drift --format markdown "$@" || code=$?
    } >"$out/drift.md"
    cat "$out/drift.md"
    exit "$code"
}

each() {
    if [ $# -lt 2 ]; then fail "each REV plan|apply|drift"; fi
    rev=$1 what=$2
    shift 2
    run stacks --changed-since "$rev" >"$out/stacks"
    worst=0
    # A line is wave, path and project, with two spaces between them.
    while IFS= read -r line; do
        folder=$(dirname "$(echo "$line" | sed -E 's/^[0-9]+  (.*)  [^ ]+$/\1/')")
        echo "== $folder"
        code=0
        SLP_DIR=$dir/$folder SLP_OUT=$out/$folder "$0" "$what" "$@" </dev/null || code=$?
        if [ "$code" != 0 ]; then worst=$code; fi
        if [ "$code" != 0 ] && [ "$what" = apply ]; then break; fi
    done <"$out/stacks"
    exit "$worst"
}

kept() {
    if [ ! -f "$out/plan" ]; then fail "there is no plan in $out: run \`pipeline.sh plan\`"; fi
}

verb=${1:-}
if [ $# -gt 0 ]; then shift; fi
mkdir -p "$out"
out=$(cd "$out" && pwd)
case $verb in
    plan | apply | drift | each) "$verb" "$@" ;;
    comment) kept && comment ;;
    *) fail "'$verb' is none of plan, comment, apply, drift, each" ;;
esac
