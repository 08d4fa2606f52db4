#!/usr/bin/env python3
"""Print the path of an AWS CLI: the one on PATH, or else one of a pinned version, installed
once in a virtual environment as emulator.py does for the emulators."""
import shutil

from emulator import venv

print(shutil.which("aws") or venv("awscli") / "bin" / "aws")
