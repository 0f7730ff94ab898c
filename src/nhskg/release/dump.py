"""Writes a release into a folder: each writer its files, beside the folder until all are there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from nhskg.rdf.errors import InputError, Place
from nhskg.release.graphs import write_graphs
from nhskg.release.source import Source

Writer = Callable[[Source, Path], None]
"""Writes some of the files of a release into an empty folder."""

WRITERS: Final[tuple[Writer, ...]] = (write_graphs,)
"""The writers of a release, in order: what describes files comes after what writes them."""


def dump(source: Source, out: Path) -> list[Path]:
    """Write all files of a release into a folder; return them in order.

    The files are made in a folder beside it, and renamed when all are there. The same graph gives
    the same bytes each time.

    Raises InputError where the folder cannot be written, and StoreError where the graph holds a
    blank node, which must not be published.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".dump-", dir=out))
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=Place(out)) from error
    try:
        for write in WRITERS:
            write(source, folder)
        written = []
        for path in sorted(filter(Path.is_file, folder.rglob("*"))):
            written.append(out / path.relative_to(folder))
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            path.replace(written[-1])
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", place=Place(out)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return written
