"""Opens the built store read-only, and publishes a new one atomically.

A store is a folder ``build/stores/store-<number>`` that nobody changes once it is published.
``build/current`` is a symbolic link to the one that answers; it is swapped in one rename, so a
reader sees the old store or the new one, and a build that is killed leaves the old one answering.
The store before the present one is kept, so that whoever is reading it is not disturbed; older
ones are deleted when a new one is published, and no sooner, even where the link leads nowhere.

Nothing is cleared behind a link, nor in a folder that nhskg has not marked as its own, unless it
has the form of a store.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad, Store

from nhskg.rdf.errors import InputError, StoreAccessError, StoreError
from nhskg.rdf.escaping import escaped
from nhskg.rdf.files import MOST_TEXT, read_whole, write_atomically

LAYOUT: Final = 1
"""Version of the layout of a built store; another one is built anew."""

TAG: Final = "CACHEDIR.TAG"
_TAGGED: Final = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# nhskg makes this folder, and clears it. Backups may leave it out: https://bford.info/cachedir/\n"
)
"""What marks a build folder as made by nhskg, and as a cache."""

_NAMES: Final = frozenset({"current", "current.new", "lock", "stores"})
_OF_STORE: Final = re.compile(
    r"summary\.json|\.summary\.json\.\w+|data"
    r"|data/(CURRENT|IDENTITY|LOCK|LOG(\.old\.\d+)?|((MANIFEST|OPTIONS)-)?\d+(\.(sst|log|blob|dbtmp))?)"
)
"""The files and folders of a store; RocksDB names those of its data."""


@dataclass(frozen=True, slots=True)
class Published:
    """A store that answers, and the summary written when it was built."""

    folder: Path
    summary: dict[str, Any]

    def open(self) -> Store:
        """Open the store read-only.

        Raises StoreError where it is damaged, and StoreAccessError where it may not be read.
        """
        try:
            return Store.read_only(str(self.folder / "data"))
        except (OSError, RuntimeError) as error:  # the latter where a file of it is damaged
            _check_access(self.folder)
            problem = f"the store cannot be opened ({error}); run 'nhskg build'"
            raise StoreError(f"{self.folder}: {problem}") from error

    @property
    def built_at(self) -> float:
        """When the store was published, in seconds since the epoch."""
        return (self.folder / "summary.json").stat().st_mtime


def open_published(build: Path) -> Published:
    """Return the store that answers in a build folder.

    Raises StoreError where there is none, or it was built by another version of nhskg, and
    StoreAccessError where it may not be read.
    """
    link = build / "current"
    try:
        folder = link.resolve(strict=True)
        summary = json.loads(read_whole(folder / "summary.json", MOST_TEXT))
    except FileNotFoundError:
        raise StoreError(f"{build}: no store has been built; run 'nhskg build'") from None
    except PermissionError as error:
        raise _refused(build, error) from error
    except (
        InputError,
        OSError,
        ValueError,
        RuntimeError,
    ) as error:  # the latter where it goes too deep
        raise StoreError(f"{link}: the store is damaged ({error}); run 'nhskg build'") from error
    if not isinstance(summary, dict) or summary.get("layout") != LAYOUT:
        raise StoreError(f"{build}: the store is of another version; run 'nhskg build'")
    return Published(folder, summary)


def _check_access(folder: Path) -> None:
    """Open each file of a store, as the error of a store that may not be read is words only."""
    try:
        for path in filter(Path.is_file, (folder / "data").iterdir()):
            path.open("rb").close()
    except PermissionError as error:
        raise _refused(folder, error) from error
    except OSError:
        pass


def _refused(path: Path, error: OSError) -> StoreAccessError:
    repair = "ask its owner to make it readable"
    return StoreAccessError(f"{path}: the store may not be read ({error.strerror}); {repair}")


def _unwritable(path: Path, error: Exception) -> StoreError:
    why = getattr(error, "strerror", None) or error
    return StoreError(
        f"{path}: cannot be written ({why}); make room, make it writable, or work on a copy of "
        "the project; XDG_CACHE_HOME names the place for the corpus that ships with nhskg"
    )


@contextlib.contextmanager
def new_store(build: Path) -> Iterator[Path]:
    """Give a fresh folder to build a store in; it is deleted unless it gets published.

    Until then a second builder is refused; what a killed one left behind is cleared away.

    Raises StoreError where another build is running, the build folder cannot be written, or what
    would be cleared in it is not of nhskg.
    """
    stores = build / "stores"
    try:
        for path in (build, stores):
            if path.is_symlink():
                raise _foreign(path, "is a link, behind which nothing is cleared")
        stores.mkdir(parents=True, exist_ok=True)
        options = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        lock = os.fdopen(os.open(build / "lock", options, 0o666), "rb")
    except OSError as error:
        raise _unwritable(build, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _adopt(build)
            published = _clear_leftovers(build)
            number = max([published, *map(_number, _folders(stores))]) + 1
            folder = stores / f"store-{number:06d}"
            folder.mkdir()  # as open to others as the umask says, which tempfile would not make it
        except BlockingIOError:
            message = "another build is running; wait for it, then try again"
            raise StoreError(f"{build}: {message}") from None
        except OSError as error:
            raise _unwritable(stores, error) from error
        try:
            yield folder
        finally:
            with contextlib.suppress(OSError):  # what went wrong before is told
                _clear_leftovers(build)


def _adopt(build: Path) -> None:
    """Check that nothing but stores would be cleared; mark a folder that holds no more than those.

    Older versions of nhskg marked none. In a folder with other things, a store is told by its form.
    """
    tag = build / TAG
    if tag.is_file() and not tag.is_symlink():
        with tag.open("rb") as file:
            if file.read(len(_TAGGED) + 1) == _TAGGED:
                return
    links = [build / name for name in ("current", "current.new")]
    folders = [each for each in links if each.exists() and not each.is_symlink()]
    for path in (*folders, *_folders(build / "stores")):
        if not _is_store(path):
            raise _foreign(path, "is not of nhskg, which would clear it")
    if _NAMES.issuperset(each.name for each in build.iterdir()):
        tag.write_bytes(_TAGGED)


def _is_store(folder: Path) -> bool:
    """Return whether a folder, which is no link, has nothing but the files of a store."""
    return (
        folder.is_dir()
        and not folder.is_symlink()
        and not any(
            path.is_symlink() or not _OF_STORE.fullmatch(path.relative_to(folder).as_posix())
            for path in folder.rglob("*")
        )
    )


def _foreign(path: Path, problem: str) -> StoreError:
    return StoreError(f"{escaped(str(path))}: {problem}; move it away")


def write_store(folder: Path, quads: Iterable[Quad]) -> None:
    """Write quads as the data of a new store.

    Raises StoreError where it cannot be written.
    """
    disk = None
    try:
        disk = Store(str(folder / "data"))
        disk.bulk_extend(quads)
        disk.optimize()
        disk.flush()
    except (OSError, RuntimeError) as error:
        raise _unwritable(folder, error) from error
    finally:
        del disk  # which closes it


def publish(folder: Path, summary: dict[str, Any]) -> Published:
    """Put a finished store in the place of the one that answered until now, in one rename.

    The store in ``folder/data`` must have been closed; the summary is written beside it.

    Raises StoreError where it cannot be put there.
    """
    text = json.dumps({"layout": LAYOUT, **summary}, indent=2, ensure_ascii=False) + "\n"
    build = folder.parents[1]
    current, link = build / "current", build / "current.new"
    try:
        write_atomically(folder / "summary.json", text)
        link.symlink_to(Path("stores") / folder.name)
        if current.is_dir() and not current.is_symlink():  # a copy that followed links made it
            shutil.rmtree(current)
        link.replace(current)
    except OSError as error:
        raise _unwritable(build, error) from error
    for path in _folders(folder.parent)[:-2]:
        shutil.rmtree(path, ignore_errors=True)
    return open_published(build)


def _clear_leftovers(build: Path) -> int:
    """Delete stores that a killed build left; return the number of the published one, or 0."""
    link = build / "current.new"
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    published = 0
    with contextlib.suppress(OSError):  # none is there, or what is there is no link
        published = _number((build / "current").readlink())
    for path in _folders(build / "stores"):
        if _number(path) > published:
            shutil.rmtree(path, ignore_errors=True)
    return published


def _folders(stores: Path) -> list[Path]:
    """Return the folders of stores, the latest last."""
    return sorted(filter(_number, stores.iterdir()), key=_number)


def _number(folder: Path) -> int:
    """Return the number of a store by the name of its folder; 0 where it is none."""
    found = re.fullmatch("store-([0-9]+)", folder.name)
    return int(found[1]) if found else 0
