"""Questions in plain words: the stored query that is meant, its values, or what is in doubt.

No network and no model: the names of things are looked for in the question, by stems and with
slips of the pen forgiven; ``words.yaml`` beside the queries has the phrases that each query is
asked by. A question is answered only where every word of weight is understood, every thing it
names is made use of, and the answer has rows; else the doubt is told, with candidates.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final

import yaml
from pyoxigraph import Store

from nhskg.queries.answers import Answer, answer
from nhskg.queries.engine import select
from nhskg.queries.names import KINDS, read_named
from nhskg.queries.stored import Parameter, StoredQuery, list_queries
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import read_text

_OWNERS: Final = """
SELECT ?plan ?who { ?plan a nhs:Plan ; nhs:proposedBy|nhs:setOutIn/dcterms:creator ?who }
"""
_SPEAKERS: Final = """
SELECT ?who { { ?x nhs:claimant ?who } UNION { ?x a nhs:Stance ; nhs:subject ?who } }
"""
_TEXTS: Final = "SELECT ?text { ?x skos:prefLabel|skos:definition|oa:exact|dcterms:abstract ?text }"
_WORD: Final = re.compile(r"<?£?\w+>?")
_LIKENESS: Final = 88
"""From which likeness, of 100, a longer word counts as another one with a slip of the pen."""


_PLAIN: Final = 1.6
"""From which score a reading is plain enough to leave a vague word aside."""
_VERBS: Final = frozenset({"power", "relation"})
"""The kinds of what a question says with a verb."""
Values = dict[str, list["Thing"]]
"""The things that each parameter is given."""
_WHOSE: Final = frozenset({"agent", "plan"})
"""The parameters that tell whose a vague thing is."""
_NEEDED: Final = frozenset({"body", "person", "plan", "post"})
"""The kinds without which an answer would be another one, and not a wider one."""


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing of the graph, as people are told of it, and the kinds of parameter that it fits."""

    iri: str
    id: str
    label: str
    told: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Mention:
    """Stems of a question that name things by a whole name, or by a part that may be chance."""

    stems: tuple[str, ...]
    things: tuple[Thing, ...]
    is_part: bool = False

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of parameter that it may be given for."""
        return _kinds(self.things)

    @property
    def verbs(self) -> Set[str]:
        """The stems, of a power or a relation, which are words of a phrase as well."""
        return set(self.stems) if self.kinds & _VERBS else set()


@dataclass(frozen=True, slots=True)
class Reading:
    """A stored query that a question may mean, how well it fits, and which mentions are left."""

    score: float
    query: StoredQuery
    values: Values
    left: list[Mention]
    partly: frozenset[Thing]
    mentions: list[Mention]
    read: frozenset[str]
    """The stems of the cues and of what the query says of itself."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question was understood as, with its answer; or in doubt, and then without one."""

    query: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answer: Answer | None = None
    unused: tuple[str, ...] = ()
    doubt: str = ""
    candidates: tuple[str, ...] = ()

    @property
    def command(self) -> list[str]:
        """The command that asks the same, in its parts."""
        options = ((f"--{name}", value) for name, each in self.values.items() for value in each)
        return ["nhskg", "query", "run", str(self.query), *chain.from_iterable(options)]


