"""Runs a program at a terminal of so many columns: what it draws goes to stdout as it comes.

    terminal.py COLUMNS PROGRAM [ARGUMENT ...]

What stands on stdin is typed. It ends with the program's exit code.
"""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

ROWS = 24


def run_program(columns: int, command: list[str]) -> None:
    size = struct.pack("HHHH", ROWS, columns, 0, 0)
    fcntl.ioctl(0, termios.TIOCSWINSZ, size)
    os.execvp(command[0], command)


def main() -> int:
    columns, *command = sys.argv[1:]
    pid, terminal = pty.fork()
    if pid == 0:
        run_program(int(columns), command)
    ends = [terminal, 0]
    while True:
        ready, _, _ = select.select(ends, [], [])
        if 0 in ready:
            typed = os.read(0, 4096)
            if typed:
                os.write(terminal, typed)
            else:
                ends.remove(0)
        if terminal not in ready:
            continue
        try:
            drawn = os.read(terminal, 65536)
        except OSError:
            # Linux says so when the program's end of the terminal is closed.
            break
        if not drawn:
            break
        os.write(1, drawn)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
