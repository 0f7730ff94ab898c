"""Locates a project: its folders of ontology, seeds, shapes, queries and built stores.

A project is a folder with ``seeds/`` and, where it brings its own, ``ontology/``, ``shapes/`` and
``queries/``. What it does not bring comes from the data that ships with nhskg, folder by folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from nhskg.rdf.errors import UsageError, escaped, is_utf8
from nhskg.rdf.files import files_in

DATA_FOLDERS: Final = ("ontology", "seeds", "shapes", "queries")
"""The data folders of a project, which also ship inside the wheel."""


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one corpus. ``build`` need not exist yet; the others do, if shipped."""

    root: Path
    ontology: Path
    seeds: Path
    shapes: Path
    queries: Path
    build: Path

    @property
    def documents(self) -> Path:
        """The folder of the annotated documents, one file each."""
        return self.seeds / "documents"

    @property
    def register(self) -> Path:
        """The folder of the register of shared things."""
        return self.seeds / "register"

    def inputs(self) -> Iterator[Path]:
        """Yield every file that a build reads."""
        yield from files_in(self.documents, ".yaml")
        yield from files_in(self.register, ".yaml")
        yield from files_in(self.ontology, ".ttl")
        yield from files_in(self.ontology / "rules", ".rq")
        yield from files_in(self.shapes, ".ttl")

    @classmethod
    def locate(cls, path: Path | str | None = None) -> Self:
        """Find the project to work on.

        With a path: that folder, which must hold ``seeds/``. Without: the current folder or the
        nearest above it whose ``seeds/`` holds ``documents/`` or ``register/``; else the corpus
        that ships with nhskg, whose build goes to the user's cache, one for each installation.

        Raises UsageError where the path is not a folder or holds no ``seeds/``, where a folder
        of the project cannot be read, and where no store can be put.
        """
        shipped, current = shipped_data(), Path.cwd()
        above = filter(_is_project, (current, *current.parents))
        root = next(above, None) if path is None else _check_project(Path(path))
        if root is not None:
            build = root / "build"
        else:
            root = shipped
            build = _user_cache() / f"build-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"
        own = {name: root / name for name in DATA_FOLDERS}
        chosen = {name: each if each.is_dir() else shipped / name for name, each in own.items()}
        found = cls(root=root, build=build, **chosen)
        for folder in (*chosen.values(), found.documents, found.register, found.ontology / "rules"):
            _check_readable(folder)
        if not is_utf8(str(build)):
            problem = "no store can be put here, as the path is not UTF-8; rename the folder"
            raise UsageError(f"{escaped(str(build))}: {problem}")
        return found


def shipped_data() -> Path:
    """Return the folder of the data that ships with nhskg: in the wheel, or of the checkout."""
    package = Path(__file__).resolve().parent
    packaged = package / "data"
    return packaged if packaged.is_dir() else package.parent.parent


def _check_readable(folder: Path) -> None:
    """Check that a folder can be listed, if there is one; it would look like an empty one."""
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            next(folder.iterdir(), folder).lstat()
    except OSError as error:
        problem = f"the folder cannot be read ({error.strerror or error}); make it readable"
        raise UsageError(f"{escaped(str(folder))}: {problem}") from error


def _is_project(folder: Path) -> bool:
    """Return whether a folder is a project; one that may not be looked into is none."""
    with suppress(OSError):
        return any((folder / "seeds" / name).is_dir() for name in ("documents", "register"))
    return False


def _check_project(path: Path) -> Path:
    try:
        path.stat()
        if (path / "seeds").is_dir():
            return path.resolve()
    except FileNotFoundError:
        raise UsageError(f"no such project folder: {path}") from None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    problem = f"no seeds/ in {path}" if path.is_dir() else f"not a folder: {path}"
    raise UsageError(f"{problem}; a project is a folder that holds seeds/")


def _user_cache() -> Path:
    """Return the per-user cache folder of nhskg (XDG Base Directory; LOCALAPPDATA on Windows)."""
    given = (os.environ.get(variable, "") for variable in ("XDG_CACHE_HOME", "LOCALAPPDATA"))
    cache = next((Path(each) for each in given if Path(each).is_absolute()), Path.home() / ".cache")
    return cache / "nhskg"
