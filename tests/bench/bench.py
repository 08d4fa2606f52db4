#!/usr/bin/env python3
"""What slp costs, and Terraform on the same work in the same run, against moto.

    bench.py [--slp PATH] [--terraform] [--sizes hello,100,500] [--latency 0,50] [--runs 3] [--tf-runs 1]

Prints a Markdown table of medians to stdout and the progress to stderr. The column "target"
says how slp's figures stand to what it aims for; a figure missed never fails the run, since
time and a shared machine are no test. `slp` is the release build unless said otherwise.

Terraform needs its AWS provider: a TF_CLI_CONFIG_FILE that leads to a mirror, or --tf-mirror
with the folder that holds registry.terraform.io. It makes functions from a local file one at
a time, five seconds each, so at 100 units and more it is given their code in S3, unless
--tf-file says that it shall take the file.
"""
import argparse
import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import gen
from measure import measure

HERE = Path(__file__).resolve().parent
EMULATORS = HERE.parent / "emulators"
ENV = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "CHECKPOINT_DISABLE": "1",  # Terraform's question for newer versions
    "TF_IN_AUTOMATION": "1",
}
STEPS = ["plan, nothing there", "apply", "plan, nothing to do", "plan, nothing to do (fast)",
         "apply, code changed", "destroy"]
FLAT = "flat:10000:100"

# (what, step) -> figure -> the most it may be. Calls of N units are a unit's.
TARGETS = {
    ("hello", "plan, nothing to do"): {"cpu": 0.15, "memory": 40, "calls": 14},
    ("hello", "plan, nothing to do (fast)"): {"calls": 9},
    ("500", "plan, nothing to do"): {"cpu": 2, "memory": 120, "calls": 8},
    ("500", "plan, nothing to do (fast)"): {"calls": 2.5},
    ("500", "apply"): {"cpu": 8, "calls": 12},
    (FLAT, "validate"): {"wall": 1},
}
UNITS = {"wall": "s", "cpu": "s cpu", "memory": "MB", "calls": "calls"}


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


# --- the servers ---------------------------------------------------------------------


@contextlib.contextmanager
def server(script, *args):
    """One of the scripts that print a ready line and end with their stdin."""
    command = [sys.executable, str(EMULATORS / script), *args]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        try:
            line = child.stdout.readline()
            if not line:
                sys.exit(f"bench: {script} did not start")
            yield json.loads(line)["endpoint"]
        finally:
            child.stdin.close()


@contextlib.contextmanager
def cloud(latency):
    """A fresh moto behind a counter: nothing is left from the run before."""
    with server("emulator.py", "moto") as moto:
        for service, path in (("iam", "/?Action=ListRoles&Version=2010-05-08"), ("lambda", "/2015-03-31/functions"),
                              ("apigateway", "/restapis"), ("sts", "/?Action=GetCallerIdentity&Version=2011-06-15")):
            http(moto + path, service)  # moto loads a service at its first call: not ours to pay
        with server("counter.py", "--upstream", moto, "--latency", str(latency)) as counter:
            yield moto, counter


def http(url, service="s3", method="GET", body=None):
    scope = f"AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(url, body, {"authorization": scope}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return answer.read()


# --- the tools -----------------------------------------------------------------------


class Slp:
    name = "slp"

    def __init__(self, binary):
        self.binary = binary

    def prepare(self, what, folder, moto):
        gen.write(what, folder)

    def change_code(self, folder, moto):
        gen.change_code(folder, "again")

    def commands(self, folder, endpoint):
        run = lambda *args: [self.binary, "-C", str(folder), "--endpoint-url", endpoint, *args]
        # --exit-code: a plan that finds something to do where there is nothing fails the run.
        again = lambda refresh: run("plan", "--refresh", refresh, "--exit-code")
        return dict(zip(STEPS, [run("plan"), run("apply", "--yes"), again("full"), again("fast"),
                                run("apply", "--yes"), run("destroy", "--yes")]))

    def env(self, endpoint):
        return {}


