"""Which sentences of a text are accounted for: by a claim, or by a reason for none."""

from __future__ import annotations

from dataclasses import dataclass

from nhskg.annotation.anchors import SourceText
from nhskg.annotation.claims import NoClaim
from nhskg.annotation.corpus import Document, SomeClaim
from nhskg.annotation.sentences import Sentence, find_sentences, sentences_touching
from nhskg.rdf.errors import Fault
from nhskg.rdf.yaml_source import Route

__all__ = ["Coverage", "SentenceCoverage", "check_coverage", "measure_coverage"]


@dataclass(frozen=True, slots=True)
class SentenceCoverage:
    """One sentence, the claims made of it, and the reasons given for making none."""

    sentence: Sentence
    claims: tuple[str, ...]
    """Ids of the claims whose passages touch the sentence, in file order, each once."""
    reasons: tuple[str, ...]

    @property
    def accounted(self) -> bool:
        """Whether there is a claim or a reason."""
        return bool(self.claims or self.reasons)


@dataclass(frozen=True, slots=True)
class Coverage:
    """The sentences of one document, in order, with what accounts for each."""

    document: str
    sentences: tuple[SentenceCoverage, ...]
    unanchored: tuple[Route, ...]
    """Routes of passages without a position, which account for nothing."""

    @property
    def total(self) -> int:
        """How many sentences the text has."""
        return len(self.sentences)

    @property
    def with_claims(self) -> int:
        """How many sentences have at least one claim."""
        return sum(1 for each in self.sentences if each.claims)

    @property
    def with_reasons_only(self) -> int:
        """How many sentences have no claim, and a reason for that."""
        return sum(1 for each in self.sentences if each.reasons and not each.claims)

    @property
    def unaccounted(self) -> tuple[SentenceCoverage, ...]:
        """The sentences that have neither."""
        return tuple(each for each in self.sentences if not each.accounted)

    @property
    def complete(self) -> bool:
        """Whether every sentence is accounted for, and every passage anchored."""
        return not self.unaccounted and not self.unanchored


def measure_coverage(document: Document, text: SourceText | str) -> Coverage:
    """Return what accounts for each sentence of a text, by the recorded positions."""
    sentences = text.sentences if isinstance(text, SourceText) else find_sentences(text)
    claims: dict[Sentence, dict[str, None]] = {each: {} for each in sentences}
    reasons: dict[Sentence, list[str]] = {each: [] for each in sentences}
    unanchored = []
    owner: SomeClaim | NoClaim | None = None
    for route, passage in document.passages():
        owner = passage if isinstance(passage, SomeClaim | NoClaim) else owner
        if passage.at is None:
            unanchored.append(route)
            continue
        for sentence in sentences_touching(sentences, *passage.at):
            if isinstance(owner, NoClaim):
                reasons[sentence].append(owner.reason)
            elif owner is not None:
                claims[sentence][owner.id] = None
    return Coverage(
        document=document.id,
        sentences=tuple(
            SentenceCoverage(each, tuple(claims[each]), tuple(reasons[each])) for each in sentences
        ),
        unanchored=tuple(unanchored),
    )


def check_coverage(document: Document, text: SourceText) -> list[Fault]:
    """Return a fault for each sentence that nothing accounts for, and each that both do.

    The place of a missing sentence is the annotation file, as that is what to
    mend; the message names the line of the text and the sentence's first words.
    """
    faults = []
    for each in measure_coverage(document, text).sentences:
        start, end = each.sentence.start, each.sentence.end
        where = f"line {each.sentence.line} of {document.header.source}"
        first = " ".join(text.text[start:end].split()[:6])
        if not each.accounted:
            message = f"nothing accounts for the sentence on {where}: {first} …"
            faults.append(Fault(document.place("document"), message))
        elif each.claims and each.reasons:
            message = f"{where} has claims and a no_claim entry too: {first} …"
            faults.append(Fault(document.place("no_claim"), message))
    return faults
