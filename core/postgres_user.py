"""PostgreSQL refuses to run as root: who runs it then, and how that user alone is let through to its files."""

import contextlib
import grp
import os
import pwd
import stat
import struct
import subprocess
from pathlib import Path

NAME = "pregonero-pg"
_ACL = "system.posix_acl_access"
_ACL_VERSION = 2
_OWNER, _USER, _GROUP, _NAMED_GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20
_NOBODY = 0xFFFFFFFF  # the id of an entry that names no one
_ENTER = 0o1

_Entry = tuple[int, int, int]  # tag, permissions, id: acl(5), in the kernel's order and byte layout


class CannotEnter(Exception):
    """The server's user cannot reach a directory, and it could not be let in. The message says what to do."""


def server_user() -> pwd.struct_passwd | None:
    """Whom the server runs as: None is ourselves; for root, a system user of its own, made where it is missing."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(NAME)
    home, shell = ["--no-create-home", "--home-dir", "/nonexistent"], ["--shell", "/usr/sbin/nologin"]
    command = ["useradd", "--system", "--user-group", *home, *shell, NAME]
    try:
        subprocess.run(command, env={"PATH": "/usr/sbin:/sbin:/usr/bin:/bin"}, capture_output=True, check=False)
        return pwd.getpwnam(NAME)
    except (OSError, KeyError):
        raise CannotEnter(
            f"PostgreSQL no corre como root y no se pudo crear el usuario {NAME} con useradd:"
            " ejecute con otro usuario o ponga DATABASE_URL."
        ) from None


def let_enter(user: pwd.struct_passwd, path: Path) -> None:
    """Lets ``user``, and nobody else, pass through the parents of ``path``: to pass, neither to list nor to read.

    Only directories that it cannot pass yet are touched. Raises CannotEnter.
    """
    for directory in reversed(path.resolve().parents):
        if not _can_pass(user, directory):
            _admit(user, directory)


def _can_pass(user: pwd.struct_passwd, directory: Path) -> bool:
    status = directory.stat()
    if status.st_uid == user.pw_uid:
        return bool(status.st_mode & stat.S_IXUSR)
    entries = _acl_of(directory)
    named = [permissions for tag, permissions, who in entries if tag == _USER and who == user.pw_uid]
    if named:  # a later chmod may have closed the mask over it
        return bool(named[0] & (_mask_of(entries) or 0) & _ENTER)
    if status.st_gid == user.pw_gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _admit(user: pwd.struct_passwd, directory: Path) -> None:
    status = directory.stat()
    try:
        os.setxattr(directory, _ACL, _packed(_with_user(_acl_of(directory) or _acl_of_mode(status), user.pw_uid)))
        return
    except OSError:
        pass  # a file system without access lists
    if status.st_uid == os.geteuid() and not status.st_mode & stat.S_IRWXG:
        os.chown(directory, -1, user.pw_gid)  # a group that had no rights here loses none
        directory.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXGRP)
        return
    group = grp.getgrgid(user.pw_gid).gr_name
    raise CannotEnter(
        f"PostgreSQL corre como {user.pw_name} (grupo {group}), que no puede pasar por {directory}:"
        " ponga DATA_DIR en otra parte, o DATABASE_URL."
    )


def _acl_of(directory: Path) -> list[_Entry]:
    try:
        raw = os.getxattr(directory, _ACL)
    except OSError:
        return []
    return [(tag, permissions, who) for tag, permissions, who in struct.iter_unpack("<HHI", raw[4:])]


def _acl_of_mode(status: os.stat_result) -> list[_Entry]:
    owner, group, other = ((status.st_mode >> shift) & 0o7 for shift in (6, 3, 0))
    return [(_OWNER, owner, _NOBODY), (_GROUP, group, _NOBODY), (_OTHER, other, _NOBODY)]


def _with_user(entries: list[_Entry], uid: int) -> list[_Entry]:
    """The list with one user more who may enter; the mask grows, and nobody else gains by it."""
    mask = _mask_of(entries)
    kept = [entry for entry in entries if entry[0] != _MASK and not (entry[0] == _USER and entry[2] == uid)]
    if mask is None:
        mask = next(permissions for tag, permissions, _ in entries if tag == _GROUP)
    else:  # what the old mask held back must not come through the wider one
        limited = (_USER, _GROUP, _NAMED_GROUP)
        kept = [(tag, permissions & mask if tag in limited else permissions, who) for tag, permissions, who in kept]
    kept += [(_USER, _ENTER, uid), (_MASK, mask | _ENTER, _NOBODY)]
    return sorted(kept, key=lambda entry: (entry[0], entry[2]))


def _mask_of(entries: list[_Entry]) -> int | None:
    return next((permissions for tag, permissions, _ in entries if tag == _MASK), None)


def _packed(entries: list[_Entry]) -> bytes:
    return struct.pack("<I", _ACL_VERSION) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
