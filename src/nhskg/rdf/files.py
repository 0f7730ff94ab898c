"""Listing and reading files, and writing a file: whole, or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from nhskg.rdf.errors import InputError, Place


def files_in(folder: Path, ending: str) -> list[Path]:
    """Return the files of a folder with an ending, in order of name, without hidden ones.

    An editor's lock, ``.#name.ttl``, is a link to nothing.
    """
    return sorted(folder.glob(f"[!.]*{ending}"))


def read_text(path: Path) -> str:
    """Return the text of a UTF-8 file, without a byte order mark, and with LF at line ends.

    Raises:
        InputError: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=Place(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", place=Place(path)) from error


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file in one step, so that nobody sees a part of it; folders are made as needed.

    What is no plain file (a pipe, ``/dev/stderr``) is written to as it is. Text becomes UTF-8.

    Raises:
        InputError: it cannot be written.
    """
    # names of files can be no text at all
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(raw)
            return
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
        try:
            with temporary.open("xb") as file:
                if target.exists():
                    temporary.chmod(target.stat().st_mode & 0o777)
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=Place(path)) from error
