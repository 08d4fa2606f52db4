"""Run a command and say what it cost: it and everything that it starts."""
import os
import subprocess
import threading
import time
from dataclasses import dataclass


@dataclass
class Cost:
    code: int  # the exit code
    wall: float  # seconds
    cpu: float  # seconds, user and system, of the whole tree
    memory: float  # MB, the most that the tree held at one moment
    output: str  # the end of what it printed


def measure(command, cwd, env, log):
    """`log` is a file for the command's output: a pipe would make it wait for us."""
    with open(log, "w+b") as out:
        start = time.monotonic()
        child = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        peak, over = [0], threading.Event()
        sampler = threading.Thread(target=watch, args=(child.pid, peak, over))
        sampler.start()
        try:
            # Of the child alone, with all it waited for; an own one, not the sum of every child so far.
            _, status, usage = os.wait4(child.pid, 0)
        except BaseException:
            child.kill()
            raise
        finally:
            over.set()
            sampler.join()
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(max(0, out.tell() - 4000))
        tail = out.read().decode(errors="replace")
    return Cost(child.returncode, wall, usage.ru_utime + usage.ru_stime, peak[0] / 1024, tail)


def watch(pid, peak, over):
    """Not ru_maxrss: that is of the largest process only, and starts at what we ourselves hold."""
    pause = 0.005
    while not over.is_set():
        peak[0] = max(peak[0], high_water(pid), sum(map(resident, tree(pid))))
        over.wait(pause)
        pause = min(pause * 1.05, 0.1)  # a short run is looked at closely, a long one is not disturbed


def tree(pid):
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{task}/children") as children:
                    waiting += map(int, children.read().split())
        except OSError:
            pass  # it has ended
    return found


def resident(pid):
    return field(pid, "VmRSS:")


def high_water(pid):
    return field(pid, "VmHWM:")


def field(pid, name):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith(name)), 0)
    except OSError:
        return 0
