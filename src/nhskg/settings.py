"""Settings in a file: ``nhskg.toml``, or the table ``[tool.nhskg]`` of ``pyproject.toml``.

Of each command that takes settings there is a table of its name, whose keys are its long options;
the command line wins. ``[corpus]`` has what a corpus is read by.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import read_text
from nhskg.rdf.nearest import hint

FILE_NAMES: Final = ("nhskg.toml", "pyproject.toml")
"""The names of a file of settings; of two in one folder the first is read."""

TABLES: Final = ("corpus", "validate")

_KINDS: Final = {
    bool: "true or false",
    int: "a whole number",
    str: 'a text: "…"',
    tuple: 'a list of texts: ["…", "…"]',
}
_POSITION: Final = re.compile(r" \(at (?:end of document|line (\d+), column \d+)\)")


@dataclass(frozen=True)
class Settings:
    """The tables of a file of settings; without a file there are none."""

    path: Path = Path()
    tables: Mapping[str, Any] = field(default_factory=dict)

    def values(self, table: str, kinds: Mapping[str, type]) -> dict[str, Any]:
        """Return the values of a table, a list of texts as a tuple; one text is a list, too.

        Raises:
            InputError: a key is not among those whose kind is given, or a value is of another kind.
        """
        found = dict(self.tables.get(table, {}))
        for key, value in found.items():
            if (kind := kinds.get(key)) is None:
                raise self.fault(f"unknown setting '{key}'{hint(key, kinds)}", table, key)
            if kind is tuple:
                found[key] = tuple(value) if isinstance(value, list) else (value,)
            texts = found[key] if kind is tuple else (found[key],) * (kind is str)
            fit = all(isinstance(each, str) and "\0" not in each for each in texts)
            if type(found[key]) is not kind or not fit:
                raise self.fault(f"'{key}' takes {_KINDS[kind]}", table, key)
        return found

    def fault(self, message: str, *keys: str) -> InputError:
        """Return an error at the line of a key, or of the table that it is in."""
        text, at = read_text(self.path), 0
        for key in ("tool", "nhskg", *keys) if self.path.name == "pyproject.toml" else keys:
            names = re.compile(rf"(?m)^[\s\w.\"'\[-]*?(?<![\w-]){re.escape(key)}[\"'\s]*[].=]")
            if found := names.search(text, at):
                at = text.rfind("\n", 0, found.end()) + 1
        return InputError(message, place=Place(self.path, text.count("\n", 0, at) + 1))


def read_settings(path: Path) -> Settings:
    """Read the settings of a file; of a pyproject.toml, what is below ``[tool.nhskg]``.

    Raises:
        InputError: it cannot be read, is no TOML, or has a table that nothing reads.
    """
    import tomllib  # noqa: PLC0415  # most corpora have no file of settings

    try:
        tables: Any = tomllib.loads(read_text(path).removeprefix("\ufeff"))
    except RecursionError as error:
        raise InputError("not valid TOML: nested too deeply", place=Place(path)) from error
    except ValueError as error:  # a number of thousands of digits, too
        reason, line, *_ = *_POSITION.split(str(error)), None
        place = Place(path, int(line) if line else None)
        raise InputError(f"not valid TOML: {reason}", place=place) from error
    for name in ("tool", "nhskg") if path.name == "pyproject.toml" else ():
        tables = tables.get(name, {}) if isinstance(tables, dict) else {}
    settings = Settings(path, tables if isinstance(tables, dict) else {"nhskg": tables})
    for name, table in settings.tables.items():
        if name not in TABLES or not isinstance(table, dict):
            known = ", ".join(f"[{each}]" for each in TABLES)
            raise settings.fault(f"'{name}' is no table of settings; known are {known}", name)
    return settings


def find_settings(folder: Path, *, above: bool) -> Settings:
    """Return the settings of a folder, or of the nearest above it within its git repository.

    Raises:
        InputError: as :func:`read_settings` does.
    """
    for each in (folder, *folder.parents) if above else (folder,):
        for path in map(each.joinpath, FILE_NAMES):
            if not (path.is_file() or (path.exists() and path.name == FILE_NAMES[0])):
                continue
            found = read_settings(Path(os.path.relpath(path)))  # as faults name it
            if found.tables or path.name == FILE_NAMES[0]:
                return found
        if (each / ".git").exists():
            break
    return Settings()