class Asker:
    """Reads questions about one store, by the stored queries of a folder and its ``words.yaml``.

    Raises:
        InputError: ``words.yaml`` cannot be read.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        import snowballstemmer  # noqa: PLC0415  # only asking in plain words needs it

        self.store, self.folder = store, folder
        self._stemmer = snowballstemmer.stemmer("english")
        path = folder / "words.yaml"
        try:
            words: dict[str, Any] = yaml.safe_load(read_text(path))
            self._skipped = frozenset(words["skipped"].split())
            self._filler = set(map(self._stem, words["filler"].split()))
            self._turning = set(map(self._stem, words["turning"].split()))
            self._wide = set(map(self._stem, words["wide"].split()))
            self._outside = dict[str, str](words["outside"])
            self._nouns = words["vague"].keys()
            self._vague: dict[str, str] = {self._stem(k): v for k, v in words["vague"].items()}
            self._split = words["split"].split()
            self._whole = words["whole"].split()
            self._pronouns: dict[str, str] = words["pronouns"]
            self._cues = {
                name: [
                    (weight, tuple(self._stems(cue)))
                    for weight, cues in by_weight.items()
                    for cue in cues.split(", ")
                ]
                for name, by_weight in words["cues"].items()
            }
        except (KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
            raise InputError(f"faulty words ({error})", place=Place(path, 1)) from error
        self._queries = [each for each in list_queries(folder) if each.name in self._cues]
        self._read_things()
        self._speakers = {row["who"] for row in select(store, _SPEAKERS)}
        self._asking = {word for cues in self._cues.values() for _, cue in cues for word in cue}
        texts = {word for row in select(store, _TEXTS) for word in _split(row["text"])}
        texts.update(self._filler, *self._names, self._asking)
        self._known = texts | set(map(self._stem, texts))

    def _read_things(self) -> None:
        """Read what the graph names: things by the stems of their names, plans by their owners."""
        self._things = dict[str, Thing]()
        self._names, self._plans = (
            defaultdict[tuple[str, ...], set[str]](set),
            defaultdict[str, list[Thing]](list),
        )
        for each in read_named(self.store):
            kinds = {kind for kind, of in KINDS.items() if each.classes.intersection(of)}
            if not kinds:
                continue
            thing = Thing(each.iri, each.slug, each.label, str(each), frozenset({*kinds, "thing"}))
            self._things[each.iri] = thing
            surname = each.label.split()[-1:] if "person" in kinds else ()
            for name in (*each.names, *surname):
                self._names[tuple(self._stems(name))].add(each.iri)
        for row in sorted(select(self.store, _OWNERS), key=lambda each: each["plan"]):
            if plan := self._things.get(row["plan"]):
                self._plans[row["who"]].append(plan)

    def _stem(self, word: str) -> str:
        stem: str = self._stemmer.stemWord(word)
        return stem.removesuffix("s") if len(stem) < 6 else stem  # the plural of an abbreviation

    def _stems(self, text: str) -> list[str]:
        return [self._stem(each) for each in _split(text) if each not in self._skipped]

    def _mended(self, word: str) -> str:
        """Return a word, or the known one that it is like."""
        from rapidfuzz import fuzz, process  # noqa: PLC0415  # only asking in plain words needs it

        if len(word) < 5 or word in self._known or self._stem(word) in self._known:
            return word
        found = process.extractOne(word, self._known, scorer=fuzz.ratio, score_cutoff=_LIKENESS)
        return found[0] if found else word

    # -- reading

    def ask(self, question: str) -> Asked:
        """Answer a question, or say what is in doubt."""
        typed = _split(question)
        words = list(map(self._mended, typed))
        said = f"^ {' '.join(words)} "
        for phrase, why in self._outside.items():
            if f"{phrase} " in said:
                return Asked(doubt=f"this asks for {why}")
        told = {self._stem(each): word for each, word in zip(words, typed, strict=True)}
        stems = [self._stem(each) for each in words if each not in self._skipped]
        after_the = {after for word, after in pairwise(words) if word == "the"}
        bare = {self._stem(each) for each in after_the if each.removesuffix("s") in self._nouns}
        parts = self._parts(stems, bare)
        readings = sorted(self._readings(parts), key=lambda each: -each.score)
        return self._doubt(parts, bare, readings, told) or self._answered(parts, told, readings)

    def _parts(self, stems: Sequence[str], bare: Set[str] = frozenset()) -> list[Mention | str]:
        """Return the question as mentions and, between them, the stems of other words."""
        found, taken, every = dict[int, Mention](), set[int](), set(stems)

        def take(name: tuple[str, ...], at: Sequence[int], *, is_part: bool) -> None:
            taken.update(at)
            things = tuple(self._things[each] for each in sorted(self._names[name]))
            found[at[0]] = Mention(name, things, is_part)

        whole = [name for name in self._names if every.issuperset(name)]
        for name in sorted(whole, key=lambda each: (-len(each), each)):
            open_ = [{"" if n in taken else each} for n, each in enumerate(stems)]
            at = _find(name, open_)
            is_apart = at and at[-1] - at[0] >= len(name)
            if at and not self._filler.issuperset(name) and not (is_apart and bare & {*name}):
                take(name, at, is_part=False)
        left = {n: each for n, each in enumerate(stems) if n not in taken | self._filler}
        for name in self._partly(set(left.values()) - self._filler):
            at = [n for n, each in left.items() if each in name and n not in taken]
            take(name, at, is_part=True)
        kept = (n for n in range(len(stems)) if n in found or n not in taken)
        return [found.get(n, stems[n]) for n in kept]

    def _partly(self, left: set[str]) -> Iterator[tuple[str, ...]]:
        """Yield the names of which two words and half are said, or the last of two alone."""
        plain = left - self._asking - set(self._vague)
        while left:
            shares = [
                (len(said), len(said) / len(name), name)
                for name in self._names
                if 2 * len(said := left.intersection(name)) >= len(name)
                and (len(said) > 1 or (len(name) == 2 and name[1] in plain))
            ]
            if not shares:
                return
            best = max(shares)
            alike = {iri for each in shares if each[:2] == best[:2] for iri in self._names[each[2]]}
            if len(alike) == 1 or best[0] > 1:
                yield best[2]
            left = left.difference(best[2])

    def _readings(self, parts: Sequence[Mention | str]) -> Iterator[Reading]:
        """Yield for each stored query that a cue asks for how well it fits, with its values."""
        forms = [
            {each}
            if isinstance(each, str)
            else {f"<{kind.split()[-1]}>" for kind in each.kinds} | each.verbs
            for each in parts
        ]
        mentions = [each for each in parts if isinstance(each, Mention)]
        partly = frozenset(each for part in mentions if part.is_part for each in part.things)
        for query in self._queries:
            found = [(weight, cue) for weight, cue in self._cues[query.name] if _find(cue, forms)]
            if found:
                weights = [weight for weight, _ in found]
                read = frozenset(self._stems(_about(query))) - self._turning
                read = read.union(*(cue for _, cue in found))
                values, left = self._assigned(query, parts)
                needed = [each for each in left if each.kinds & _NEEDED]
                lost = 0.6 if query.name in self._whole else 1.5
                score = max(weights) + 0.1 * len(weights) - lost * len(needed) - 0.2 * len(left)
                yield Reading(
                    score, query, values, needed if lost > 1 else [], partly, mentions, read
                )

    def _assigned(
        self, query: StoredQuery, parts: Sequence[Mention | str]
    ) -> tuple[Values, list[Mention]]:
        """Give each mention to a parameter of its kind; return the values, and what is left."""
        values, left = dict[str, list[Thing]](), list[Mention]()
        closest = sorted(query.parameters, key=_closeness)
        mentions = [each for each in parts if isinstance(each, Mention)]
        plans = {thing.iri for each in mentions for thing in each.things if "plan" in thing.kinds}
        for mention in mentions:
            fitting = {each.name: list(self._fitting(mention, each.kind)) for each in closest}
            names = [name for name, things in fitting.items() if things]
            if (
                names[:1] == ["plan"]
                and mention.kinds & {"agent"}
                and plans & {each.iri for each in fitting["plan"]}
            ):
                continue  # whose plan is named beside
            if not names:
                left.append(mention)
                continue
            name = names[0]
            if name == "plan" and "other" in names and "plan" in values:
                name = "other"
            if (
                name == "agent"
                and "about" in names
                and "agent" in values
                and "person" not in mention.kinds
            ):
                name = "about"
            values.setdefault(name, []).extend(
                each for each in fitting[name] if each not in values.get(name, ())
            )
        kinds = [
            Thing(each, each, each, each, frozenset())
            for each in KINDS
            if self._stem(each) in parts
        ]
        if kinds and any((each.name, each.kind) == ("kind", "string") for each in closest):
            values["kind"] = kinds
        if "body" in values and len(values.get("power", ())) > 1:
            del values["power"]  # it is all of a body's powers that tell which of them it has
        return values, left

    def _fitting(self, mention: Mention, kind: str) -> Iterator[Thing]:
        for thing in mention.things:
            is_vague = thing.kinds & _VERBS or (mention.is_part and "post" in thing.kinds)
            is_mute = kind == "agent" and thing.iri not in self._speakers
            if kind in thing.kinds and (kind != "thing" or not is_vague) and not is_mute:
                yield thing
            elif kind == "plan":
                yield from self._plans.get(thing.iri, ())

    def _answered(
        self, parts: Sequence[Mention | str], told: Mapping[str, str], readings: Sequence[Reading]
    ) -> Asked:
        """Return the first answer that has rows, of the readings that fit best."""
        for each in readings:
            is_far = each.score < readings[0].score - 0.5
            if is_far or each.left or (readings[0].values and not each.values):
                continue
            unread = {part: told[part] for part in dict.fromkeys(self._unread(parts, each))}
            for values in self._variants(each):
                asked = {name: tuple(one.id for one in things) for name, things in values.items()}
                found = answer(self.store, self.folder, each.query.name, asked)
                if not found.rows:
                    continue
                if each.query.name in self._split and (plans := self._differing(parts, values)):
                    doubt = "the plans differ; name one, or ask of 'each plan'"
                    return Asked(doubt=doubt, candidates=plans)
                unused = (*unread.values(), *self._unused(each, asked))
                reading = Asked(each.query.name, asked, found, unused)
                if turning := [unread[word] for word in self._turning.intersection(unread)]:
                    doubt = f"no query takes '{', '.join(turning)}' here; leave it out for"
                    return Asked(doubt=doubt, candidates=(shlex.join(reading.command),))
                return reading
        best = readings[0]
        if best.left:
            doubt = f"nothing that is ready to ask takes '{best.left[0].things[0].label}' here"
        else:
            given = ", ".join(each.id for things in best.values.values() for each in things)
            doubt = f"'{best.query.name}' has nothing{given and f' on {given}'}; the texts may say"
            doubt += " it in other words, try"
        return Asked(doubt=doubt, candidates=_shown(best.mentions))

    def _unread(self, parts: Sequence[Mention | str], reading: Reading) -> Iterator[str]:
        """Yield the words of weight, and those that turn a question round, that a query lacks."""
        things = chain.from_iterable(reading.values.values())
        read = reading.read.union(*(self._stems(each.told) for each in things))
        for part in parts:
            is_light = part in self._filler and part not in self._turning
            if isinstance(part, str) and part not in read and not is_light:
                yield part

    def _unused(self, reading: Reading, asked: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Yield the things that a question names and that no row is about."""
        for mention in reading.mentions:
            owned = (plan for thing in mention.things for plan in self._plans.get(thing.iri, ()))
            own = {each.id for each in chain(mention.things, owned)}
            wide = own.union(each.id for each in self._family(mention.things))
            given = {name: each for name, each in asked.items() if not own.isdisjoint(each)}
            mine = {**asked} | {
                name: tuple(wide.intersection(each)) for name, each in given.items()
            }
            if not given and reading.read.issuperset(mention.stems):
                continue  # what it says is in the words that the query is asked by
            is_met = mine == asked or answer(self.store, self.folder, reading.query.name, mine).rows
            if not given or not is_met:
                yield mention.things[0].told

    def _variants(self, reading: Reading) -> Iterator[Values]:
        """Yield the values, and wider ones: of all things named after one, of any matter."""
        kinds = {each.name: each.kind for each in reading.query.parameters}
        wide = {
            name: self._family(things) if kinds[name] == "thing" else things
            for name, things in reading.values.items()
        }
        yield wide if "about" in wide else reading.values
        yield wide
        agents = wide.get("agent", [])
        if {"agent", "about"} <= kinds.keys() and "person" not in _kinds(agents):
            about = wide.get("about") or self._family(agents)
            yield {"about": about} if about else {}
        if {"power", "plan", "matter"} <= wide.keys():
            yield {name: each for name, each in wide.items() if name != "matter"}
        if "plan" in wide and reading.partly:
            sure = {k: [each for each in v if each not in reading.partly] for k, v in wide.items()}
            yield {name: things for name, things in sure.items() if things}

    def _family(self, things: Sequence[Thing]) -> list[Thing]:
        """Return things with the matters whose labels contain the label of one of them."""
        stems = [set(self._stems(each.label)) for each in things]
        named = (
            each
            for each in self._things.values()
            if "matter" in each.kinds and any(one <= set(self._stems(each.label)) for one in stems)
        )
        return list(dict.fromkeys((*things, *named)))

    # -- doubts

    def _doubt(
        self,
        parts: Sequence[Mention | str],
        bare: Set[str],
        readings: Sequence[Reading],
        told: Mapping[str, str],
    ) -> Asked | None:
        """Return what is in doubt before anything is asked."""
        unknown = [
            told[each] for each in parts if isinstance(each, str) and each not in self._known
        ]
        if unknown:
            return Asked(doubt=f"no text of the graph has a word like {', '.join(unknown)}")
        before = {"thing"} if any(isinstance(each, Mention) for each in parts) else set[str]()
        best = readings[0] if readings else None
        is_narrow = best is not None and best.score >= _PLAIN and bool(best.values)
        is_whose = best is not None and not _WHOSE.isdisjoint(best.values)
        for part in parts:
            stem = part if isinstance(part, str) else part.stems[-1]
            is_alone, is_bare = isinstance(part, str) or len(part.stems) == 1, stem in bare
            if is_alone and (kind := self._vague.get(stem)):
                is_open = kind != "plan" and isinstance(part, str) and not is_narrow
                if is_open or (is_bare and not (is_narrow and is_whose)):
                    return self._which(told[stem], kind, stem)
            if isinstance(part, str) and (kind := self._pronouns.get(part)) and kind not in before:
                return self._which(told[part], kind)
            before |= part.kinds if isinstance(part, Mention) else set()
        if best is None:
            doubt = "no query fits; 'nhskg query list' shows what can be asked"
            mentions = [each for each in parts if isinstance(each, Mention)]
            return Asked(doubt=doubt, candidates=_shown(mentions))
        return None

    def _which(self, word: str, kind: str, stem: str = "") -> Asked:
        """Ask back which thing of a kind a word means: one with the word in its name, or any."""
        named = {iri for name, iris in self._names.items() if stem in name for iri in iris}
        of_kind = [each for each in self._things.values() if kind in each.kinds - {"thing"}]
        if kind == "plan":
            of_kind = list(dict.fromkeys(chain.from_iterable(self._plans.values())))
        fitting = [each for each in of_kind if each.iri in named]
        fitting = fitting if len(fitting) > 1 else of_kind
        return Asked(doubt=f"which is meant by '{word}'?", candidates=_listed(fitting))

    def _differing(self, parts: Sequence[Mention | str], values: Values) -> tuple[str, ...]:
        """Return the plans to choose from, where none is named and several speak of a body."""
        bodies = [each.id for things in values.values() for each in things if "body" in each.kinds]
        is_narrow = not values.keys() <= {"body", "target", "matter"}
        if is_narrow or not bodies or not self._wide.isdisjoint(parts):
            return ()
        plans = set[str]()
        for name in ("body", "matter"):
            rows = answer(self.store, self.folder, "entries", {name: bodies}).rows
            plans.update(row["plan_id"] for row in rows)
        proposed = {each for several in self._plans.values() for each in several}
        named = [each for each in proposed if each.id in plans]
        return _listed(named) if len(named) > 1 else ()


