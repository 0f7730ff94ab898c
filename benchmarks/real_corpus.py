"""The five real documents as data: the forms and frequencies that synthetic corpora follow.

Nothing is written down by hand: the documents of ``seeds/`` are read when a benchmark runs.
A claim of a synthetic corpus takes the *form* of a real claim (which fields it has, its words
from the controlled vocabularies), so all shares, and how they go together, are those of the
texts. What things it names is drawn by how often the real claims name them in that field.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final

from nhskg.annotation.claims import CLAIM_MODELS
from nhskg.annotation.fields import slots
from nhskg.annotation.reader import read_corpus
from nhskg.project import Project, shipped_data
from nhskg.vocabulary import Kind, Vocabulary, load_vocabulary

Raw = dict[str, Any]
"""A claim, a document or a thing as its file has it."""

KEPT: Final = frozenset({"plan", "power", "predicate"})
"""Fields that a synthetic claim keeps from the form that it takes."""

KindsNamed = Mapping[tuple[str, str, Kind], Counter[str]]


@dataclass(frozen=True)
class RealCorpus:
    """The documents and the register, as their files have them.

    Attributes:
        documents: the raw documents, in order.
        register: the raw entries of the register by section.
        kinds: the kind of each id of the register.
        vocabulary: the terms that claims name beside the register.
        project: where it was read from.
    """

    documents: tuple[Raw, ...]
    register: Mapping[str, tuple[Raw, ...]]
    kinds: Mapping[str, Kind]
    vocabulary: Vocabulary
    project: Project

    @property
    def claims(self) -> int:
        """The number of claims: the size of one world."""
        return sum(len(each["claims"]) for each in self.documents)

    def kind_of(self, any_id: str) -> Kind | None:
        """Return what an id stands for: a thing of the register, or a term."""
        if any_id in self.kinds:
            return self.kinds[any_id]
        term = self.vocabulary.terms.get(any_id)
        return None if term is None else term.kind

    @cached_property
    def named(self) -> KindsNamed:
        """How often each id is named, by (kind of claim or predicate, field, kind of thing)."""
        found: dict[tuple[str, str, Kind], Counter[str]] = defaultdict(Counter)
        for document in self.documents:
            for claim in document["claims"]:
                for name, each in named_in(claim):
                    kind = self.kind_of(each)
                    if kind is not None:
                        found[(form_of(claim), name, kind)][each] += 1
        return found


def form_of(claim: Raw) -> str:
    """Return what decides which things may stand in a claim's fields."""
    return str(claim.get("predicate") or claim["kind"])


def named_in(claim: Raw) -> Iterator[tuple[str, str]]:
    """Yield (field, id) of each thing, term or claim that a claim names at its top level."""
    for name, slot in slots(CLAIM_MODELS[claim["kind"]]).items():
        if slot.ref is not None and name in claim:
            value = claim[name]
            yield from ((name, each) for each in (value if isinstance(value, list) else [value]))


@cache
def read_real_corpus() -> RealCorpus:
    """Read the five documents and their register, once a process."""
    project = Project.locate(shipped_data())
    vocabulary = load_vocabulary(project.ontology)
    corpus = read_corpus(project, vocabulary)
    sections: dict[str, list[Raw]] = defaultdict(list)
    for source in {entry.source.path: entry.source for entry in corpus.register.values()}.values():
        for section, entries in source.data.items():
            sections[section].extend(entries)
    return RealCorpus(
        tuple(document.source.data for document in corpus.documents),
        {name: tuple(entries) for name, entries in sections.items()},
        {each: entry.kind for each, entry in corpus.register.items()},
        vocabulary,
        project,
    )
