"""Listing and reading files, and writing a file: whole, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from nhskg.rdf.errors import InputError, Place

if TYPE_CHECKING:
    from gzip import GzipFile

MOST_TEXT: Final = 20_000_000
"""The most bytes of a file that people write: a query, rules, settings, a text of a corpus.

No text of a person has as many; more is read for nothing, and a device can be without end.
"""

MOST_RDF: Final = 2_000_000_000
"""The most bytes of RDF, and of what a compressed file holds; more fits into no memory."""

STDIN: Final = Path("<stdin>")
"""The path that stands for standard input."""

_CHUNK: Final = 1 << 24


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


def read_whole(path: Path, most: int, file: BinaryIO | GzipFile | None = None) -> bytes:
    """Return the content of a file, or of one that is open; so is :data:`STDIN`.

    A pipe or device is read where its name says that it is one, below ``/dev``, and not where a
    folder has it: it would be waited for, or be without end.

    Raises:
        InputError: it has more than the most bytes, or is no file.
        OSError: it cannot be read.
    """
    if file is None and path == STDIN:
        file = sys.stdin.buffer
    if file is None:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or _names_a_device(path)):
            problem = "cannot be read: not a file; give a pipe as standard input"
            raise InputError(problem, place=Place(path))
        with path.open("rb") as opened:
            if stat.S_ISREG(mode) and os.fstat(opened.fileno()).st_size <= most:
                return opened.read()
            return read_whole(path, most, opened)
    parts, size = list[bytes](), 0
    while part := file.read(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > most:
            problem = f"has more than the {most:,} bytes that are read; split it"
            raise InputError(problem, place=Place(path))
    return b"".join(parts)


def _names_a_device(path: Path) -> bool:
    return path.is_relative_to("/dev") or path.is_relative_to("/proc")


def read_text(path: Path, most: int = MOST_TEXT) -> str:
    """Return the text of a UTF-8 file, without a byte order mark, and with LF at line ends.

    Raises:
        InputError: it cannot be read, has more than the most bytes, or is not UTF-8.
    """
    try:
        text = read_whole(path, most).decode("utf-8-sig")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", place=Place(path)) from error
    except UnicodeDecodeError as error:
        raise InputError("is not UTF-8 text", place=Place(path)) from error


def write_atomically(path: Path, content: bytes | str) -> None:
    """Write a file in one step, so that nobody sees a part of it; folders are made as needed.

    A pipe or device is written to as it is where its name says that it is one (``/dev/stderr``);
    a pipe in a folder would be waited for. Text becomes UTF-8.

    Raises:
        InputError: it cannot be written.
    """
    # names of files can be no text at all
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():
            if not (path.is_dir() or _names_a_device(path)):
                problem = "cannot be written: not a file; write to standard output for a pipe"
                raise InputError(problem, place=Place(path))
            path.write_bytes(raw)
            return
        target = path.resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name[:50]}.{secrets.token_hex(6)}")
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
