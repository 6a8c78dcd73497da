"""The process that stays for as long as the web server does, and holds nothing else: its workers are forked from it.

``python -m core.processes.web_process module:factory host:port workers [json]``. It reads neither the settings nor a
library for the database: with one worker, which is how a supervisor starts it, that would be a fifth of what both take.
"""

import sys

from core.logs import configure
from core.processes.server import run_web

_AS_JSON = "json"


def argv_of(factory_target: str, bind: str, workers: int, *, logs_as_json: bool = False) -> list[str]:
    """The command that begins it: what ``run_web`` is told, and how its lines are written."""
    argv = [sys.executable, "-m", __name__, factory_target, bind, str(workers)]
    return [*argv, _AS_JSON] if logs_as_json else argv


def main() -> None:
    """Serves until SIGTERM."""
    factory_target, bind, workers, *how = sys.argv[1:]
    configure("web", as_json=_AS_JSON in how)
    run_web(factory_target, bind, int(workers))


if __name__ == "__main__":
    main()
