"""Starts the process of a rehearsal: out of this one, so that it has an environment with nothing of the real world."""

import subprocess
import sys
from collections.abc import Mapping

from core.launcher import launched
from rehearsal.place import runner_environment
from settings import Settings


def start(environ: Mapping[str, str], settings: Settings, url: str, rehearsal_id: int) -> subprocess.Popen:
    """The process, begun. It ends when the thread that calls this does (core/launcher.py). ``url``: the installation's
    database."""
    env = runner_environment(environ, settings, url)
    argv = launched([sys.executable, "-m", "rehearsal", str(rehearsal_id)])
    return subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL)
