"""What a question names: things of a graph in plain words, and the words that ask for a query."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from nhskg.queries.engine import select
from nhskg.queries.names import Named, alike, read_named
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import AnyFolder, find_file, read_text
from nhskg.rdf.yaml_source import load_plain

_OWNERS: Final = """
SELECT ?plan ?who { ?plan a nhs:Plan ; nhs:proposedBy|nhs:setOutIn/dcterms:creator ?who }
"""
_SPEAKERS: Final = """
SELECT ?who { { ?x nhs:claimant ?who } UNION { ?x a nhs:Stance ; nhs:subject ?who } }
"""
_TEXTS: Final = "SELECT ?text { ?x skos:prefLabel|skos:definition|oa:exact|dcterms:abstract ?text }"
_WORD: Final = re.compile(r"<?£?\w+(?:&\w+)*>?")
_LIKENESS: Final = 88
"""From which likeness, of 100, a longer word counts as another one with a slip of the pen."""
VERBS: Final = frozenset({"power", "relation"})
"""The kinds of what a question says with a verb."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Stems of a question that name things by a whole name, or by a part that may be chance."""

    stems: tuple[str, ...]
    things: tuple[Named, ...]
    is_part: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of parameter that it may be given for."""
        return kinds_of(self.things)

    @property
    def verbs(self) -> Set[str]:
        """The stems, of a power or a relation, which are words of a phrase as well."""
        return set(self.stems) if self.kinds & VERBS else set()


class Vocabulary:
    """Names of the things of a store by stems, and the words of ``words.yaml`` beside the queries.

    Raises:
        InputError: ``words.yaml`` cannot be read.
    """

    def __init__(self, store: Store, folder: AnyFolder) -> None:
        import snowballstemmer  # noqa: PLC0415  # only asking in plain words needs it

        self.store, self.folder = store, folder
        self._stemmer, self._stems = snowballstemmer.stemmer("english"), dict[str, str]()
        path = find_file(folder, "words.yaml") or Path(folder) / "words.yaml"
        try:
            words: dict[str, Any] = load_plain(read_text(path), path)
            self.skipped = {*words["skipped"].split()}
            lists = ("filler", "turning", "wide", "auxiliary", "open")
            listed = (set(map(self.stem, words[name].split())) for name in lists)
            self.filler, self.turning, self.wide, self.auxiliary, self.open = listed
            self.by_plan, self.whole = words["split"].split(), words["whole"].split()
            self.nouns, self.pronouns = words["vague"].keys(), dict[str, str](words["pronouns"])
            self.vague: dict[str, str] = {self.stem(k): v for k, v in words["vague"].items()}
            self.outside = dict[str, str](words["outside"])
            self.evidence = dict[str, tuple[str, str]](words["evidence"])
            self.aside = {*words["aside"].split()}
            self.deontic = dict[str, str](words.get("deontic", {}))
            self.joined: dict[str, dict[str, dict[str, str]]] = words["joined"]
            self._preamble = re.compile(words["preamble"], re.IGNORECASE)
            self._phrases, self._alike = dict[str, str](), dict[str, frozenset[str]]()
            for first, others in words["alike"].items():
                group = [first, *others.split(", ")]
                self._phrases |= {each: first for each in group if " " in each}
                stems = frozenset(self.stem(each) for each in group if " " not in each)
                self._alike |= {each: self.alike(each) | stems for each in stems}
            self.cues = {
                name: [
                    (weight, tuple(self.stems(" ".join(self.words(cue)))))
                    for weight, cues in by_weight.items()
                    for cue in cues.split(", ")
                ]
                for name, by_weight in words["cues"].items()
            }
        except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
            told = " ".join(str(error).split())
            raise InputError(f"faulty words ({told})", place=Place(path, 1)) from error
        self._read_things()
        self.speakers = {row["who"] for row in select(store, _SPEAKERS)}
        self.stances = {word for _, cue in self.cues.get("stances", ()) for word in cue}
        self.asking = {word for cues in self.cues.values() for _, cue in cues for word in cue}
        texts = {word for row in select(store, _TEXTS) for word in split(row["text"])}
        texts.update(self.filler, *self.names, self.asking)
        self.known = texts | set(map(self.stem, texts))

    def _read_things(self) -> None:
        """Read what the graph names: things by the stems of their names, plans by their owners."""
        self.things = dict[str, Named]()
        self.names = defaultdict[tuple[str, ...], set[str]](set)
        self.plans = defaultdict[str, list[Named]](list)
        for each in (named for named in read_named(self.store) if named.kinds):
            self.things[each.iri] = each
            surname = each.label.split()[-1:] if "person" in each.kinds else ()
            for name in (*each.names, *surname):
                self.names[tuple(self.stems(name))].add(each.iri)
        for row in sorted(select(self.store, _OWNERS), key=lambda each: each["plan"]):
            if plan := self.things.get(row["plan"]):
                self.plans[row["who"]].append(plan)

    def stem(self, word: str) -> str:
        """Return the stem of a word, by Porter's algorithm for English."""
        if word not in self._stems:
            stem: str = self._stemmer.stemWord(word)
            # the plural of an abbreviation
            self._stems[word] = stem.removesuffix("s") if len(stem) < 6 else stem
        return self._stems[word]

    def stems(self, text: str) -> list[str]:
        """Return the stems of the words of a text, but for those that are skipped."""
        return [self.stem(each) for each in split(text) if each not in self.skipped]

    def alike(self, stem: str) -> frozenset[str]:
        """Return the stems of the words that stand for the same."""
        return self._alike.get(stem, frozenset({stem}))

    def words(self, question: str) -> list[str]:
        """Return the words of a question, without who asks, a phrase of several words as one."""
        text = " ".join(split(self._preamble.sub("", question)))
        for phrase, word in self._phrases.items():
            text = re.sub(rf"\b{phrase}\b", word, text)
        return text.split()

    def knows(self, stem: str) -> bool:
        """Tell whether a text, a name or ``words.yaml`` has a word, or one that means the same."""
        return not self.known.isdisjoint(self.alike(stem))

    def mended(self, word: str) -> str:
        """Return a word, or the known one that it is like."""
        if len(word) < 5 or word in self.known or self.knows(self.stem(word)):
            return word
        return next(iter(alike(word, self.known, _LIKENESS)), word)

    def parts(self, stems: Sequence[str], bare: Set[str] = frozenset()) -> list[Mention | str]:
        """Return the question as mentions and, between them, the stems of other words."""
        found, taken, every = dict[int, Mention](), set[int](), set(stems)

        def take(name: tuple[str, ...], at: Sequence[int], *, is_part: bool) -> None:
            taken.update(at)
            things = tuple(self.things[each] for each in sorted(self.names[name]))
            found[at[0]] = Mention(name, things, is_part)

        whole = [name for name in self.names if every.issuperset(name)]
        for name in sorted(whole, key=lambda each: (-len(each), each)):
            open_ = [{"" if n in taken else each} for n, each in enumerate(stems)]
            at = find(name, open_)
            is_apart = at and at[-1] - at[0] >= len(name)
            if at and not self.filler.issuperset(name) and not (is_apart and bare & {*name}):
                take(name, at, is_part=False)
        left = {n: each for n, each in enumerate(stems) if n not in taken | self.filler}
        for name in self._partly(set(left.values()) - self.filler):
            at = [n for n, each in left.items() if each in name and n not in taken]
            take(name, at, is_part=True)
        kept = (n for n in range(len(stems)) if n in found or n not in taken)
        return [found.get(n, stems[n]) for n in kept]

    def _partly(self, left: set[str]) -> Iterator[tuple[str, ...]]:
        """Yield the names of which two words and half are said, or the last of two alone."""
        plain = left - self.asking - set(self.vague)
        while left:
            shares = [
                (len(said), len(said) / len(name), name)
                for name in self.names
                if 2 * len(said := left.intersection(name)) >= len(name)
                and (len(said) > 1 or (len(name) == 2 and name[1] in plain))
            ]
            if not shares:
                return
            best = max(shares)
            alike = {iri for each in shares if each[:2] == best[:2] for iri in self.names[each[2]]}
            if len(alike) == 1 or best[0] > 1:
                yield best[2]
            left = left.difference(best[2])


def kinds_of(things: Iterable[Named]) -> frozenset[str]:
    """Return the kinds of parameter that some of the things fit."""
    return frozenset(kind for each in things for kind in (*each.kinds, "thing"))


def split(text: str) -> list[str]:
    """Return the words of a text in small letters, without possessives, "not" written out."""
    lowered = re.sub(r"n['’]t\b", " not", text.lower())
    return _WORD.findall(re.sub(r"['’](s|d|ll|re|ve|m)\b", "", lowered).replace("-", " "))


def find(phrase: Sequence[str], forms: Sequence[Set[str]]) -> list[int]:
    """Return where the words of a phrase stand, in order, with three others between at most."""
    for start in range(len(forms) if phrase else 0):
        at = [start - 1]
        for word in phrase:
            ahead = range(at[-1] + 1, min(len(forms), start + len(phrase) + 3))
            if not (places := [n for n in ahead if word in forms[n]]):
                break
            at.append(places[0])
        else:
            return at[1:]
    return []
