"""``make migration``: writes a revision, on a scratch server that is gone afterwards."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from core import migrate, postgres


def write(message: str) -> None:
    """A new file in migrations/versions: to be read, and corrected, before it is kept."""
    with TemporaryDirectory(prefix="pregonero-") as directory:
        try:
            migrate.new_revision(postgres.ensure_running(Path(directory)), message)
        finally:
            postgres.stop(Path(directory))


if __name__ == "__main__":
    write(sys.argv[1])
