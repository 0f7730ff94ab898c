"""Opens the built store read-only, and publishes a new one atomically in its place.

A store is a folder ``build/stores/<name>`` that nobody changes once it is
published. ``build/current`` is a symbolic link to the one that answers; it is
swapped in one rename, so a reader sees the old store or the new one, and a
build that is killed leaves the old one answering. The store before the present
one is kept, so that whoever is reading it is not disturbed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pyoxigraph import Store

from nhskg.rdf.errors import StoreAccessError, StoreError
from nhskg.rdf.files import write_atomically

__all__ = ["BuildArea", "Published", "open_published"]

LAYOUT: Final = 1
"""Version of the layout of a built store; another one is built anew."""

_KEPT: Final = 2


@dataclass(frozen=True, slots=True)
class Published:
    """A store that answers: its folder and the summary written when it was built."""

    folder: Path
    summary: dict[str, Any]

    def open(self) -> Store:
        """Open the store read-only.

        Raises:
            StoreError: the folder is damaged or of another version.
            StoreAccessError: it may not be read.
        """
        try:
            return Store.read_only(str(self.folder / "data"))
        except (OSError, RuntimeError) as error:  # the latter where a file of it is damaged
            refusal = _refusal(self.folder / "data")
            if refusal is not None:
                raise _refused(self.folder, refusal) from error
            raise StoreError(
                f"{self.folder}: the store cannot be opened ({error}); run 'nhskg build'"
            ) from error

    @property
    def built_at(self) -> float:
        """When the store was published, in seconds since the epoch."""
        return (self.folder / "summary.json").stat().st_mtime


def open_published(build: Path) -> Published:
    """Return the store that answers in a build folder.

    Raises:
        StoreError: there is none, or it was built by another version of nhskg.
        StoreAccessError: it may not be read.
    """
    link = build / "current"
    try:
        folder = link.resolve(strict=True)
        summary = json.loads((folder / "summary.json").read_text("utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{build}: no store has been built; run 'nhskg build'") from None
    except PermissionError as error:
        raise _refused(build, error) from error
    except (OSError, ValueError, RuntimeError) as error:  # the latter where it goes too deep
        raise StoreError(f"{link}: the store is damaged ({error}); run 'nhskg build'") from error
    if not isinstance(summary, dict) or summary.get("layout") != LAYOUT:
        raise StoreError(f"{build}: the store is of another version; run 'nhskg build'")
    return Published(folder, summary)


def _refusal(data: Path) -> OSError | None:
    """Return the error that opening a file of a store gives; that of the store is words only."""
    try:
        for path in data.iterdir():
            if path.is_file():
                path.open("rb").close()
    except PermissionError as error:
        return error
    except OSError:
        pass
    return None


def _refused(path: Path, error: OSError) -> StoreAccessError:
    reason = error.strerror or str(error)
    return StoreAccessError(
        f"{path}: the store may not be read ({reason}); ask its owner to make it readable"
    )


def _unwritable(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"{path}: cannot be written ({error.strerror}); make it writable, or work on a copy of the "
        "project; XDG_CACHE_HOME names the place for the corpus that ships with nhskg"
    )


class BuildArea:
    """The build folder of a project, while one builder works in it.

    Use as a context manager: a second builder is refused while the first works,
    and what a killed one left behind is cleared away.
    """

    def __init__(self, build: Path) -> None:
        self.build = build
        self._stores = build / "stores"
        self._lock: IO[bytes] | None = None

    def __enter__(self) -> BuildArea:
        try:
            self._stores.mkdir(parents=True, exist_ok=True)
            lock = (self.build / "lock").open("ab")
        except OSError as error:
            raise _unwritable(self.build, error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise StoreError(
                f"{self.build}: another build is running; wait for it, then try again"
            ) from None
        self._lock = lock
        self._clear_leftovers()
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            self._lock.close()

    @contextlib.contextmanager
    def new_folder(self) -> Iterator[Path]:
        """Give a fresh folder to build a store in; it is deleted unless it gets published."""
        folder = self._stores / f"new-{secrets.token_hex(8)}"
        try:
            folder.mkdir()  # as open to others as the umask says, which tempfile would not make it
        except OSError as error:
            raise _unwritable(self._stores, error) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, folder: Path, summary: dict[str, Any]) -> Published:
        """Put a finished store in the place of the one that answered until now.

        The store in ``folder/data`` must have been closed. The change is one rename of a link.

        Args:
            folder: the folder that :meth:`new_folder` gave.
            summary: the figures of the build; written beside the data.
        """
        text = json.dumps({"layout": LAYOUT, **summary}, indent=2, ensure_ascii=False) + "\n"
        write_atomically(folder / "summary.json", text)
        name = f"store-{max(self._numbers(), default=0) + 1:06d}"
        folder.rename(self._stores / name)
        link = self.build / "current.new"
        _clear(link)
        link.symlink_to(Path("stores") / name)
        current = self.build / "current"
        if current.is_dir() and not current.is_symlink():  # a copy that followed links made it
            _clear(current)
        link.replace(current)
        for number in self._numbers()[:-_KEPT]:
            shutil.rmtree(self._stores / f"store-{number:06d}", ignore_errors=True)
        return open_published(self.build)

    def _numbers(self) -> list[int]:
        return sorted(filter(None, (_number(p.name) for p in self._stores.glob("store-*"))))

    def _clear_leftovers(self) -> None:
        """Delete what a killed build left: a store half written, or written and never published."""
        for leftover in self._stores.glob("new-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        _clear(self.build / "current.new")
        try:
            present = _number((self.build / "current").readlink().name)
        except OSError:  # none is there, or what is there is no link
            present = None
        for number in self._numbers():
            if present is None or number > present:
                shutil.rmtree(self._stores / f"store-{number:06d}", ignore_errors=True)


def _number(name: str) -> int | None:
    """Return the number of a store by the name of its folder; nothing where that is of no store."""
    found = re.fullmatch("store-([0-9]{6,})", name)
    return int(found[1]) if found else None


def _clear(path: Path) -> None:
    """Delete a file, a link or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
