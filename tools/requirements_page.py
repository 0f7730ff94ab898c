"""The list of requirements in ``docs/validation.md``, generated from the shapes."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import BASE, DCTERMS, shorten_iri
from nhskg.shacl.findings import Rule
from nhskg.shacl.shapes import Shapes

BEGIN: Final = "<!-- requirements: make docs renews them -->"
END: Final = "<!-- end of requirements -->"

_TARGETS: Final = {
    "class": "{}",
    "node": "the node {}",
    "subjects of": "what has {}",
    "objects of": "values of {}",
}


def list_requirements(shapes: Shapes) -> str:
    """Return all requirements as Markdown: a section a file, an entry a requirement."""
    parts = []
    for path, group in groupby(shapes.requirements, key=_file):
        ontology = NamedNode(f"{BASE}shapes/{path.stem}")
        title = shapes.text(ontology, DCTERMS + "title") or path.stem
        about = shapes.text(ontology, DCTERMS + "description")
        parts.append(f"### {title}\n\n`shapes/{path.name}`. {about}\n")
        parts += map(_entry, group)
    return "\n".join(parts)


def _file(requirement: Rule) -> Path:
    return requirement.place.path if requirement.place else Path()


def _entry(requirement: Rule) -> str:
    targets = [(each.kind, shorten_iri(each.term.value)) for each in requirement.targets]
    looks_at = ", ".join(_TARGETS[kind].format(f"`{name}`") for kind, name in targets)
    scope = " Asserted graphs only." if requirement.asserted_only else ""
    message = requirement.demands[:1].upper() + requirement.demands[1:]
    return (
        f"**{requirement.id}** {requirement.title} ({requirement.severity.value.lower()}). "
        f"{message}.\n"
        f"*Protects against:* {requirement.protects}\n"
        f"*Repair:* {requirement.repair}.\n"
        f"*Looks at:* {looks_at}.{scope}\n"
    )


def put_list(page: str, requirements: str, *, path: Path = Path("docs/validation.md")) -> str:
    """Return a page with the list of requirements in the place of the one that it has.

    Raises:
        InputError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"no place for the list: {BEGIN} … {END}", place=Place(path))
    return f"{before}{begin}\n\n{requirements}\n{end}{after}"
