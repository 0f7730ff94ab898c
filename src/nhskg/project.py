"""Locates a project: its folders of ontology, seeds, shapes, queries and built stores.

A project is a folder with ``seeds/``. Its own files in ``ontology/``, ``ontology/rules/``,
``shapes/`` and ``queries/`` add to those that ship with nhskg, or take the place of one of the same
name; an empty file takes one away.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from nhskg.rdf import terms
from nhskg.rdf.errors import UsageError, is_utf8
from nhskg.rdf.escaping import escaped
from nhskg.rdf.files import Folders, files_in, is_emptied
from nhskg.settings import find_settings

DATA_FOLDERS: Final = ("ontology", "seeds", "shapes", "queries")
"""The data folders of a project, which also ship inside the wheel."""

_LISTED: Final = 3  # names of files in a line of :meth:`Project.own_files`


QUOTE_WORDS: Final = 12
"""How many words of a text in a row an annotation may copy, unless settings say otherwise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the texts of a corpus are read, as the table ``[corpus]`` of its settings says."""

    quote_words: int = QUOTE_WORDS
    abbreviations: frozenset[str] = frozenset()
    """Words that a full stop may follow within a sentence, in lower case and without the stop."""
    paragraphs: str | None = None
    credit: Mapping[str, str] | None = None
    """How a corpus of one's own is cited: its title, author and version, as far as known."""
    licence: str | None = None
    """The address of the licence of a corpus of one's own."""


_READING: Final = ContextVar[Reading]("reading")


def reading() -> Reading:
    """Return how texts are read in the project located last, whose base IRI is in use, too."""
    return _READING.get(Reading())


@dataclass(frozen=True, slots=True)
class Project:
    """The folders of one corpus. ``build`` need not exist yet; the others do, if shipped."""

    root: Path
    ontology: Folders
    seeds: Path
    shapes: Folders
    queries: Folders
    build: Path
    settings: Path | None = None
    """The file that has the table ``[corpus]``."""

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
        yield from filter(None, [self.settings])

    def folders(self) -> list[Path]:
        """Return the folders of what is read, the shipped ones among them, be they there or not."""
        return [base / name for base in (self.root, shipped_data()) for name in DATA_FOLDERS]

    def own_files(self) -> Iterator[str]:
        """Yield a line for each kind of file to which the project adds, or of which it replaces.

        It is ``shapes: 10 shipped, 1 own (my.ttl), 0 replaced``; a copy counts as shipped.
        """
        kinds = {
            "ontology": (self.ontology, ".ttl"),
            "rules": (self.ontology / "rules", ".rq"),
            "shapes": (self.shapes, ".ttl"),
            "queries": (self.queries, ".rq"),
            "parts of queries": (self.queries / "parts", ".rq"),
            "words of questions and columns": (self.queries, ".yaml"),
        }
        for kind, (folders, ending) in kinds.items():
            shipped = [path.name for path in files_in(folders.paths[-1], ending)]
            names: dict[str, list[str]] = {"own": [], "replaced": [], "taken away": []}
            for path in (file for each in folders.paths[:-1] for file in files_in(each, ending)):
                if path.name not in shipped:
                    names["own"].append(path.name)
                elif is_emptied(path, folders):
                    names["taken away"].append(path.name)
                elif not filecmp.cmp(path, folders.paths[-1] / path.name, shallow=False):
                    names["replaced"].append(path.name)
            if any(names.values()):
                kept = len(shipped) - len(names["replaced"]) - len(names["taken away"])
                if not names["taken away"]:
                    del names["taken away"]
                told = (f"{kept} shipped", *(_counted(each, of) for each, of in names.items()))
                yield f"{kind}: {', '.join(told)}"

    def left_out(self) -> Iterator[str]:
        """Yield a line for each folder of the project in which something is not read.

        It is ``shapes/: 1 left out (a.nt), as only *.ttl and examples/ are read``. What is hidden
        is not told.
        """
        read = {
            "seeds": ("documents/", "register/"),
            "seeds/documents": ("*.[yY]*[lL]",),  # those that are not .yaml are faults of reading
            "seeds/register": ("*.[yY]*[lL]",),
            "ontology": ("*.ttl", "rules/"),
            "ontology/rules": ("*.rq",),
            "shapes": ("*.ttl", "examples/"),
            "queries": ("*.rq", "*.yaml", "parts/"),
            "queries/parts": ("*.rq",),
        }
        for folder, patterns in read.items():
            found = sorted((self.root / folder).glob("[!.]*"))
            left = [each.name for each in found if not any(map(each.match, patterns))]
            if left:
                told = " and ".join(patterns).replace("[yY]*[lL]", "yaml")
                yield f"{folder}/: {_counted('left out', left)}, as only {told} are read"

    @classmethod
    def locate(cls, path: Path | str | None = None) -> Self:
        """Find the project to work on.

        With a path: that folder, which must hold ``seeds/``. Without: the current folder or the
        nearest above it whose ``seeds/`` holds ``documents/`` or ``register/``; else the corpus
        that ships with nhskg, whose build goes to the user's cache, one for each installation.

        Its settings hold from then on; see :func:`reading` and :func:`nhskg.rdf.terms.use_base`.

        Raises UsageError where the path is not a folder or holds no ``seeds/``, where a folder
        of the project cannot be read, and where no store can be put; InputError where its settings
        are at fault.
        """
        shipped, current = shipped_data(), Path.cwd()
        above = filter(_is_project, (current, *current.parents))
        root = next(above, None) if path is None else _check_project(Path(path))
        if root is not None:
            build = root / "build"
        else:
            root = shipped
            build = _user_cache() / f"build-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"
        ontology, shapes, queries = (
            Folders(tuple(dict.fromkeys(filter(Path.is_dir, (root / name, shipped / name)))))
            for name in ("ontology", "shapes", "queries")
        )
        found = cls(root, ontology, root / "seeds", shapes, queries, build, _use_settings(root))
        added = (ontology, ontology / "rules", shapes, queries)
        folders = (each for of in added for each in of.paths)
        for folder in (found.seeds, found.documents, found.register, *folders):
            _check_readable(folder)
        if not is_utf8(str(build)):
            problem = "no store can be put here, as the path is not UTF-8; rename the folder"
            raise UsageError(f"{escaped(str(build))}: {problem}")
        return found


