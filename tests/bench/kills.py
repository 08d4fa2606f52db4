#!/usr/bin/env python3
"""SIGKILL at a changing AWS call of hello-world's first apply, then the same apply again: slp and
Terraform side by side, against moto.

    kills.py [--slp PATH] [--terraform [PATH]] [--tf-mirror DIR] [--points 1,5,9]

At each point the call has been carried out and its answer is never heard. Then apply runs again,
at most twice, until it succeeds, and destroy. Prints a Markdown table: at how many points an apply
succeeded again and after how many runs, how often there were two APIs, and how often something
was left after destroy. A point beyond the last call is left out. Terraform's points take minutes.
"""
import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from bench import ENV, Slp, Terraform, clean_env, cloud, http, say

PATIENCE = 900  # seconds; Terraform repeats some refusals for five minutes


def run(command, folder, env, counter=None, point=None):
    """Ends with its whole process group; the exit code, negative for a signal."""
    with subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, start_new_session=True) as child:
        if point:
            http(f"{counter}/__counter/kill-after?n={point}&when=after&pid={child.pid}", method="POST")
        try:
            code = child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            code = None
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        return code


def things(moto):
    """What is in the account, by kind."""
    names = lambda text, tag: re.findall(f"<{tag}>([^<]+)</{tag}>", text)
    iam = lambda action: http(f"{moto}/?Action={action}&Scope=Local&Version=2010-05-08", "iam").decode()
    apis = json.loads(http(f"{moto}/restapis", "apigateway"))
    functions = json.loads(http(f"{moto}/2015-03-31/functions", "lambda"))
    return {"role": names(iam("ListRoles"), "RoleName"), "policy": names(iam("ListPolicies"), "PolicyName"),
            "api": [api["id"] for api in apis.get("item", [])],
            "function": [f["FunctionName"] for f in functions["Functions"]]}


def try_point(tool, point):
    """None where the apply had ended before."""
    with tempfile.TemporaryDirectory(prefix="slp-kills-") as temp, cloud(0) as (moto, counter):
        folder = Path(temp) / "project"
        tool.prepare("hello", folder, moto)
        commands = tool.commands(folder, counter)
        env = {**clean_env(), **ENV, **tool.env(counter)}
        if run(commands["apply"], folder, env, counter, point) != -signal.SIGKILL:
            return None
        http(f"{counter}/__counter/idle")
        runs = next((n for n in (1, 2) if run(commands["apply"], folder, env) == 0), None)
        twice = len(things(moto)["api"]) > 1
        run(commands["destroy"], folder, env)
        left = sum(map(len, things(moto).values()))
        say(f"{tool.name}, killed at call {point}: " + (f"applied after {runs} more" if runs else "never applied again")
            + (", two APIs" if twice else "") + f", {left} left after destroy")
        return {"runs": runs, "twice": twice, "left": left}


def table(tool, tried):
    done = [one for one in tried if one["runs"]]
    first = sum(one["runs"] == 1 for one in done)
    return (f"| {tool.name} | {len(tried)} | {len(done)} ({first} at the first run) | "
            f"{sum(one['twice'] for one in tried)} | {sum(one['left'] > 0 for one in tried)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slp", default="target/release/slp")
    parser.add_argument("--terraform", nargs="?", const="terraform", metavar="PATH")
    parser.add_argument("--tf-mirror", metavar="DIR")
    parser.add_argument("--points", default="all", help="which calls, such as 1,5,9; all: every one")
    parser.add_argument("--tf-points", help="the same for Terraform alone")
    args = parser.parse_args()
    tools = [(Slp(str(Path(args.slp).resolve())), args.points)]
    if args.terraform:
        mirror = str(Path(args.tf_mirror).resolve()) if args.tf_mirror else None
        tools.append((Terraform(args.terraform, mirror, True), args.tf_points or args.points))
    print("| killed at a call of hello-world's apply | points | applied again | two APIs | left after destroy |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for tool, points in tools:
        numbers = range(1, 100) if points == "all" else map(int, points.split(","))
        tried = []
        for point in numbers:
            outcome = try_point(tool, point)
            if outcome is None:
                break
            tried.append(outcome)
        print(table(tool, tried), flush=True)


if __name__ == "__main__":
    sys.exit(main())
