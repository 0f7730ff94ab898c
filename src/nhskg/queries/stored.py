"""Stored queries: one SPARQL query a file, with a header for its parameters and columns.

The header is YAML behind ``#+`` at the start of the file (the notation of grlc)::

    #+ title: Holders of a power under each plan
    #+ question: Which body holds this power under each plan?
    #+ parameters:
    #+   power: {type: power, default: sign-off, about: the power asked for}
    #+ columns: [plan, holder, basis]
    #+ order: [plan, basis]
    WHERE { … }

A body that begins with ``WHERE`` gets its ``SELECT DISTINCT`` of the columns, its ``ORDER BY`` (of
``order``, then of the other columns) and its prefixes from the header. With ``like: entries`` a
query has the body and the header of the query ``entries``, but for a body of its own and what its
own header says; ``defaults`` gives other defaults of the parameters. A ``note`` is told above each
answer, ``none`` in place of one without rows, where the query is not of what the texts say.

A parameter ``k`` is the variable ``?asked_k``, left free by the line that is to be there,
``VALUES ?asked_k { UNDEF }``; the values given replace ``UNDEF``, as RDF terms, never as text. Of
several values, the answer is that of each.
A line ``#given k: pattern`` is a comment in SPARQL. For our store, where ``k`` has a value, it is a
pattern, which finds by an index what the query's own filters would leave: it never changes answers.
``#given k unless i j: pattern`` is one where ``i`` and ``j`` have no value, ``#given nothing:``
one where no parameter has any.
A line ``#include part`` stands for the text of ``parts/part.rq``, which several queries share;
``#include part as other`` names each variable ``?x`` of it ``?other_x``, and ``?other_x``
of it ``?x``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, takewhile
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from pyoxigraph import Literal, NamedNode, Store

from nhskg.queries.names import KINDS, resolve
from nhskg.queries.nested_loops import nest_loops
from nhskg.rdf.errors import InputError, Place, UsageError
from nhskg.rdf.files import AnyFolder, files_in, find_file, read_text
from nhskg.rdf.nearest import hint
from nhskg.rdf.terms import PREFIXES
from nhskg.rdf.yaml_source import load_plain

_SLOT: Final = re.compile(r"VALUES \?asked_(\w+) \{ UNDEF \}")
_INDENTED: Final[Mapping[str, Any]] = {"subsequent_indent": "       ", "break_long_words": False}
_HINT: Final = re.compile(r"^( *)#given (\w+)(?: unless ([\w ]+))?: ", re.MULTILINE)
_HINTED: Final = re.compile(_HINT.pattern + r".*\n", re.MULTILINE)
_SORTED: Final = re.compile(
    r"^SELECT DISTINCT ([?\w\s]+)(WHERE .*)^ORDER BY ([?\w\s]+)\Z", re.M | re.S
)
_INCLUDE: Final = re.compile(r"^ *#include (\w+)(?: as (\w+))?\n", re.MULTILINE)

Values = Mapping[str, str | Sequence[str]]
"""The value, or values, of each parameter that is given."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a stored query; without a value its variable is left free.

    Its kind is ``string``, ``integer``, ``boolean``, or one of :data:`nhskg.queries.names.KINDS`,
    named by id. A string may have to be ``among`` some.
    """

    name: str
    kind: str
    default: str | None
    about: str = ""
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredQuery:
    """A stored query with its header, named as its file, whose ``text`` it is."""

    name: str
    path: Path
    question: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    text: str
    note: str = ""
    """What people are told above each answer."""
    title: str = ""
    tags: tuple[str, ...] = ()
    none: str = ""
    """What people are told where there is no row, if not that the texts do not say it."""


def list_queries(folder: AnyFolder) -> list[StoredQuery]:
    """Read all stored queries of a folder, by name; see :func:`read_query`."""
    return [read_query(path, folder) for path in files_in(folder, ".rq")]


def find_query(folder: AnyFolder, name: str) -> StoredQuery:
    """Read the stored query of a name; UsageError names the nearest, or all, if there is none."""
    paths = {path.stem: path for path in files_in(folder, ".rq")}
    if name not in paths:
        raise UsageError(f"unknown query '{name}'{hint(name, paths)}")
    return read_query(paths[name], folder)


def read_query(path: Path, folder: AnyFolder | None = None) -> StoredQuery:
    """Read one stored query, of which the folder has the parts; by default its own.

    Raises:
        InputError: the file or a part of it cannot be read, or its header is missing or faulty.
    """
    text, place, folder = read_text(path), Place(path, 1), folder or path.parent
    header, text = _header(path, text), _with_parts(path, text, folder / "parts")
    seen = [path]
    while like := header.pop("like", None):
        if (base := find_file(folder, f"{like}.rq")) is None or base in seen:
            raise InputError(f"no query '{like}' to be like", place=place)
        seen.append(base)
        known = read_text(base)
        of_base, defaults = _header(base, known), header.get("defaults") or {}
        header = {**of_base, **header, "defaults": {**(of_base.get("defaults") or {}), **defaults}}
        text += "" if _body(text) else _body(_with_parts(base, known, folder / "parts"))
    try:
        title, question = str(header["title"]), str(header["question"])
        columns = tuple(map(str, header["columns"]))
        given, defaults = header.get("parameters") or {}, header.get("defaults") or {}
        own = {name: {"default": value} for name, value in defaults.items()}
        parameters = tuple(_parameter(k, {**v, **own.pop(k, {})}) for k, v in given.items())
        order, tags = (tuple(map(str, header.get(name) or ())) for name in ("order", "tags"))
    except (KeyError, TypeError, AttributeError) as error:
        needs = "it needs title, question, parameters and columns"
        raise InputError(f"faulty header ({error}); {needs}", place=place) from error
    for each in parameters:
        if _slot(each.name) not in text:
            message = f"parameter '{each.name}' has no line '{_slot(each.name)}'"
            raise InputError(message, place=place)
    if (body := _body(text)).startswith("WHERE"):
        text = text.removesuffix(body) + _completed(body.rstrip(), columns, order)
    note, none = (str(header.get(name, "")) for name in ("note", "none"))
    told = (question, parameters, columns, text, note, title, tags, none)
    return StoredQuery(path.stem, path, *told)


def _header(path: Path, text: str) -> dict[str, Any]:
    lines = takewhile(lambda line: line.startswith("#+"), text.splitlines())
    header = load_plain("\n".join(line[2:].removeprefix(" ") for line in lines), path, column=4)
    if not isinstance(header, dict):
        raise InputError("no header; begin the file with '#+ title: …'", place=Place(path, 1))
    for name in ("parameters", "defaults"):
        if not isinstance(header.get(name) or {}, dict):
            message = f"faulty header: '{name}' has a name and a value on each line"
            raise InputError(message, place=Place(path, 1))
    return header


def _body(text: str) -> str:
    """Return the text of a query without its header."""
    return re.sub(r"\A(#\+.*(\n|\Z))*", "", text)


def _completed(body: str, columns: Sequence[str], order: Sequence[str]) -> str:
    """Return a query of its WHERE clause, with prefixes and all columns in its ORDER BY."""
    used = {*re.findall(r"\b(\w+):\w", body)}
    prefixes = "".join(f"PREFIX {k}: <{iri}>\n" for k, iri in PREFIXES.items() if k in used)
    select, by = (
        fill(" ".join(f"?{name}" for name in names), 100, initial_indent=lead, **_INDENTED)
        for lead, names in (
            ("SELECT DISTINCT ", columns),
            ("ORDER BY ", dict.fromkeys([*order, *columns])),
        )
    )
    return f"{prefixes}{select}\n{body}\n{by}\n"


MOST_LETTERS: Final = 1_000_000
"""Letters of a query with all its parts; parts may include each other many times."""


def _with_parts(
    path: Path,
    text: str,
    parts: AnyFolder,
    around: tuple[Path, ...] = (),
    known: dict[Path, str] | None = None,
) -> str:
    """Return the text of a file with the parts that it includes, which may include others."""
    around, known = (*around, path), {} if known is None else known

    size = len(text)

    def included(line: re.Match[str]) -> str:
        nonlocal size
        name, place = f"{line[1]}.rq", Place(path, text.count("\n", 0, line.start()) + 1)
        part = find_file(parts, name)
        if part in around:
            raise InputError(f"part '{line[1]}' includes itself; take this line out", place=place)
        if part is None:
            problem = f"no part '{line[1]}'; it would be the file {Path(parts) / name}"
            raise InputError(problem, place=place)
        if part not in known:
            known[part] = _with_parts(part, read_text(part), parts, around, known)
        found = known[part]
        size += len(found)
        if size > MOST_LETTERS:
            message = f"has more than {MOST_LETTERS:,} letters with its parts; include fewer"
            raise InputError(message, place=place)
        named = re.sub(r"\?(?=\w)", f"?{line[2]}_", found) if line[2] else found
        return named.replace("?other_other_", "?")

    return _INCLUDE.sub(included, text)


def _parameter(name: str, facts: Mapping[str, Any]) -> Parameter:
    kind, default = str(facts["type"]), facts.get("default")
    if kind not in (*KINDS, "string", "integer", "boolean"):
        raise TypeError(f"unknown parameter type '{kind}'")
    about = str(facts.get("about", ""))
    among = ("yes", "no") if kind == "boolean" else tuple(map(str, facts.get("among", ())))
    return Parameter(str(name), kind, None if default is None else str(default), about, among)


def _slot(name: str, *terms: object) -> str:
    return f"VALUES ?asked_{name} {{ {' '.join(map(str, terms)) or 'UNDEF'} }}"


def bind(query: StoredQuery, values: Values, store: Store, *, standard: bool = False) -> str:
    """Return the query's text with values bound as terms; see :func:`asked_terms`."""
    return bind_terms(query, asked_terms(query, values, store), standard=standard)


