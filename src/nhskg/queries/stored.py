"""Stored queries: one SPARQL query a file, with a header for its parameters and columns.

The header is YAML behind ``#+`` at the start of the file (the notation of grlc)::

    #+ title: Holders of a power under each plan
    #+ question: Which body holds this power under each plan?
    #+ parameters:
    #+   power: {type: power, default: sign-off, about: the power asked for}
    #+ columns: [plan, holder, basis]

A parameter ``k`` is the variable ``?asked_k``, in a line that is valid SPARQL and
leaves it free; the value given replaces ``UNDEF``, as an RDF term and
never as text::

    VALUES ?asked_power { UNDEF }
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pyoxigraph import Literal, NamedNode, Store

from nhskg.queries.names import KINDS, hint, resolve
from nhskg.rdf.errors import InputError, Place, UsageError
from nhskg.rdf.files import read_text

__all__ = [
    "Parameter",
    "StoredQuery",
    "bind",
    "find_query",
    "list_queries",
    "read_query",
]

_NAME: Final = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query.

    Attributes:
        name: the name of the variable that it binds.
        kind: ``power``, ``plan``, ``body``, ``matter``, ``agent``, ``thing``, ``string``
            or ``integer``; the first six take an id of the register or the vocabularies.
        default: the id or text used where none is given; nothing leaves the variable free.
        about: one line that says what it is for.
    """

    name: str
    kind: str
    default: str | None
    about: str


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A stored query with its header.

    Attributes:
        name: the file's name without its ending, in kebab case.
        path: the file.
        title: a few words.
        question: the question that it answers, as a person would ask it.
        parameters: in the order of the header.
        columns: the names of the columns that it gives, in order.
        text: the whole file, valid SPARQL.
    """

    name: str
    path: Path
    title: str
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    text: str


def list_queries(folder: Path) -> list[StoredQuery]:
    """Read all stored queries of a folder, by name.

    Raises:
        InputError: a file's header is missing or faulty.
    """
    return [read_query(path) for path in sorted(folder.glob("*.rq"))]


def find_query(folder: Path, name: str) -> StoredQuery:
    """Read the stored query of a name.

    Raises:
        UsageError: there is none; names the nearest, or all.
    """
    path = folder / f"{name}.rq"
    if _NAME.match(name) and path.is_file():
        return read_query(path)
    names = [path.stem for path in folder.glob("*.rq")]
    raise UsageError(f"unknown query '{name}'{hint(name, names)}")


def read_query(path: Path) -> StoredQuery:
    """Read one stored query.

    Raises:
        InputError: the file cannot be read, or its header is missing or faulty.
    """
    text = read_text(path)
    header = _header(path, text)
    try:
        columns = tuple(str(column) for column in header["columns"])
        parameters = tuple(_parameter(k, v) for k, v in (header.get("parameters") or {}).items())
        title, question = str(header["title"]), str(header["question"])
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"faulty header ({error}); it needs title, question, parameters and columns",
            place=Place(path, 1),
        ) from error
    query = StoredQuery(path.stem, path, title, question, parameters, columns, text)
    for name in (parameter.name for parameter in parameters):
        if not _slot(name).search(text):
            message = f"parameter '{name}' has no line 'VALUES ?asked_{name} {{ UNDEF }}'"
            raise InputError(message, place=Place(path, 1))
    return query


def _header(path: Path, text: str) -> dict[str, Any]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#+"):
            break
        lines.append(line[2:].removeprefix(" "))
    try:
        header = yaml.safe_load("\n".join(lines))
    except yaml.YAMLError as error:
        raise InputError(f"the header is not YAML: {error}", place=Place(path, 1)) from error
    if not isinstance(header, dict):
        raise InputError("no header; begin the file with '#+ title: …'", place=Place(path, 1))
    return header


def _parameter(name: str, facts: Mapping[str, Any]) -> Parameter:
    kind = str(facts["type"])
    if kind not in (*KINDS, "string", "integer"):
        raise TypeError(f"unknown parameter type '{kind}'")
    default = facts.get("default")
    about = str(facts.get("about", ""))
    return Parameter(str(name), kind, None if default is None else str(default), about)


def _slot(name: str) -> re.Pattern[str]:
    return re.compile(rf"VALUES \?asked_{re.escape(name)} \{{ UNDEF \}}")


def bind(query: StoredQuery, values: Mapping[str, str], store: Store) -> str:
    """Return the query's text with its parameters bound to RDF terms.

    Args:
        query: the stored query.
        values: given values by parameter name: ids, texts or numbers.
        store: where ids are looked up.

    Raises:
        UsageError: a parameter or an id is unknown, or of the wrong kind.
    """
    known = [parameter.name for parameter in query.parameters]
    for name in values:
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise UsageError(
                f"query '{query.name}' has no parameter '{name}'{hint(name, known)}; {takes}"
            )
    text = query.text
    for parameter in query.parameters:
        value = values.get(parameter.name, parameter.default)
        if value is not None:
            term = str(_term(parameter, value, store))
            slot = f"VALUES ?asked_{parameter.name} {{ {term} }}"
            text = slot.join(_slot(parameter.name).split(text))
    return text


def _term(parameter: Parameter, value: str, store: Store) -> NamedNode | Literal:
    if parameter.kind == "string":
        return Literal(value)
    if parameter.kind == "integer":
        try:
            return Literal(int(value))
        except ValueError:
            raise UsageError(f"parameter '{parameter.name}' takes a whole number") from None
    return resolve(store, value, parameter.kind)
