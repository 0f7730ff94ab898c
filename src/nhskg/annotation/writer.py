"""Anchors annotations: writes positions and digests of their texts into the YAML, or verifies them.

The file is edited in place: comments, order, quoting, indentation and line ends stay as they are,
byte for byte, except for the values of ``at``, ``sha256``, ``length`` and ``sentences``. A second
run changes nothing.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

from nhskg.annotation.anchors import AnchorError, locate_passage, propose
from nhskg.annotation.claims import SECTIONS
from nhskg.annotation.edits import Edits
from nhskg.annotation.fields import quote_fault
from nhskg.annotation.texts import SourceText, read_text
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import Route, Source, read_source

_ANCHORS: Final = ("quote", "prefix", "suffix", "through")


class AnchorReport(NamedTuple):
    """What anchoring a file found: the number of its passages, and whether it was changed."""

    path: Path
    passages: int
    findings: tuple[Fault, ...]
    """What is missing or out of date (and, unless only checked, was put right)."""
    written: bool


def anchor_file(
    path: Path, texts: Path, *, check: bool = False, update_digest: bool = False
) -> AnchorReport:
    """Write the position of every passage, and the digest of the text, into a document's file.

    With ``check`` what is missing or out of date is only reported; with ``update_digest`` a text
    that differs from the one recorded is accepted. ``texts`` is the folder that holds the text.

    Raises AnnotationError with all faults of the file, and writes nothing, where file or text
    cannot be read, the text is not the one recorded, or a quote does not match exactly once; and
    InputError where the file cannot be edited in place, or cannot be written.
    """
    source = read_source(path)
    name = _source_name(source, texts)
    try:
        text = read_text(texts / name, source.data["document"].get("paragraphs"))
    except InputError as error:
        raise AnnotationError([Fault(error.place or Place(path), error.message)]) from error
    editing = _Editing(source, text)
    editing.anchor_header(update_digest=update_digest)
    passages = list(_passages(source.data))
    for route, raw in passages:
        editing.anchor_passage(route, raw)
    if editing.faults:
        raise AnnotationError([*editing.faults, *(editing.findings if check else ())])
    written = bool(editing.edits) and not check
    if written:
        write_atomically(path, editing.result())
    return AnchorReport(path, len(passages), tuple(sorted(editing.findings)), written)


def verify_texts(documents: Iterable[Path], texts: Path) -> list[Fault]:
    """Return what anchoring would refuse or change in each document; nothing is written."""
    faults: list[Fault] = []
    for path in documents:
        try:
            faults += anchor_file(path, texts, check=True).findings
        except AnnotationError as error:
            faults += error.faults
    return faults


def _source_name(source: Source, texts: Path) -> str:
    """Return the file name of the text that a document names, which must be there."""
    data = source.data if isinstance(source.data, dict) else {}
    header = data.get("document")
    name = header.get("source") if isinstance(header, dict) else None
    route: Route = ("document", "source")
    if header is None and not SECTIONS.keys().isdisjoint(data):
        route = ()
        message = "a register has no passages to anchor; name a file of seeds/documents"
    elif not isinstance(header, dict):
        message = "missing field 'document'"
    elif not isinstance(name, str) or Path(name).name != name:
        message = "'document' needs a 'source': the file name of the text, without a folder"
    elif not os.path.isfile(texts / name):  # noqa: PTH113  # is_file() of a name too long raises
        message = f"the text '{name}' is not in {texts}; pass the folder that holds it"
    else:
        return name
    raise AnnotationError([Fault(source.place(*route), message)])


def _passages(data: Any) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yield every mapping that holds a quote: claims, further passages, no-claim entries."""
    for name in ("claims", "no_claim"):
        for route, raw in _items(data, (name,)):
            yield route, raw
            yield from _items(raw, (*route, "also"))


def _items(holder: dict[str, Any], route: Route) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yield the mappings in the list at the end of a route, with the route to each."""
    value = holder.get(str(route[-1]))
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*route, index), item


class _Editing(Edits):
    """The edits that anchor a file; its data are edited at once."""

    def __init__(self, source: Source, text: SourceText) -> None:
        super().__init__(source)
        self.text = text
        self.findings: list[Fault] = []
        self.faults: list[Fault] = []

    def anchor_header(self, *, update_digest: bool) -> None:
        header: dict[str, Any] = self.source.data["document"]
        recorded, digest = header.get("sha256"), self.text.sha256
        if isinstance(recorded, str) and recorded != digest and not update_digest:
            message = (
                f"{self.text.path} is not the text that was annotated: its SHA-256 begins "
                f"{digest[:12]}, the one recorded {recorded[:12]}; "
                "find the text that was, or accept this one with --update-digest"
            )
            self._fault(("document", "sha256"), message)
            return
        self._set(header, ("document", "sha256"), digest, ("source",))
        length = str(len(self.text.text))
        self._set(header, ("document", "length"), length, ("source", "sha256"))
        if isinstance(title := header.get("title"), str) and title not in self.text.text:
            self._fault(
                ("document", "title"), f"the title is not in the text{propose(self.text, title)}"
            )
        after = ("source", "sha256", "length", "paragraphs")
        if self.text.is_wrapped:
            self._set(header, ("document", "paragraphs"), "blank-lines", after[:3])
        if starts := self.text.sentence_starts:
            self._set(header, ("document", "sentences"), starts, after)

    def anchor_passage(self, route: Route, raw: dict[str, Any]) -> None:
        given = {name: raw[name] for name in _ANCHORS if name in raw}
        for name, value in given.items():
            if not isinstance(value, str):
                self._fault((*route, name), f"'{name}' takes one value")
                return
            if fault := quote_fault(value):
                self._fault((*route, name), f"'{name}': {fault}")
        if "quote" not in given:
            self._fault(route, "missing field 'quote'")
            return
        try:
            span = locate_passage(self.text, **given)
        except AnchorError as problem:
            self._fault((*route, problem.part), problem.message)
        else:
            self._set(raw, (*route, "at"), list(map(str, span)), _ANCHORS)

    def _fault(self, route: Route, message: str) -> None:
        self.faults.append(Fault(self.source.place(*route), message))

    def _set(
        self, raw: dict[str, Any], route: Route, value: str | list[str], after: tuple[str, ...]
    ) -> None:
        """Record the edit that gives a field its value; a new one comes behind some others."""
        name, shown = str(route[-1]), _shown(value)
        if raw.get(name) == value:
            return
        if name == "sentences":
            shown = textwrap.fill(shown, 90)
            message = f"'{name}' is {'out of date' if name in raw else 'missing'}"
        elif name in raw:
            message = f"'{name}' is {_shown(raw[name])}, and should be {shown}"
        else:
            message = f"'{name}' is missing; it is {shown}"
        if name in raw:
            self.replace(route, shown)
        else:
            self.insert(route[:-1], f"{name}: {shown}", after)
        raw[name] = value
        self.findings.append(Fault(self.source.place(*route), message))


def _shown(value: Any) -> str:
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
