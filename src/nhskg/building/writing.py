"""The graph as a store on disk: written whole, or as a copy of the last one with what changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Quad, Store

from nhskg.building.memory import Memory, differences
from nhskg.errors import StoreError
from nhskg.graph.store import Published

__all__ = ["amend", "write"]

_MOST_AMENDED: Final = 0.2
"""The share of a store's triples up to which it is amended rather than written anew."""


def write(folder: Path, store: Store) -> None:
    """Write a store whole into the folder ``data`` of a folder."""
    disk = Store(str(folder / "data"))
    disk.bulk_extend(store)
    disk.optimize()
    disk.flush()


def amend(folder: Path, last: Published, earlier: Memory, later: Memory, store: Store) -> bool:
    """Write a store as a copy of the last one with what has changed put in.

    The copy shares the files of the last one, which a store never changes (hard links, or copies
    where the file system has none).

    Args:
        folder: where ``data`` is to stand.
        last: the store that answers.
        earlier: the memory of its build.
        later: the memory of this build, kept already.
        store: what is to be written.

    Returns:
        Whether it was written; if not, nothing stands there.
    """
    data = folder / "data"
    try:
        changes = list(differences(earlier, later))
        size = sum(len(gone) + len(came) for _, gone, came in changes)
        if size > _MOST_AMENDED * len(store):
            return False
        last.open().backup(str(data))
        disk = Store(str(data))
        for graph, gone, came in changes:
            name = NamedNode(graph)
            if gone:
                lines = "\n".join(f"{triple} ." for triple in gone)
                disk.update(f"DELETE DATA {{ GRAPH {name} {{\n{lines}\n}} }}")
            disk.extend([Quad(t.subject, t.predicate, t.object, name) for t in came])
        disk.flush()
        fits = len(disk) == len(store)
        del disk
    except (OSError, ValueError, SyntaxError, StoreError):
        fits = False
    if not fits:
        shutil.rmtree(data, ignore_errors=True)
    return fits
