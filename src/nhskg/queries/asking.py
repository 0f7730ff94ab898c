"""Questions in plain words: the stored query that is meant, its values, or what is in doubt.

No network and no model: the names of things are looked for in the question, by stems and with
slips of the pen forgiven; ``words.yaml`` beside the queries has the phrases that each query is
asked by. A question is answered only where every word of weight is understood, every thing it
names is made use of, and the answer has rows; else the doubt is told, with candidates.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from nhskg.queries.answers import Answer, answer
from nhskg.queries.mentions import VERBS, Mention, Thing, Vocabulary, find, kinds_of, split
from nhskg.queries.names import KINDS
from nhskg.queries.stored import Parameter, StoredQuery, list_queries

_PLAIN: Final = 1.6
"""From which score a reading is plain enough to leave a vague word aside."""
Values = dict[str, list[Thing]]
"""The things that each parameter is given."""
_WHOSE: Final = frozenset({"agent", "plan"})
"""The parameters that tell whose a vague thing is."""
_NEEDED: Final = frozenset({"body", "person", "plan", "post"})
"""The kinds without which an answer would be another one, and not a wider one."""


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
        self.store, self.folder = store, folder
        self.words = Vocabulary(store, folder)
        self._queries = [each for each in list_queries(folder) if each.name in self.words.cues]

    def ask(self, question: str) -> Asked:
        """Answer a question, or say what is in doubt."""
        typed = split(question)
        words = list(map(self.words.mended, typed))
        said = f"^ {' '.join(words)} "
        for phrase, why in self.words.outside.items():
            if f"{phrase} " in said:
                return Asked(doubt=f"this asks for {why}")
        told = {self.words.stem(each): word for each, word in zip(words, typed, strict=True)}
        stems = [self.words.stem(each) for each in words if each not in self.words.skipped]
        after_the = {after for word, after in pairwise(words) if word == "the"}
        bare = {
            self.words.stem(each)
            for each in after_the
            if each.removesuffix("s") in self.words.nouns
        }
        parts = self.words.parts(stems, bare)
        readings = sorted(self._readings(parts), key=lambda each: -each.score)
        return self._doubt(parts, bare, readings, told) or self._answered(parts, told, readings)

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
            found = [
                (weight, cue) for weight, cue in self.words.cues[query.name] if find(cue, forms)
            ]
            if found:
                weights = [weight for weight, _ in found]
                read = frozenset(self.words.stems(_about(query))) - self.words.turning
                read = read.union(*(cue for _, cue in found))
                values, left = self._assigned(query, parts)
                needed = [each for each in left if each.kinds & _NEEDED]
                lost = 0.6 if query.name in self.words.whole else 1.5
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
            if self.words.stem(each) in parts
        ]
        if kinds and any((each.name, each.kind) == ("kind", "string") for each in closest):
            values["kind"] = kinds
        if "body" in values and len(values.get("power", ())) > 1:
            del values["power"]  # it is all of a body's powers that tell which of them it has
        return values, left

    def _fitting(self, mention: Mention, kind: str) -> Iterator[Thing]:
        for thing in mention.things:
            is_vague = thing.kinds & VERBS or (mention.is_part and "post" in thing.kinds)
            is_mute = kind == "agent" and thing.iri not in self.words.speakers
            if kind in thing.kinds and (kind != "thing" or not is_vague) and not is_mute:
                yield thing
            elif kind == "plan":
                yield from self.words.plans.get(thing.iri, ())

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
                if each.query.name in self.words.by_plan and (
                    plans := self._differing(parts, values)
                ):
                    doubt = "the plans differ; name one, or ask of 'each plan'"
                    return Asked(doubt=doubt, candidates=plans)
                unused = (*unread.values(), *self._unused(each, asked))
                reading = Asked(each.query.name, asked, found, unused)
                if turning := [unread[word] for word in self.words.turning.intersection(unread)]:
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
        read = reading.read.union(*(self.words.stems(each.told) for each in things))
        for part in parts:
            is_light = part in self.words.filler and part not in self.words.turning
            if isinstance(part, str) and part not in read and not is_light:
                yield part

    def _unused(self, reading: Reading, asked: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
        """Yield the things that a question names and that no row is about."""
        for mention in reading.mentions:
            owned = (
                plan for thing in mention.things for plan in self.words.plans.get(thing.iri, ())
            )
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
        if {"agent", "about"} <= kinds.keys() and "person" not in kinds_of(agents):
            about = wide.get("about") or self._family(agents)
            yield {"about": about} if about else {}
        if {"power", "plan", "matter"} <= wide.keys():
            yield {name: each for name, each in wide.items() if name != "matter"}
        if "plan" in wide and reading.partly:
            sure = {k: [each for each in v if each not in reading.partly] for k, v in wide.items()}
            yield {name: things for name, things in sure.items() if things}

    def _family(self, things: Sequence[Thing]) -> list[Thing]:
        """Return things with the matters whose labels contain the label of one of them."""
        stems = [set(self.words.stems(each.label)) for each in things]
        named = (
            each
            for each in self.words.things.values()
            if "matter" in each.kinds
            and any(one <= set(self.words.stems(each.label)) for one in stems)
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
            told[each] for each in parts if isinstance(each, str) and each not in self.words.known
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
            if is_alone and (kind := self.words.vague.get(stem)):
                is_open = kind != "plan" and isinstance(part, str) and not is_narrow
                if is_open or (is_bare and not (is_narrow and is_whose)):
                    return self._which(told[stem], kind, stem)
            if (
                isinstance(part, str)
                and (kind := self.words.pronouns.get(part))
                and kind not in before
            ):
                return self._which(told[part], kind)
            before |= part.kinds if isinstance(part, Mention) else set()
        if best is None:
            doubt = "no query fits; 'nhskg query list' shows what can be asked"
            mentions = [each for each in parts if isinstance(each, Mention)]
            return Asked(doubt=doubt, candidates=_shown(mentions))
        return None

    def _which(self, word: str, kind: str, stem: str = "") -> Asked:
        """Ask back which thing of a kind a word means: one with the word in its name, or any."""
        named = {iri for name, iris in self.words.names.items() if stem in name for iri in iris}
        of_kind = [each for each in self.words.things.values() if kind in each.kinds - {"thing"}]
        if kind == "plan":
            of_kind = list(dict.fromkeys(chain.from_iterable(self.words.plans.values())))
        fitting = [each for each in of_kind if each.iri in named]
        fitting = fitting if len(fitting) > 1 else of_kind
        return Asked(doubt=f"which is meant by '{word}'?", candidates=_listed(fitting))

    def _differing(self, parts: Sequence[Mention | str], values: Values) -> tuple[str, ...]:
        """Return the plans to choose from, where none is named and several speak of a body."""
        bodies = [each.id for things in values.values() for each in things if "body" in each.kinds]
        is_narrow = not values.keys() <= {"body", "target", "matter"}
        if is_narrow or not bodies or not self.words.wide.isdisjoint(parts):
            return ()
        plans = set[str]()
        for name in ("body", "matter"):
            rows = answer(self.store, self.folder, "entries", {name: bodies}).rows
            plans.update(row["plan_id"] for row in rows)
        proposed = {each for several in self.words.plans.values() for each in several}
        named = [each for each in proposed if each.id in plans]
        return _listed(named) if len(named) > 1 else ()


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
