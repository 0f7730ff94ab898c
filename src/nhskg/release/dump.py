"""Writes a release into a folder: each writer its files, beside the folder until all are there."""

from __future__ import annotations

import fcntl
import gzip
import os
import re
import shutil
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import MOST_TEXT, read_whole
from nhskg.release.description import count, digest, write_description
from nhskg.release.graphs import write_graphs, write_schemas
from nhskg.release.json_ld import write_json_ld
from nhskg.release.source import Source
from nhskg.release.stored_queries import write_stored_queries
from nhskg.release.tables import write_tables
from nhskg.release.web_annotations import write_annotations

Writer = Callable[[Source, Path], None]
"""Writes some of the files of a release into an empty folder."""

LARGE: Final = 1_000_000
"""Files of more bytes than this get a compressed copy."""

SUMS: Final = "SHA256SUMS"


def compress(_: Source, folder: Path) -> None:
    """Write a ``.gz`` beside each large file, as many at a time as there are processors."""
    large = [path for path in files_of(folder) if path.stat().st_size > LARGE]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        deque(pool.map(_compress, large), 0)  # which raises what one of them raised


def _compress(path: Path) -> None:
    """Write a compressed copy of a file: without a time, so that its bytes stay the same."""
    with (
        path.open("rb") as file,
        path.with_name(f"{path.name}.gz").open("wb") as raw,
        gzip.GzipFile("", "wb", 6, raw, mtime=0) as out,
    ):
        shutil.copyfileobj(file, out, 1 << 20)


WRITERS: Final[tuple[Writer, ...]] = (
    write_graphs,
    write_schemas,
    write_stored_queries,
    write_annotations,
    write_json_ld,
)
"""The writers of what is read from the quads; beside them, queries make the tables."""


def dump(source: Source, out: Path, *, answers: bool = True) -> list[Path]:
    """Write all files of a release into a folder; return them in order, ``SHA256SUMS`` last.

    Without ``answers`` no query is run over all plans, and there are no tables.

    They are made in a folder of their own, and renamed when all are there. Files of an older
    release that are not written any more are deleted, if they are as they were; files that none
    lists stay. The same graph gives the same bytes each time.

    Raises InputError where the folder cannot be written, another dump is being written to it, or it
    has files that are not of a dump,
    and StoreError where the graph holds a blank node, which must not be published.
    """
    try:
        with _work_folder(out) as work:
            (work / "files").mkdir()
            source = replace(source, scratch=work)
            known = _write(source, work / "files", answers=answers)
            names = (p.relative_to(work / "files").as_posix() for p in files_of(work / "files"))
            digests = {each: known.get(each) or digest(work / "files" / each) for each in names}
            sums = (f"{digest}  {name}\n" for name, digest in digests.items())
            (work / SUMS).write_bytes("".join(sums).encode())
            known_here = read_sums(out)
            for name in digests.keys() - known_here.keys():
                if os.path.lexists(out / name):
                    raise _foreign(out / name)
            for path in (out / name for name in (*digests, SUMS)):
                for each, is_folder in ((path.parent, True), (path, False)):
                    if each.exists() and each.is_dir() is not is_folder:
                        problem = f"is {'no' if is_folder else 'a'} folder; move it away"
                        raise InputError(problem, place=Place(each))
            for name in digests:
                (out / name).parent.mkdir(parents=True, exist_ok=True)
                (work / "files" / name).replace(out / name)
            for name in known_here.keys() - digests:
                if (out / name).is_file() and digest(out / name) == known_here[name]:
                    (out / name).unlink()
            (work / SUMS).replace(out / SUMS)
            return [out / name for name in (*digests, SUMS)]
    except OSError as error:
        why = error.strerror or str(error).partition(" (os error ")[0]  # as the store puts it
        raise InputError(f"cannot be written: {why}", place=Place(out)) from error


def check_folder(out: Path) -> None:
    """Raise InputError where a folder has files, and no dump; or links in the place of its folders.

    Hidden files, as of git, are left as they are.
    """
    if not (sums := read_sums(out)):
        for each in sorted(out.glob("[!.]*") if out.is_dir() else ()):
            raise _foreign(each)
    for path in {(out / name).parent for name in sums} - {out}:
        if path.is_symlink():
            raise InputError("is a link; move it away", place=Place(path))


def _foreign(path: Path) -> InputError:
    return InputError("is not of a dump; move it away, or name another folder", place=Place(path))


def _write(source: Source, folder: Path, *, answers: bool) -> dict[str, str]:
    """Write all files into an empty folder; return the digests of those that are described.

    Queries and compression run in another thread beside the writers: both release the GIL.
    """
    source.asked  # noqa: B018  # once, before two threads want it
    with ThreadPoolExecutor(1) as beside:
        run = copy_context().run
        tables = beside.submit(run, write_tables, source, folder) if answers else None
        for write in WRITERS:
            write(source, folder)
        if tables:
            tables.result()
        compressed = beside.submit(compress, source, folder)
        statistics = count(source.files())
        compressed.result()
    return write_description(source, folder, statistics)


def files_of(folder: Path) -> list[Path]:
    """Return the files below a folder, in order."""
    return sorted(filter(Path.is_file, folder.rglob("*")))


def read_sums(folder: Path) -> dict[str, str]:
    """Return the digests that the ``SHA256SUMS`` of a release lists; none where there is none.

    A list without ``nhskg.nq`` is not of a release, and no name may lead out of the folder.
    """
    path = folder / SUMS
    text = read_whole(path, MOST_TEXT).decode("utf-8", "replace") if path.is_file() else ""
    found = {name: digest for digest, name in re.findall(r"(?m)^([0-9a-f]{64})  (.+)$", text)}
    inside = all(not name.startswith("/") and ".." not in name.split("/") for name in found)
    return found if inside and "nhskg.nq" in found else {}


@contextmanager
def _work_folder(out: Path) -> Iterator[Path]:
    """Give a folder in another for files not yet finished; those of killed dumps are deleted."""
    if out.exists() and not out.is_dir():
        raise InputError("is no folder", place=Place(out))
    out.mkdir(parents=True, exist_ok=True)
    lock = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        check_folder(out)
        for left in out.glob(".nhskg-dump-*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=".nhskg-dump-", dir=out) as work:
            yield Path(work)
    except BlockingIOError:
        problem = "another dump is being written here; wait for it, then try again"
        raise InputError(problem, place=Place(out)) from None
    finally:
        os.close(lock)
