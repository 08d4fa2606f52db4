#!/usr/bin/env python3
"""A proxy on 127.0.0.1 in front of an emulator: names and counts the AWS calls, adds a
latency, can hold a call until it is told to let go, and can kill a program at a chosen call.

    counter.py --upstream http://127.0.0.1:PORT [--port N] [--latency MS] [--ready-file F]

Prints one JSON line, {"name", "endpoint", "pid"}, when it listens; ends when stdin closes or
SIGTERM or SIGINT comes. It answers itself:

    GET  /__counter/calls         what was forwarded, in order: [{op, status, method, path}];
                                  status is null while the answer is awaited
    GET  /__counter/state         {calls, changing, inflight, armed, killed}
    GET  /__counter/idle          the same, once nothing is in flight: a killed client's
                                  calls may still be running upstream
    POST /__counter/reset         forget the calls and the switch
    POST /__counter/latency?ms=N  from now on
    POST /__counter/kill-after?n=K&when=before|after[&pid=P]
                                  SIGKILL process P at the K-th changing call from now.
                                  before: it is not forwarded (and not counted). after: the
                                  upstream has answered, the client never hears of it.
                                  Without pid: whichever process made that call (Linux)
    POST /__counter/hold?op=NAME  the next call of that name is not forwarded until release
    GET  /__counter/held          answers once that call is here; 504 after a minute
    POST /__counter/release       it goes on, even where its client has gone
"""
import argparse
import asyncio
import json
import os
import re
import signal
import sys
import threading
from urllib.parse import parse_qs, urlsplit

from operations import changes, operation

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.I)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.I)
CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.I)
EXPECT = re.compile(rb"\r\nexpect:[^\r]*", re.I)
# What belongs to one connection and not to the message; bodies are forwarded whole, with
# their length, so framing headers are written anew.
HOP = re.compile(rb"\r\n(?:content-length|transfer-encoding|connection|keep-alive|expect):[^\r]*", re.I)
LIMIT = 1 << 20  # the longest head; bodies have no limit
HELD_SECONDS = 60  # a test that waits for a call that never comes must fail, not hang
IDLE_SECONDS = 2  # the emulators close idle connections after five: never race with that


async def body_of(reader, head, to_the_end=False):
    length = CONTENT_LENGTH.search(head)
    if CHUNKED.search(head):
        parts = []
        while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
            parts.append(await reader.readexactly(size))
            await reader.readexactly(2)
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        return b"".join(parts)
    if length:
        return await reader.readexactly(int(length.group(1)))
    return await reader.read() if to_the_end else b""