class Terraform:
    name = "Terraform"

    def __init__(self, binary, mirror, file):
        self.binary, self.mirror, self.file = binary, mirror, file
        self.bucket = ""

    def prepare(self, what, folder, moto):
        gen.write(what, folder, tf=True)
        if self.mirror:
            config = f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.mirror}"\n  }}\n}}\n'
            (folder / "cli.tfrc").write_text(config)
        self.bucket = "bench" if what != "hello" and int(what) >= 100 and not self.file else ""
        if self.bucket:
            http(f"{moto}/bench", method="PUT", body=b"")
            self.upload(folder, moto)
        done = subprocess.run([self.binary, "init", "-input=false", "-no-color"], cwd=folder, stdin=subprocess.DEVNULL,
                              env={**os.environ, **ENV, **self.config(folder)}, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"bench: terraform init failed (see --tf-mirror)\n{done.stdout}{done.stderr}")

    def upload(self, folder, moto):
        http(f"{moto}/bench/code.zip", method="PUT", body=(folder / "code.zip").read_bytes())

    def change_code(self, folder, moto):
        gen.change_code(folder, "again")
        if self.bucket:
            self.upload(folder, moto)

    def commands(self, folder, endpoint):
        self.folder = folder
        run = lambda verb, *args: [self.binary, verb, "-input=false", "-no-color", *args]
        apply = run("apply", "-auto-approve")
        # It has no fast plan that looks at AWS: that row is left out.
        return {STEPS[0]: run("plan"), STEPS[1]: apply, STEPS[2]: run("plan", "-detailed-exitcode"),
                STEPS[4]: apply, STEPS[5]: run("destroy", "-auto-approve")}

    def config(self, folder):
        return {"TF_CLI_CONFIG_FILE": str(folder / "cli.tfrc")} if self.mirror else {}

    def env(self, endpoint):
        return {"TF_VAR_endpoint": endpoint, "TF_VAR_bucket": self.bucket, **self.config(self.folder)}


# --- running -------------------------------------------------------------------------


def clean_env():
    """Ours without what would lead a tool elsewhere: endpoints, profiles, credentials, CI."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "SLP_", "TF_VAR")) and k != "CI"}


def run_case(tool, what, latency, figures):
    """All steps of one tool on one size; the figures are added to {(what, latency, step, tool): [...]}."""
    with tempfile.TemporaryDirectory(prefix="slp-bench-") as temp, cloud(latency) as (moto, counter):
        folder = Path(temp) / "project"
        tool.prepare(what, folder, moto)
        commands = tool.commands(folder, counter)
        env = {**clean_env(), **ENV, **tool.env(counter)}
        for step, command in commands.items():
            if step == "apply, code changed":
                tool.change_code(folder, moto)
            http(f"{counter}/__counter/reset", method="POST")
            cost = measure(command, folder, env, Path(temp) / "log")
            calls = json.loads(http(f"{counter}/__counter/idle"))["calls"]
            say(f"{what}, {latency} ms, {step}, {tool.name}: {cost.wall:.2f} s, {cost.cpu:.2f} s cpu, "
                f"{cost.memory:.0f} MB, {calls} calls, exit {cost.code}")
            if cost.code:
                say(f"failed, the rest of this case is skipped; the end of what it printed:\n{cost.output}")
                figures.setdefault((what, latency, step, tool.name), []).append(None)
                return
            row = {"wall": cost.wall, "cpu": cost.cpu, "memory": cost.memory, "calls": calls}
            figures.setdefault((what, latency, step, tool.name), []).append(row)


def validate(slp, figures):
    """Reading and checking alone, on a manifest far larger than anyone's."""
    with tempfile.TemporaryDirectory(prefix="slp-bench-") as temp:
        gen.write(FLAT, temp)
        env = {**clean_env(), **ENV}
        cost = measure([slp.binary, "-C", temp, "validate"], temp, env, Path(temp) / "log")
        say(f"validate {FLAT}: {cost.wall:.2f} s, {cost.cpu:.2f} s cpu, {cost.memory:.0f} MB, exit {cost.code}")
        if cost.code:
            say(cost.output)
        row = {"wall": cost.wall, "cpu": cost.cpu, "memory": cost.memory, "calls": 0}
        figures.setdefault((FLAT, 0, "validate", slp.name), []).append(None if cost.code else row)


# --- the report ----------------------------------------------------------------------


def median(rows):
    if not rows or None in rows:
        return None
    return {figure: statistics.median(row[figure] for row in rows) for figure in rows[0]}


