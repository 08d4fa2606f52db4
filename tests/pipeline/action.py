#!/usr/bin/env python3
"""Run action.yml as GitHub's runner does: its steps, one after another, each in bash, with the
inputs in their expressions.

    action.py NAME=VALUE…     prints what the steps print, then the outputs as NAME=VALUE

Stops and exits like the first step that fails, with the outputs all the same. Knows the
expressions that action.yml has, and refuses any other. The network is left out: where the caller
sets GITHUB_SERVER_URL to a file:// address, the release comes from there.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from check import ROOT, YAML  # noqa: E402

EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
GITHUB = {
    "github.server_url": os.environ.get("GITHUB_SERVER_URL", "https://github.com"),
    "github.repository": "acme/shop",
    "github.run_id": "7",
    "github.action_repository": "OWNER/slp",
}


def fill(text, known):
    """The text with its expressions' values; of `a || b` the first that is not empty."""
    value = lambda match: next((known[name] for name in match[1].split(" || ") if known[name]), "")
    return EXPRESSION.sub(value, text)


def inputs(action, given):
    strangers = set(given) - set(action["inputs"])
    if strangers:
        sys.exit(f"action.yml has no input {sorted(strangers)}")
    known = dict(GITHUB)
    for name, about in action["inputs"].items():
        if about.get("required") and name not in given:
            sys.exit(f"action.yml needs {name}")
        known[f"inputs.{name}"] = given.get(name, fill(about.get("default", ""), GITHUB))
    return known


def run(step, known, temp):
    """One step; its exit code, and the outputs that it has written."""
    output = temp / "output"
    output.write_text("")
    env = {**os.environ, "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(temp),
           "GITHUB_OUTPUT": str(output), "GITHUB_WORKSPACE": os.getcwd()}
    env.update({name: fill(value, known) for name, value in step.get("env", {}).items()})
    shell = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
    code = subprocess.run(shell, env=env).returncode
    return code, dict(line.split("=", 1) for line in output.read_text().splitlines())


def main():
    action = YAML(typ="safe", pure=True).load(ROOT / "action.yml")
    known = inputs(action, dict(pair.split("=", 1) for pair in sys.argv[1:]))
    code = 0
    with tempfile.TemporaryDirectory() as temp:
        for step in action["runs"]["steps"]:
            code, outputs = run(step, known, Path(temp))
            known.update({f"steps.{step.get('id')}.outputs.{name}": value
                          for name, value in outputs.items()})
            if code:
                break
    sys.stdout.flush()
    for name, about in action["outputs"].items():
        wanted = EXPRESSION.fullmatch(about["value"])[1]
        print(f"{name}={known.get(wanted, '')}")
    return code


if __name__ == "__main__":
    sys.exit(main())