def _kinds(things: Iterable[Thing]) -> frozenset[str]:
    return frozenset().union(*(each.kinds for each in things))


def _shown(mentions: Sequence[Mention]) -> tuple[str, ...]:
    """Return the commands that show all that the graph has of what a question names."""
    return tuple(f"nhskg show {each.things[0].id}" for each in mentions)


def _about(query: StoredQuery) -> str:
    """Return what a query says of itself: its question, parameters and columns."""
    told = chain.from_iterable((each.name, each.about) for each in query.parameters)
    columns = " ".join(query.columns).replace("_", " ")
    return f"{query.question} {' '.join(told)} {columns}"


def _listed(things: Iterable[Thing]) -> tuple[str, ...]:
    return tuple(sorted({each.told for each in things}))


def _closeness(parameter: Parameter) -> tuple[bool, int]:
    """Return the order in which parameters are given values: plans first, the widest kind last."""
    return parameter.kind != "plan", len(KINDS.get(parameter.kind, ())) or 99


def _split(text: str) -> list[str]:
    """Return the words of a text in small letters, without the possessive s, "not" written out."""
    lowered = re.sub(r"n['’]t\b", " not", text.lower())
    return _WORD.findall(re.sub(r"['’]s\b", "", lowered).replace("-", " "))


def _find(phrase: Sequence[str], forms: Sequence[set[str]]) -> list[int]:
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
