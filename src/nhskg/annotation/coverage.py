"""Which sentences of a text are accounted for: by a claim, or by a reason for none."""

from __future__ import annotations

from dataclasses import dataclass

from nhskg.annotation.anchors import SourceText
from nhskg.annotation.claims import NoClaim, SomeClaim
from nhskg.annotation.corpus import Document
from nhskg.annotation.sentences import Sentence, sentences_touching
from nhskg.rdf.errors import Fault


@dataclass(frozen=True, slots=True)
class SentenceCoverage:
    """One sentence, the claims made of it, and the reasons given for making none."""

    sentence: Sentence
    claims: tuple[str, ...]
    """Ids of the claims whose passages touch the sentence, in file order, each once."""
    reasons: tuple[str, ...]


def measure_coverage(document: Document, text: SourceText) -> tuple[SentenceCoverage, ...]:
    """Return what accounts for each sentence of a text, by the recorded positions.

    A passage without a position accounts for nothing.
    """
    claims: dict[Sentence, dict[str, None]] = {each: {} for each in text.sentences}
    reasons: dict[Sentence, list[str]] = {each: [] for each in text.sentences}
    owner: SomeClaim | NoClaim | None = None
    for _, passage in document.passages():
        owner = passage if isinstance(passage, SomeClaim | NoClaim) else owner
        touched = sentences_touching(text.sentences, *passage.at) if passage.at else ()
        for sentence in touched:
            if isinstance(owner, NoClaim):
                reasons[sentence].append(owner.reason)
            elif owner is not None:
                claims[sentence][owner.id] = None
    return tuple(
        SentenceCoverage(each, tuple(claims[each]), tuple(reasons[each])) for each in text.sentences
    )


def check_coverage(document: Document, text: SourceText) -> list[Fault]:
    """Return a fault for each sentence that nothing accounts for, and each that both do.

    The place of a missing sentence is the annotation file, as that is what to
    mend; the message names the line of the text and the sentence's first words.
    """
    faults = []
    for each in measure_coverage(document, text):
        start, end = each.sentence.start, each.sentence.end
        where = f"line {each.sentence.line} of {document.header.source}"
        first = " ".join(text.text[start:end].split()[:6])
        if not each.claims and not each.reasons:
            message = f"nothing accounts for the sentence on {where}: {first} …"
            faults.append(Fault(document.place("document"), message))
        elif each.claims and each.reasons:
            message = f"{where} has claims and a no_claim entry too: {first} …"
            faults.append(Fault(document.place("no_claim"), message))
    return faults
