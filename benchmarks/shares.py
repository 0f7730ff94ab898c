"""What the five real documents are made of: the measure that synthetic corpora are cut to.

Nothing is written down by hand: the documents of ``seeds/`` are read when a benchmark runs.
A claim of a synthetic corpus takes the *form* of a real claim (which fields it has, its words
from the controlled vocabularies), so all shares, and how they go together, are those of the
texts. What things it names is drawn by how often the real claims name them in that field.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from nhskg.annotation.claims import CLAIM_MODELS
from nhskg.annotation.corpus import Corpus
from nhskg.annotation.fields import slots
from nhskg.annotation.reader import read_corpus
from nhskg.project import Project, shipped_data
from nhskg.vocabulary import Kind, Vocabulary, load_vocabulary

__all__ = ["Measured", "Raw", "measure", "seeds_project", "shares"]

Raw = dict[str, Any]
"""A claim, a document or a thing as its file has it."""

KEPT: Final = frozenset({"plan", "power", "predicate"})
"""Fields that a synthetic claim keeps from the form that it takes."""

KindsNamed = Mapping[tuple[str, str, Kind], Counter[str]]


@dataclass(frozen=True)
class Measured:
    """The real corpus as data: what its claims and its register look like.

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
        term = self.vocabulary.get(any_id)
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


def seeds_project() -> Project:
    """Return the project of the five documents, as it stands in this checkout."""
    return Project.locate(shipped_data())


def measure(project: Project | None = None) -> Measured:
    """Read the real corpus."""
    project = project or seeds_project()
    vocabulary = load_vocabulary(project.ontology)
    corpus = read_corpus(project, vocabulary)
    sections: dict[str, list[Raw]] = defaultdict(list)
    for path in dict.fromkeys(entry.source.path for entry in corpus.register.values()):
        source = next(e.source for e in corpus.register.values() if e.source.path == path)
        for section, entries in source.data.items():
            sections[section].extend(entries)
    return Measured(
        tuple(document.source.data for document in corpus.documents),
        {name: tuple(entries) for name, entries in sections.items()},
        {each: entry.kind for each, entry in corpus.register.items()},
        vocabulary,
        project,
    )


def shares(corpus: Corpus) -> dict[str, float]:
    """Return the shares of a corpus that a synthetic one has to match, by name.

    Shares of kinds are of all claims, those of fields of the claims of their kind; the rest
    are ratios of numbers.
    """
    claims = [claim for _, _, claim in corpus.claims()]
    provisions = [claim for claim in claims if claim.kind == "provision"]
    found: dict[str, float] = {}

    def count(group: str, values: Iterator[str | None], total: int) -> None:
        for value, number in sorted(Counter(values).items(), key=str):
            found[f"{group} {value or 'none'}"] = number / total

    count("kind", (claim.kind for claim in claims), len(claims))
    count("voice", (claim.voice for claim in claims), len(claims))
    for name in ("action", "modality", "deontic", "qualifier"):
        count(name, (getattr(each, name) for each in provisions), len(provisions))
    for name in ("gate", "cohort", "quantity", "timing", "power", "target"):
        given = sum(bool(getattr(each, name)) for each in provisions)
        found[f"provisions with {name}"] = given / len(provisions)
    things = corpus.register.values()
    plans = [entry.thing for entry in things if entry.kind is Kind.PLAN]
    spoken = sum(
        len({claim.plan for claim in each.claims if claim.kind == "provision"})
        for each in corpus.documents
    )
    found["claims per document"] = len(claims) / len(corpus.documents)
    found["plans per document"] = spoken / len(corpus.documents)
    found["claims per sentence"] = len(claims) / _sentences(corpus)
    found["things per claim"] = len(corpus.register) / len(claims)
    found["plans per claim"] = len(plans) / len(claims)
    found["mean depth of baselines"] = _mean_depth(
        {plan.id: getattr(plan, "baseline", None) for plan in plans}
    )
    return found


def _sentences(corpus: Corpus) -> int:
    return sum(len({claim.at for claim in each.claims}) for each in corpus.documents)


def _mean_depth(baselines: Mapping[str, str | None]) -> float:
    def depth(plan: str) -> int:
        below = baselines.get(plan)
        return 0 if below is None else 1 + depth(below)

    return sum(depth(plan) for plan in baselines) / len(baselines)


def folder_of(project: Project) -> Path:
    """Return the folder that holds a project's ontology, shapes and queries."""
    return project.ontology.parent