def bind_terms(
    query: StoredQuery,
    terms: Mapping[str, Sequence[NamedNode | Literal]],
    *,
    standard: bool = False,
) -> str:
    """Return the query's text with the terms of each parameter bound.

    The text is rewritten for our store (:mod:`nhskg.queries.nested_loops`) unless standard SPARQL
    1.1 is wanted: that is without the header, and without the patterns for our store. The store
    keeps whole solutions to sort them: here only their columns, which are all in ``ORDER BY``.
    """
    # in one pass: the text of a value may itself look like a parameter
    text = _SLOT.sub(lambda slot: _slot(slot[1], *terms.get(slot[1], ())), query.text)
    if standard:
        return _HINTED.sub("", _body(text))

    def hinted(line: re.Match[str]) -> str:
        others = (line[3] or "").split()
        if line[2] == "nothing":
            return line[0] if any(terms.values()) else line[1]
        return line[1] if terms.get(line[2]) and not any(map(terms.get, others)) else line[0]

    nested = nest_loops(_HINT.sub(hinted, text))
    return _SORTED.sub(r"SELECT REDUCED \1WHERE { { SELECT \3\2} }\nORDER BY \3", nested)


def asked_terms(
    query: StoredQuery, values: Values, store: Store
) -> dict[str, list[NamedNode | Literal]]:
    """Return the terms of each parameter: of names (looked up), texts or numbers, or its default.

    A parameter may have several values; a comma parts them, too, where the whole is no name.

    Raises:
        UsageError: a parameter or a name is unknown, or of the wrong kind.
    """
    known = [parameter.name for parameter in query.parameters]
    for name in (each for each in values if each not in known):
        unknown = f"query '{query.name}' has no parameter '{name}'{hint(name, known)}"
        raise UsageError(f"{unknown}; it takes {', '.join(known) or 'none'}")
    found: dict[str, list[NamedNode | Literal]] = {}
    for each in query.parameters:
        given = values.get(each.name, each.default)
        several = [given] if given is None or isinstance(given, str) else given
        terms = (_terms(each, value, store) for value in several if value is not None)
        found[each.name] = list(chain.from_iterable(terms))
    return found


def _terms(parameter: Parameter, value: str, store: Store) -> Iterator[NamedNode | Literal]:
    parts = [each.strip() for each in value.split(",")]
    if parameter.kind in KINDS and len(parts) > 1:
        with suppress(UsageError):
            parts = [resolve(store, value, parameter.kind).value]
    for part in parts if parameter.kind in KINDS else [value]:
        yield _term(parameter, part, store)


def _term(parameter: Parameter, value: str, store: Store) -> NamedNode | Literal:
    if parameter.among and value not in parameter.among:
        raise UsageError(f"unknown {parameter.name} '{value}'{hint(value, parameter.among)}")
    if parameter.kind == "string":
        return Literal(value)
    if parameter.kind == "boolean":
        return Literal(value == "yes")
    if parameter.kind == "integer":
        try:
            return Literal(int(value))
        except ValueError:
            raise UsageError(f"parameter '{parameter.name}' takes a whole number") from None
    return resolve(store, value, parameter.kind)
