"""The shared folder into which the reports of the calls go: a path, which a mount leads elsewhere."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

_WHY = {
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "no deja escribir"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "está llena"),
    **dict.fromkeys((errno.ENOENT, errno.ENOTDIR, errno.EEXIST), "no está"),
    **dict.fromkeys((errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENOTCONN), "no responde"),
}


def write(folder: Path, files: dict[str, bytes]) -> list[Path]:
    """Each under its name, in place of the one that is there: whoever opens the folder never finds half a file. Where
    they are. Raises OSError: some of them may be there then, and a second try replaces them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [_replace(folder / name, data) for name, data in files.items()]


def why_not(error: OSError) -> str:
    """What people are told of it."""
    known = _WHY.get(error.errno or 0) or f"no se puede escribir ({errno.errorcode.get(error.errno or 0, '?')})"
    return f"La carpeta de los informes {known}."


def _replace(path: Path, data: bytes) -> Path:
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
        try:
            file.write(data)
            file.close()
            with suppress(OSError):
                os.chmod(file.name, 0o640)
            os.replace(file.name, path)
        except OSError:
            with suppress(OSError):
                os.unlink(file.name)
            raise
    return path