class Upstream:
    """Connections to the emulator, kept and used again where it allows that."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        self.free = []  # (reader, writer, since)

    async def connection(self):
        now = asyncio.get_running_loop().time()
        while self.free:
            reader, writer, since = self.free.pop()
            if now - since < IDLE_SECONDS and not reader.at_eof():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(self.host, self.port, limit=LIMIT)

    async def call(self, method, head, body):
        """One request, sent at most once: a lost answer is an error, never a second call."""
        reader, writer = await self.connection()
        try:
            writer.write(with_length(head, body) + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            status = int(answer[9:12])
            bare = method == "HEAD" or status in (204, 304)
            payload = b"" if bare else await body_of(reader, answer, to_the_end=True)
        except BaseException:
            writer.close()
            raise
        framed = CONTENT_LENGTH.search(answer) or CHUNKED.search(answer) or bare
        if framed and answer.startswith(b"HTTP/1.1") and not CLOSE.search(answer):
            self.free.append((reader, writer, asyncio.get_running_loop().time()))
        else:
            writer.close()
        if bare:  # a HEAD's length says how long a GET's body would be
            return status, answer, b""
        return status, b"HTTP/1.1" + with_length(answer, payload)[8:], payload


def with_length(head, body):
    return HOP.sub(b"", head[:-4]) + b"\r\ncontent-length: %d\r\n\r\n" % len(body)


class Counter:
    def __init__(self, upstream, latency):
        self.upstream, self.latency = upstream, latency
        self.quiet = asyncio.Event()
        self.quiet.set()
        self.inflight = 0
        self.held, self.released = asyncio.Event(), asyncio.Event()
        self.reset()

    def reset(self):
        self.calls = []
        self.changing = 0
        self.kill = None  # (calls left, pid or None, before)
        self.killed = None
        self.hold = None  # the operation's name
        self.released.set()

    async def serve(self, reader, writer):
        """One client's connection, call after call."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                method, path, version = head[: head.index(b"\r\n")].decode("latin1").split(" ")
                if EXPECT.search(head):
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                body = await body_of(reader, head)
                if path.startswith("/__counter/"):
                    reply = await self.control(method, path)
                else:
                    reply = await self.forward(method, path, head, body, writer)
                if reply is None:
                    return
                writer.write(reply)
                await writer.drain()
                if version == "HTTP/1.0" or CLOSE.search(head):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, as clients do, or we end
        finally:
            writer.close()

    async def forward(self, method, path, head, body, writer):
        name = operation(method, path, head, body)
        changing = changes(name)
        kill = None
        if changing and self.kill:
            left, pid, before = self.kill
            self.kill = (left - 1, pid, before) if left > 1 else None
            kill = (pid, before) if left == 1 else None
        self.inflight += 1
        self.quiet.clear()
        try:
            if self.latency:
                await asyncio.sleep(self.latency)
            if name == self.hold:
                self.hold = None
                self.held.set()
                await self.released.wait()
            if kill and kill[1]:
                return self.strike(kill[0], writer)
            call = {"op": name, "status": None, "method": method, "path": path}
            self.calls.append(call)
            self.changing += changing
            try:
                call["status"], answer, payload = await self.upstream.call(method, head, body)
            except (asyncio.IncompleteReadError, ConnectionError) as error:
                call["status"] = 502
                return reply(502, {"message": f"counter: the upstream gave no answer: {error!r}"})
            if kill:
                return self.strike(kill[0], writer)
            return answer + payload
        finally:
            self.inflight -= 1
            if not self.inflight:
                self.quiet.set()

    def strike(self, pid, writer):
        """Kill the client: its connections close, and the reply is never sent."""
        pid = pid or process_at(writer.get_extra_info("peername")[1], writer.get_extra_info("sockname")[1])
        if pid:
            os.kill(pid, signal.SIGKILL)
            self.killed = pid
        return None

    async def control(self, method, path):
        url = urlsplit(path)
        query = {k: v[-1] for k, v in parse_qs(url.query).items()}
        what = (method, url.path.removeprefix("/__counter/"))
        try:
            if what == ("GET", "calls"):
                return reply(200, self.calls)
            if what == ("GET", "idle"):
                await self.quiet.wait()
            elif what == ("GET", "held"):
                await asyncio.wait_for(self.held.wait(), HELD_SECONDS)
            elif what == ("POST", "hold"):
                self.held, self.released = asyncio.Event(), asyncio.Event()
                self.hold = query["op"]
            elif what == ("POST", "release"):
                self.released.set()
            elif what == ("POST", "reset"):
                self.reset()
            elif what == ("POST", "latency"):
                self.latency = float(query["ms"]) / 1000
            elif what == ("POST", "kill-after"):
                before = {"before": True, "after": False}[query["when"]]
                pid, n = int(query.get("pid", 0)), int(query["n"])
                if n < 1 or pid < 0:
                    raise ValueError("n starts at 1")
                self.kill, self.killed = (n, pid, before), None
            elif what != ("GET", "state"):
                return reply(404, {"message": "counter: no such thing"})
        except asyncio.TimeoutError:
            return reply(504, {"message": "counter: nobody made the call to hold"})
        except (KeyError, ValueError) as error:
            return reply(400, {"message": f"counter: {error!r}"})
        return reply(200, {"calls": len(self.calls), "changing": self.changing, "inflight": self.inflight,
                           "armed": self.kill is not None, "killed": self.killed})


def reply(status, value):
    body = json.dumps(value).encode()
    return b"HTTP/1.1 %d counter\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (
        status, len(body)) + body


def process_at(port, ours):
    """The process with the connection from this port to ours (Linux: through /proc). Two
    processes may have the same port, as long as they talk to different ones."""
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    sockets = {f"socket:[{row[9]}]" for row in rows if [int(end.split(":")[1], 16) for end in row[1:3]] == [port, ours]}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            for fd in os.scandir(f"/proc/{pid}/fd"):
                if int(pid) != os.getpid() and os.readlink(fd.path) in sockets:
                    return int(pid)
        except OSError:
            continue  # it ended, or is another user's
    return None


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True)
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--latency", type=float, default=0, metavar="MS", help="added to every call")
    parser.add_argument("--ready-file", help="write the ready line here as well")
    args = parser.parse_args()

    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    counter = Counter(Upstream(args.upstream), args.latency / 1000)
    server = await asyncio.start_server(counter.serve, "127.0.0.1", args.port, limit=LIMIT, backlog=512)
    port = server.sockets[0].getsockname()[1]
    line = json.dumps({"name": "counter", "endpoint": f"http://127.0.0.1:{port}", "pid": os.getpid()})
    print(line, flush=True)
    if args.ready_file:  # written whole or not at all: a reader may be polling for it
        with open(args.ready_file + ".part", "w") as f:
            f.write(line + "\n")
        os.replace(args.ready_file + ".part", args.ready_file)
    threading.Thread(target=watch_stdin, args=(loop, over), daemon=True).start()
    await over.wait()


def watch_stdin(loop, over):
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass  # there never was a stdin
    loop.call_soon_threadsafe(over.set)


if __name__ == "__main__":
    asyncio.run(main())
