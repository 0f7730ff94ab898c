"""Listing and reading files, and writing a file: whole, or not at all."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nhskg.rdf.errors import InputError, Place


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders that add up: a file takes the place of those of its name in the folders after it.

    An empty file takes the place, too, and is left out itself. As one path, it is the first folder.
    """

    paths: tuple[Path, ...]

    def __truediv__(self, name: str) -> Folders:
        return Folders(tuple(each / name for each in self.paths))

    def __fspath__(self) -> str:
        return str(self.paths[0])


AnyFolder: TypeAlias = Path | Folders


def paths_of(folder: AnyFolder) -> tuple[Path, ...]:
    """Return the paths that a folder stands for, the first one over the others."""
    return folder.paths if isinstance(folder, Folders) else (folder,)


def files_in(folder: AnyFolder, ending: str) -> list[Path]:
    """Return the files of a folder with an ending, in order of name, without hidden ones.

    An editor's lock, ``.#name.ttl``, is a link to nothing.
    """
    pattern, last_first = f"[!.]*{ending}", reversed(paths_of(folder))
    found = {file.name: file for each in last_first for file in each.glob(pattern)}
    return sorted((f for f in found.values() if not is_emptied(f, folder)), key=lambda f: f.name)


def find_file(folder: AnyFolder, name: str) -> Path | None:
    """Return the file of a name, not of a path, in a folder, if there is one."""
    if Path(name).name != name:
        return None
    found = next(filter(Path.is_file, (each / name for each in paths_of(folder))), None)
    return None if found is None or is_emptied(found, folder) else found


def is_emptied(file: Path, folder: AnyFolder) -> bool:
    """Return whether an empty file takes those of its name out of the folders after its own."""
    is_over = isinstance(folder, Folders) and file.parent != folder.paths[-1]
    return is_over and file.is_file() and not file.stat().st_size


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