def target(what, step, tool, row):
    if tool != "slp" or row is None:
        return ""
    parts = []
    for figure, most in TARGETS.get((what, step), {}).items():
        got = row[figure] / int(what) if figure == "calls" and what.isdigit() else row[figure]
        each = " a unit" if figure == "calls" and what.isdigit() else ""
        parts.append(f"{'✓' if got <= most else '✗'} ≤ {most} {UNITS[figure]}{each}")
    return ", ".join(parts)


def name_of(what, latency):
    if what.startswith("flat:"):
        return "{} functions, {} code folders".format(*what.split(":")[1:])
    size = "hello-world" if what == "hello" else f"{what} units"
    return size + (f", {latency:g} ms a call" if latency else "")


def report(figures, about):
    lines = [about, "", "| work | tool | wall s | cpu s | memory MB | AWS calls | target |",
             "| --- | --- | ---: | ---: | ---: | ---: | --- |"]
    for (what, latency, step, tool), rows in figures.items():
        row = median(rows)
        cells = ["failed", "", "", ""] if row is None else [
            f"{row['wall']:.2f}", f"{row['cpu']:.2f}", f"{row['memory']:.0f}", f"{row['calls']:,.0f}"]
        lines.append(f"| {name_of(what, latency)}: {step} | {tool} | {' | '.join(cells)} | {target(what, step, tool, row)} |")
    return "\n".join(lines + growth(figures))


def growth(figures):
    """Whether the processor time of an apply grows no faster than the units, without latency."""
    sizes = {int(w): median(rows) for (w, latency, step, tool), rows in figures.items()
             if w.isdigit() and not latency and step == "apply" and tool == "slp"}
    sizes = sorted((n, row["cpu"]) for n, row in sizes.items() if row)
    if len(sizes) < 2:
        return []
    (few, cheap), (many, dear) = sizes[0], sizes[-1]
    verdict = "✓" if dear / cheap <= many / few else "✗"
    return ["", f"{verdict} {many / few:.1f} times the units ({few} → {many}) cost slp's apply {dear / cheap:.1f} times the cpu."]


def version(binary, *args):
    return subprocess.run([binary, *args], capture_output=True, text=True).stdout.split("\n")[0].strip()


def main():
    cache = Path(os.environ.get("SLP_CACHE") or Path.home() / ".cache" / "slp")
    built = Path(os.environ.get("CARGO_TARGET_DIR") or cache / "target") / "release" / "slp"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slp", default=str(built), help=f"default: {built}")
    parser.add_argument("--no-slp", action="store_true", help="only Terraform")
    parser.add_argument("--terraform", nargs="?", const="terraform", metavar="PATH", help="run it side by side")
    parser.add_argument("--tf-mirror", metavar="DIR", help="the folder that holds registry.terraform.io")
    parser.add_argument("--tf-file", action="store_true", help="give Terraform the code as a file at any size")
    parser.add_argument("--sizes", default="hello,100,500", help="default: %(default)s")
    parser.add_argument("--latency", default="0,50", metavar="MS,…", help="default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="the median of so many; default: %(default)s")
    parser.add_argument("--tf-runs", type=int, help="the same for Terraform, which takes long; default: as many")
    args = parser.parse_args()

    tools, about = [], []
    if not args.no_slp:
        if not shutil.which(args.slp):
            sys.exit(f"bench: {args.slp} is not there; run `cargo build --release`, or name it with --slp")
        tools.append(Slp(str(Path(shutil.which(args.slp)).resolve())))
        about.append(version(tools[-1].binary, "--version"))
    if args.terraform:
        mirror = args.tf_mirror and str(Path(args.tf_mirror).resolve())
        tools.append(Terraform(args.terraform, mirror, args.tf_file))
        about.append(version(args.terraform, "version"))
    figures, runs = {}, {Slp.name: args.runs, Terraform.name: args.tf_runs or args.runs}
    sizes = [s for s in args.sizes.split(",") if s]
    load = os.getloadavg()[0]
    for what in sizes:
        for latency in map(float, args.latency.split(",")):
            for run in range(args.runs):
                for tool in tools:
                    if run < runs[tool.name]:
                        run_case(tool, what, latency, figures)
    if not args.no_slp:
        for _ in range(args.runs):
            validate(tools[0], figures)
    about.append(f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, load {load:.1f} at the start")
    of = f"Median of {args.runs}" + (f" (Terraform: {args.tf_runs})" if args.terraform and args.tf_runs else "")
    print(report(figures, f"{of}: " + "; ".join(about) + "."))


if __name__ == "__main__":
    main()
