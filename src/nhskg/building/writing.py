"""The graph as a store on disk: written whole, or as a copy of the last one."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import Quad, Store

from nhskg.errors import StoreError

__all__ = ["copy_store", "write"]


def write(path: Path, store: Store, more: Iterable[Quad] | None = None) -> None:
    """Write a store whole into a folder.

    Args:
        path: the folder, not there yet.
        store: what is to be written.
        more: what is to be written beside it.
    """
    disk = Store(str(path))
    disk.bulk_extend(store)
    if more is not None:
        disk.bulk_extend(more)
    disk.optimize()
    disk.flush()


def copy_store(source: Path, target: Path) -> Store:
    """Copy a store on disk, and open the copy.

    The copy shares the files of the source, which a store never changes (hard links, or copies
    where the file system has none).

    Raises:
        StoreError: it cannot be copied.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        Store.read_only(str(source)).backup(str(target))
        return Store(str(target))
    except (OSError, RuntimeError) as error:  # the latter where a file of it is damaged
        shutil.rmtree(target, ignore_errors=True)
        raise StoreError(f"{source}: the store cannot be copied ({error})") from error
