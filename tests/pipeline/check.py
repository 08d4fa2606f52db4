#!/usr/bin/env python3
"""Check the files of the pipelines: those that docs/pipelines gives away, action.yml, and our own.

    check.py    says what is wrong, and exits with 1

Schemas of workflows, actions and GitLab's CI; an audit of workflows (zizmor); shellcheck on
scripts, also on those inside the YAML; hadolint on the container file; every action pinned by a
whole commit. Nothing is asked of the network but PyPI, once. First each check is tried on a file
that is wrong: one that finds nothing there is broken itself.

Whether the pipelines do what they say is run.sh's business.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "emulators"))
from emulator import venv  # noqa: E402

HOME = venv("lint")
# The YAML reader is of that environment as well; its compiled parts are not needed.
sys.path += [str(path) for path in HOME.glob("lib/python*/site-packages")]
from ruamel.yaml import YAML  # noqa: E402

PINNED = re.compile(r"uses: (?:\./\S*|[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")


def tool(name, *arguments, text=None):
    """What a tool complains of; nothing where it is content."""
    done = subprocess.run([HOME / "bin" / name, *arguments], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [done.stdout] if done.returncode else []


# --- the checks: a file in, complaints out --------------------------------------------


def schema(name):
    return lambda path: tool("check-jsonschema", "--builtin-schema", f"vendor.{name}", path)


def audit(path):
    return tool("zizmor", "--offline", "--no-progress", "--no-config", "--pedantic", "--quiet", path)


def pinned(path):
    lines = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    uses = [line for line in lines if line.startswith("uses:")]
    return [f"{path}: not pinned by a whole commit, with its version in a comment: {line}\n"
            for line in uses if not PINNED.match(line)]


def script(path):
    return tool("shellcheck", path)


def container(path):
    return tool("hadolint", path)


def inner_scripts(path):
    """Each script in the YAML. What GitHub puts into a script's text is code to the shell: it
    goes through the environment."""
    complaints = []
    for shell, text in scripts(YAML(typ="safe", pure=True).load(path)):
        if "${{" in text:
            complaints.append(f"{path}: an expression inside a script:\n{text}")
        found = tool("shellcheck", f"--shell={shell}", "-", text=text)
        complaints += [f"{path}: in one of its scripts: {line}" for line in found]
    return complaints


def scripts(node):
    """(shell, text), anywhere below: GitHub's `run` is bash, GitLab's lists are of Alpine's sh."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "run" and isinstance(value, str):
                yield "bash", value
            elif key in ("before_script", "script", "after_script"):
                yield "sh", "\n".join([value] if isinstance(value, str) else value)
            else:
                yield from scripts(value)
    elif isinstance(node, list):
        for value in node:
            yield from scripts(value)


# --- what is checked by what ------------------------------------------------------------

WORKFLOW = [schema("github-workflows"), audit, pinned, inner_scripts]
ACTION = [schema("github-actions"), audit, pinned, inner_scripts]
GITLAB = [schema("gitlab-ci"), inner_scripts]
CHECKS = {
    ".github/workflows/*.yml": WORKFLOW,
    "docs/pipelines/github/*.yml": WORKFLOW,
    "action.yml": ACTION,
    "docs/pipelines/gitlab/.gitlab-ci.yml": GITLAB,
    "docs/pipelines/container/Containerfile": [container],
    "docs/pipelines/shell/*.sh": [script],
    "tests/pipeline/*.sh": [script],
    "examples/*.sh": [script],
    ".ci/run": [script],
}


def check_repository():
    complaints = []
    for pattern, checks in CHECKS.items():
        paths = sorted(ROOT.glob(pattern))
        if not paths:
            complaints.append(f"there is no {pattern}\n")
        for path in paths:
            found = [complaint for check in checks for complaint in check(path)]
            print(f"{path.relative_to(ROOT)}: {'wrong' if found else 'ok'}")
            complaints += found
    return complaints


# --- the checks themselves ----------------------------------------------------------------

JOB = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: x\n    steps:\n      - "
WRONG = [
    (schema("github-workflows"), "w.yml", "on: push\njobs:\n  a:\n    steps: []\n"),
    (schema("github-actions"), "action.yml", "name: a\nruns:\n  using: composite\n"),
    (schema("gitlab-ci"), ".gitlab-ci.yml", "a:\n  script: [ls]\n  stages: 1\n  when: later\n"),
    (audit, "w.yml", JOB + "run: echo ${{ github.event.issue.title }}\n"),
    (pinned, "w.yml", JOB + "uses: actions/checkout@v4\n"),
    (pinned, "w.yml", JOB + "uses: actions/checkout@" + "0" * 39 + " # v4.0.0\n"),
    (pinned, "w.yml", JOB + "uses: actions/checkout@" + "0" * 40 + "\n"),
    (inner_scripts, "w.yml", JOB + "run: rm $x\n"),
    (inner_scripts, "w.yml", JOB + "run: echo '${{ github.sha }}'\n"),
    (inner_scripts, "g.yml", "a:\n  script:\n    - rm $x\n"),
    (script, "s.sh", "#!/bin/sh\nrm $1\n"),
    (container, "Containerfile", "FROM alpine\nRUN cd /tmp\n"),
]


def check_checks():
    complaints = []
    for number, (check, name, text) in enumerate(WRONG):
        with tempfile.TemporaryDirectory() as folder:
            # An audit looks for workflows where GitHub has them.
            path = Path(folder) / ".github" / "workflows" / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            if not check(path):
                complaints.append(f"check {number} finds nothing wrong with\n{text}\n")
    return complaints


def main():
    complaints = check_checks() or check_repository()
    print("".join(complaints), end="", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
