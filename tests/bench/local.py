#!/usr/bin/env python3
"""How fast the embedded cloud is: `slp dev` on hello-world, and `slp local`.

    local.py [--slp PATH] [--runs 5] [--seconds 5]

Prints a Markdown table of medians to stdout. As in bench.py, the column "target" says what slp
aims for, and a figure missed never fails the run. Loads are made by wrk (Debian's package of
that name), on the same cores; Node runs the function.
"""
import argparse
import contextlib
import http.client
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

from bench import ENV, clean_env
from measure import high_water

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hello-world"
FORM = "application/x-www-form-urlencoded"
SIGNED = ("AWS4-HMAC-SHA256 Credential=test/20250101/us-east-1/iam/aws4_request, "
          "SignedHeaders=host, Signature=0")
CALLS = 500


@contextlib.contextmanager
def running(slp, folder, *args):
    """slp as a process, its first line of output, and when it was started; ended as by Ctrl-C."""
    start = time.monotonic()
    with tempfile.NamedTemporaryFile(prefix="slp-bench-") as out:
        child = subprocess.Popen([slp, "-C", str(folder), *args], env={**clean_env(), **ENV},
                                 stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL)
        try:
            yield child, first_line(out.name), start
        finally:
            child.send_signal(signal.SIGINT)
            child.wait()


def first_line(path):
    while True:
        with open(path) as out:
            line = out.readline()
        if line.endswith("\n"):
            return line.strip()
        time.sleep(0.001)


class Api:
    """One connection, as a browser would keep it."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection, self.path = http.client.HTTPConnection(parts.netloc), parts.path

    def get(self):
        self.connection.request("GET", self.path)
        answer = self.connection.getresponse()
        return answer.read().decode()

    def until(self, text):
        while self.get() != text:
            pass
        return time.monotonic()


@contextlib.contextmanager
def project():
    with tempfile.TemporaryDirectory(prefix="slp-bench-") as temp:
        folder = Path(temp)
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".slp", "state"))
        yield folder


def dev(slp, seconds, figures):
    with project() as folder, running(slp, folder, "dev", "--port", "0") as (_, line, start):
        url = line.split('"')[1]
        api = Api(url)
        first = api.until("Hello world") - start
        source = folder / "src" / "index.js"
        changed = source.read_text().replace("Hello world", "Bonjour")
        time.sleep(0.3)  # a person does not save a file in the moment of the start
        before = time.monotonic()
        source.write_text(changed)
        live = api.until("Bonjour") - before
        calls = []
        for _ in range(CALLS):
            before = time.monotonic()
            api.get()
            calls.append(time.monotonic() - before)
        figures["dev: from the start to the first answer"].append(first)
        figures["dev: from a saved file to its answer"].append(live)
        figures["a warm call through the API, the handler and this client included"].append(statistics.median(calls))
        figures["calls a second through the API, 8 at a time"].append(load(url, seconds, 8))


def local(slp, seconds, figures):
    with tempfile.TemporaryDirectory(prefix="slp-bench-") as temp:
        with running(slp, Path(temp), "local", "--port", "0") as (child, url, start):
            figures["local: from the start to ready, nothing stored"].append(time.monotonic() - start)
            figures["local: memory when ready"].append(high_water(child.pid) / 1024)
            parts = urllib.parse.urlsplit(url)
            connection = http.client.HTTPConnection(parts.netloc)
            trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
            make = urllib.parse.urlencode({"Action": "CreateRole", "Version": "2010-05-08", "RoleName": "bench",
                                           "AssumeRolePolicyDocument": trust})
            connection.request("POST", "/", make, {"authorization": SIGNED, "content-type": FORM})
            answer = connection.getresponse()
            if answer.status != 200:
                sys.exit(f"local.py: {answer.read()}")
            script = Path(temp) / "get-role.lua"
            script.write_text(f'wrk.method = "POST"\nwrk.body = "Action=GetRole&Version=2010-05-08&RoleName=bench"\n'
                              f'wrk.headers["content-type"] = "{FORM}"\nwrk.headers["authorization"] = "{SIGNED}"\n')
            figures["get-role calls a second, 8 at a time"].append(load(url, seconds, 8, "-s", str(script)))


def load(url, seconds, connections, *args):
    """Answered requests a second; any answer that is not 2xx ends the run."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *args, url]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        sys.exit(f"local.py: {out}")
    return float(re.search(r"Requests/sec:\s*([\d.]+)", out)[1])


# figure -> how it is shown, what slp aims for, and the factor from seconds
FIGURES = {
    "dev: from the start to the first answer": ("{:.0f} ms", 500, 1000),
    "dev: from a saved file to its answer": ("{:.0f} ms", 300, 1000),
    "a warm call through the API, the handler and this client included": ("{:.2f} ms", 3, 1000),
    "calls a second through the API, 8 at a time": ("{:,.0f}", -500, 1),
    "local: from the start to ready, nothing stored": ("{:.0f} ms", 50, 1000),
    "local: memory when ready": ("{:.0f} MB", 25, 1),
    "get-role calls a second, 8 at a time": ("{:,.0f}", -5000, 1),
}


def row(name, values):
    shown, aim, factor = FIGURES[name]
    got = statistics.median(values) * factor
    met = got <= aim if aim > 0 else got >= -aim
    bound = f"{'≤' if aim > 0 else '≥'} {shown.format(abs(aim))}"
    return f"| {name} | {shown.format(got)} | {'✓' if met else '✗'} {bound} |"


def main():
    cache = Path(os.environ.get("SLP_CACHE") or Path.home() / ".cache" / "slp")
    built = Path(os.environ.get("CARGO_TARGET_DIR") or cache / "target") / "release" / "slp"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slp", default=str(built), help=f"default: {built}")
    parser.add_argument("--runs", type=int, default=5, help="the median of so many; default: %(default)s")
    parser.add_argument("--seconds", type=int, default=5, help="of each load; default: %(default)s")
    args = parser.parse_args()
    for tool in (args.slp, "wrk", "node"):
        if not shutil.which(tool):
            sys.exit(f"local.py: {tool} is not there")
    figures, load1 = {name: [] for name in FIGURES}, os.getloadavg()[0]
    for run in range(args.runs):
        dev(args.slp, args.seconds, figures)
        local(args.slp, args.seconds, figures)
        print(f"local.py: run {run + 1} of {args.runs}", file=sys.stderr, flush=True)
    print(f"Median of {args.runs}, {os.cpu_count()} cores, load {load1:.1f} at the start.\n")
    print("| figure | median | target |\n| --- | ---: | --- |")
    print("\n".join(row(name, values) for name, values in figures.items()))


if __name__ == "__main__":
    main()