_CREDIT: Final = ("title", "author", "version")
_SETTINGS: Final = {
    "base": str,
    "quote-words": int,
    "abbreviations": tuple,
    "paragraphs": str,
    "title": str,
    "author": str,
    "version": str,
    "licence": str,
}


def _use_settings(root: Path) -> Path | None:
    """Put the settings ``[corpus]`` of a folder to use; return their file, if there are any."""
    settings = find_settings(root, above=False)
    given = settings.values("corpus", _SETTINGS)
    base, words = given.get("base", terms.BASE), given.get("quote-words", QUOTE_WORDS)
    paragraphs = given.get("paragraphs")
    if not re.fullmatch(r"https?://[\w.~:/-]+/", base, re.ASCII):
        message = f"'{base}' is no base IRI; write one that ends in /, as https://example.org/my/"
        raise settings.fault(message, "corpus", "base")
    if not 1 <= words <= 99:
        raise settings.fault("'quote-words' is a number from 1 to 99", "corpus", "quote-words")
    if paragraphs not in (None, "lines", "blank-lines"):
        message = f"'paragraphs' cannot be '{paragraphs}'; it is one of lines, blank-lines"
        raise settings.fault(message, "corpus", "paragraphs")
    licence = given.get("licence")
    if licence and not re.fullmatch(r"https?://[^\s<>\"{}|\\^`]+", licence):
        message = f"'{licence}' is no address; write that of the licence, as https://…"
        raise settings.fault(message, "corpus", "licence")
    stops = frozenset(each.rstrip(".").lower() for each in given.get("abbreviations", ()))
    terms.use_base(base)
    credit = {name: str(given[name]) for name in _CREDIT if name in given}
    own = credit | {"URL": str(base)} if credit or base != terms.BASE else None
    _READING.set(Reading(words, stops, paragraphs, own, licence))
    return settings.path.resolve() if given else None


def _counted(what: str, names: list[str]) -> str:
    shown = ", ".join([*map(escaped, names[:_LISTED]), *["…"] * (len(names) > _LISTED)])
    return f"{len(names)} {what}" + (f" ({shown})" if names else "")


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
        return any((folder / "seeds" / name).is_dir() for name in ("documents/", "register/"))
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
    if cache := next((Path(each) for each in given if Path(each).is_absolute()), None):
        return cache / "nhskg"
    try:
        return Path.home() / ".cache" / "nhskg"
    except RuntimeError:  # neither HOME nor a user of this number
        problem = "no folder for a store is known; set XDG_CACHE_HOME to one, or give --project"
        raise UsageError(problem) from None
