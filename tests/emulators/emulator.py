#!/usr/bin/env python3
"""Start an AWS emulator on 127.0.0.1 and end it again, leaving nothing behind.

    emulator.py moto|ministack [--port N] [--ready-file F] [--log F]
        Prints one JSON line, {"name", "endpoint", "pid"}, when the emulator answers, and
        keeps it running until stdin closes, or SIGTERM or SIGINT comes. Whoever started
        this script and dies takes the emulator along: a dead parent's pipe is closed.
    emulator.py moto|ministack -- COMMAND...
        Runs COMMAND with AWS_ENDPOINT_URL, a region and dummy credentials set, ends the
        emulator and exits as COMMAND did.
    emulator.py moto|ministack|debugpy --prepare
        Only makes the virtual environment, so that later starts are quick; prints its folder.

Needs Python 3.9 and nothing from PyPI itself: the emulators live in virtual environments
of their own under ${SLP_CACHE:-~/.cache/slp}.
"""
import argparse
import fcntl
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}
START_SECONDS = 60  # a cold disk and two busy cores make a start of one second slow

# Runs the emulator beside a `cat` that reads the pipe from us. If we are killed in a way
# that lets no handler run, the pipe closes all the same, and the guard ends the group.
GUARD = '("$@"; kill -KILL 0) & cat >/dev/null; rm -rf "$TMPDIR"; kill -KILL 0'


def say(text):
    print(f"emulator: {text}", file=sys.stderr, flush=True)


# --- the virtual environment ---------------------------------------------------------


def venv(name):
    """The emulator's virtual environment, made when missing. Two at once are fine."""
    requirements = HERE / f"requirements-{name}.txt"
    key = requirements.read_bytes() + sys.version.encode()
    cache = Path(os.environ.get("SLP_CACHE") or Path.home() / ".cache" / "slp")
    home = cache / f"venv-{name}-{hashlib.sha256(key).hexdigest()[:12]}"
    complete = home / ".complete"
    if complete.exists():
        return home
    cache.mkdir(parents=True, exist_ok=True)
    with open(f"{home}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if complete.exists():  # someone else made it while we waited
            return home
        say(f"installing {name} into {home} (once)")
        shutil.rmtree(home, ignore_errors=True)  # what an interrupted run left
        run = lambda *cmd: subprocess.run(cmd, check=True, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        run(sys.executable, "-m", "venv", str(home))
        run(str(home / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check",
            "-r", str(requirements))
        complete.touch()
    return home


# --- the emulators -------------------------------------------------------------------


def moto(home, port):
    env = {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}  # else no AWS-managed policy exists
    return [str(home / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)], env


def moto_ready(port):
    # Without this moto asks Docker to run functions; with it, an invoke answers a stub.
    request(port, "POST", "/moto-api/config", json.dumps({"lambda": {"use_docker": False}}))


def ministack(home, port):
    env = {
        "BIND_HOST": "127.0.0.1",  # it binds every interface otherwise
        "GATEWAY_PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "LAMBDA_EXECUTOR": "local",  # functions run as child processes, node from PATH
        "SFTP_ENABLED": "0",
        "IOT_MTLS_PORT": "0",
        "DOCKER_HOST": "unix:///nonexistent",
    }
    return [str(home / "bin" / "ministack")], env


def ministack_ready(port):
    request(port, "GET", "/_ministack/health")


TOOLS = ("debugpy",)  # nothing to start, only an environment to have
EMULATORS = {"moto": (moto, moto_ready), "ministack": (ministack, ministack_ready)}


def request(port, method, path, body=None):
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        link.request(method, path, body, {"content-type": "application/json"})
        answer = link.getresponse()
        answer.read()
        if answer.status >= 400:
            raise OSError(f"{method} {path}: {answer.status}")
    finally:
        link.close()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Emulator:
    """One running emulator: a process group and a temporary folder."""

    def __init__(self, name, port, log):
        home = venv(name)
        command, self.ready = EMULATORS[name]
        self.port = port or free_port()
        self.tmp = tempfile.mkdtemp(prefix=f"slp-{name}-")
        self.log = log or os.path.join(self.tmp, "log")
        argv, settings = command(home, self.port)
        # A short environment of its own: the user's credentials and AWS settings stay out.
        env = {k: os.environ[k] for k in ("PATH", "HOME", "LANG") if k in os.environ}
        env.update(CREDENTIALS, TMPDIR=self.tmp, **settings)
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", *argv], env=env, cwd=self.tmp, stdin=subprocess.PIPE,
                stdout=out, stderr=out, start_new_session=True)

    def wait_ready(self):
        """True once it answers; False if it ended first (the port may have been taken)."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.child.poll() is not None:
                return False
            try:
                self.ready(self.port)
                time.sleep(0.05)  # if another server owns the port, ours is gone by now
                return self.child.poll() is None
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)
        return False

    def end(self):
        try:
            os.killpg(self.child.pid, signal.SIGKILL)  # its data is not kept: no need to ask
        except ProcessLookupError:
            pass
        self.child.wait()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def tail(self):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-20:])


def start(name, port, log):
    """Between choosing a free port and binding it another process may take it: try again."""
    for _ in range(1 if port else 3):
        emulator = Emulator(name, port, log)
        try:
            if emulator.wait_ready():
                return emulator
        except BaseException:
            emulator.end()
            raise
        say(f"{name} did not come up on port {emulator.port}; the end of its log:\n{emulator.tail()}")
        emulator.end()
    sys.exit(1)


# --- the ways to use it --------------------------------------------------------------


def serve(name, emulator, ready_file):
    line = json.dumps({"name": name, "endpoint": f"http://127.0.0.1:{emulator.port}", "pid": emulator.child.pid})
    print(line, flush=True)
    if ready_file:  # written whole or not at all: a reader may be polling for it
        with open(ready_file + ".part", "w") as f:
            f.write(line + "\n")
        os.replace(ready_file + ".part", ready_file)
    closed = threading.Event()
    threading.Thread(target=wait_for_stdin_to_close, args=(closed,), daemon=True).start()
    while not closed.wait(0.5):
        if emulator.child.poll() is not None:
            say(f"{name} ended by itself; the end of its log:\n{emulator.tail()}")
            return 1
    return 0


def wait_for_stdin_to_close(closed):
    try:
        while os.read(0, 4096):  # not sys.stdin: its lock would be held when the interpreter ends
            pass
    except OSError:
        pass  # there never was a stdin
    closed.set()


def run(emulator, command):
    endpoint = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{emulator.port}"}
    return subprocess.run(command, env={**os.environ, **CREDENTIALS, **endpoint}).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted([*EMULATORS, *TOOLS]))
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--ready-file", help="write the ready line here as well")
    parser.add_argument("--log", help="keep the emulator's own output here")
    parser.add_argument("--prepare", action="store_true", help="only make the virtual environment")
    argv = sys.argv[1:]
    cut = argv.index("--") if "--" in argv else len(argv)
    args, command = parser.parse_args(argv[:cut]), argv[cut + 1:]

    # Before anything is started, so that no moment is left in which a signal leaks a child.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda n, _: sys.exit(128 + n))
    if args.prepare:
        print(venv(args.name))
        return 0
    if args.name in TOOLS:
        parser.error(f"{args.name} is no emulator: it can only be prepared")
    emulator = start(args.name, args.port, args.log)
    try:
        return run(emulator, command) if command else serve(args.name, emulator, args.ready_file)
    finally:
        emulator.end()


if __name__ == "__main__":
    sys.exit(main())
