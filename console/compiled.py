"""Templates that were compiled once are compiled no more: a web process that starts again answers while it would."""

from contextlib import suppress

from jinja2.bccache import Bucket, BytecodeCache, FileSystemBytecodeCache


def compiled_templates() -> BytecodeCache | None:
    """In the machine's temporary directory, in a folder that this user alone may open: what is in it is run.

    None where there can be no such folder; then each process compiles them for itself, which takes a second or two.
    """
    try:
        return _Kept()
    except (OSError, RuntimeError):
        return None


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # the disk is full, or somebody swept the folder: it is compiled again next time
            super().dump_bytecode(bucket)
