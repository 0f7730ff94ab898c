"""Questions in plain words: the stored query that is meant, its values, or what is in doubt.

No network and no model: the names of things are looked for in the question, by stems and with
slips of the pen forgiven; ``words.yaml`` beside the queries has the phrases that each query is
asked by. What no parameter takes narrows the rows by their words. A question is answered only
where every word of weight is understood, everybody whom it names is made use of, and the answer
has rows; else the doubt is told, with candidates.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Final

from pyoxigraph import Store

from nhskg.queries.answers import answer, have, join, short_labels
from nhskg.queries.engine import Row
from nhskg.queries.mentions import VERBS, Mention, Vocabulary, find, kinds_of
from nhskg.queries.names import KINDS, Named
from nhskg.queries.pages import read_page
from nhskg.queries.stored import Parameter, StoredQuery, find_query, list_queries
from nhskg.queries.understood import Asked, Question, Reading, Told, Values, doubted, listed
from nhskg.rdf.files import AnyFolder

_PLAIN: Final = 1.6
"""From which score a reading is plain enough to leave a vague word aside."""
_WHOSE: Final = frozenset({"agent", "plan"})
"""The parameters that tell whose a vague thing is."""
_NEEDED: Final = frozenset({"body", "person", "plan", "post"})
"""The kinds without which an answer would be another one, and not a wider one."""
_FEW: Final = 8
"""So many rows need not be narrowed by a word of the question that some of them have."""
_EVIDENCE: Final = ("quantity", "predicate", "note", "quote")
"""The columns of which some row has what a question asks for."""
_SHOW: Final = StoredQuery("show", Path(), "", (Parameter("thing", "thing", None),), (), "")
"""Stands for the page of a thing among the stored queries."""


class Asker:
    """Reads questions about one store, by the stored queries of a folder and its ``words.yaml``.

    Raises:
        InputError: ``words.yaml`` cannot be read.
    """

    def __init__(self, store: Store, folder: AnyFolder) -> None:
        self.store, self.folder = store, folder
        self.words = Vocabulary(store, folder)
        queries = [*list_queries(folder), _SHOW]
        self._queries = [each for each in queries if each.name in self.words.cues]
        self._answers = dict[str, Told]()

    def ask(self, question: str) -> Asked:
        """Answer a question, or say what is in doubt."""
        typed = self.words.words(question)
        aside = [each for each in typed if each in self.words.aside]
        asked = self._asked(typed)
        if aside and not asked.told:
            again = self._asked([each for each in typed if each not in aside])
            asked = replace(again, unused=(*aside, *again.unused)) if again.told else asked
        return asked

    def _asked(self, typed: Sequence[str]) -> Asked:
        """Answer the words of a question, or say what is in doubt."""
        words = list(map(self.words.mended, typed))
        told = {self.words.stem(each): word for each, word in zip(words, typed, strict=True)}
        stems = [self.words.stem(each) for each in words if each not in self.words.skipped]
        behind = (b for a, b in pairwise(words) if a == "the")
        after_the = (each for each in behind if each.removesuffix("s") in self.words.nouns)
        bare = set(map(self.words.stem, after_the))
        parts = self.words.parts(stems, bare)
        is_wide = not self.words.wide.isdisjoint(stems) or {*stems[:1]} <= self.words.auxiliary
        is_open = not self.words.open.isdisjoint(stems)
        asked = Question(parts, told, is_wide, is_open, self._verbs(parts))
        for phrase, why in self.words.outside.items():
            if re.search(rf"({phrase})\b", " ".join(words)):
                return doubted(asked, f"this asks for {why}")
        plain = (each for each in parts if isinstance(each, str))
        if unknown := [told[each] for each in plain if not self.words.knows(each)]:
            return doubted(asked, f"no text of the graph has a word like {', '.join(unknown)}")
        readings = sorted(self._readings(asked), key=lambda each: -each.score)
        plainer = {each.query.name for each in readings if each.score > _PLAIN + 0.2}
        if plainer.isdisjoint(("actors", "conditions")) and (owed := self._owed(asked)):
            return owed
        if vague := self._vague(asked, bare, readings):
            return self._passages(asked, least=3) or vague
        found = self._answered(asked, readings)
        rows = [row for each in found.told for row in each.answer.rows]
        texts = "\n".join(row.get(each, "") for row in rows for each in _EVIDENCE)
        for phrase, (has, why) in self.words.evidence.items():
            if re.search(rf"({phrase})\b", " ".join(words)) and not re.search(has, texts):
                return doubted(asked, f"this asks for {why}")
        return found

    def _verbs(self, parts: Sequence[Mention | str]) -> frozenset[str]:
        """Return the stems behind "who", and behind "which" and a body: what is done by whom."""
        behind = {b for a, b in pairwise(parts) if a == "who"} - self.words.auxiliary
        for which, body, verb in zip(parts, parts[1:], parts[2:], strict=False):
            if which == "which" and isinstance(body, Mention) and "body" in body.kinds:
                behind.add(verb)
        return frozenset(each for each in behind if isinstance(each, str))

    def _readings(self, asked: Question) -> Iterator[Reading]:
        """Yield for each stored query that a cue asks for how well it fits, with its values."""
        forms = [
            self.words.alike(each)
            if isinstance(each, str)
            else {f"<{kind.split()[-1]}>" for kind in each.kinds} | each.verbs
            for each in asked.parts
        ]
        for query in self._queries:
            cues = self.words.cues[query.name]
            if found := [(weight, cue) for weight, cue in cues if find(cue, forms)]:
                read = frozenset(self.words.stems(_about(query))) - self.words.turning
                read = read.union(*(cue for _, cue in found))
                values, left = self._assigned(query, asked)
                lost = 0.6 if query.name in self.words.whole else 1.5
                score = max(weight for weight, _ in found) + 0.1 * len(found) - 0.2 * len(left)
                needed = (each for each in left if each.kinds & _NEEDED)
                score -= lost * sum(1 for each in needed if not read.issuperset(each.stems))
                yield Reading(score, query, values, left, read)

    def _assigned(self, query: StoredQuery, asked: Question) -> tuple[Values, list[Mention]]:
        """Give each mention to a parameter of its kind; return the values, and what is left."""
        values, left = dict[str, list[Named]](), list[Mention]()
        closest = sorted(query.parameters, key=_closeness)
        things = chain.from_iterable(each.things for each in asked.mentions)
        plans = {each.iri for each in things if "plan" in each.kinds}
        for mention in asked.mentions:
            fitting = {each.name: list(self._fitting(mention, each.kind)) for each in closest}
            name, *others = [*(name for name, things in fitting.items() if things), ""]
            own = {each.iri for each in fitting.get("plan", ())} & plans
            if name == "plan" and "agent" in mention.kinds and own:
                continue  # whose plan is named beside
            if name == "plan" and "other" in others and "plan" in values:
                name = "other"
            is_second = name == "agent" and "agent" in values and "person" not in mention.kinds
            name = "about" if is_second and "about" in others else name
            if name:
                values[name] = [*dict.fromkeys([*values.get(name, ()), *fitting[name]])]
            else:
                left.append(mention)
        kinds = [each for each in KINDS if self.words.stem(each) in asked.parts]
        if query.name == "things" and kinds:
            values["kind"] = [Named("", each, each, each, (), frozenset()) for each in kinds]
        if "body" in values and len(values.get("power", ())) > 1:
            del values["power"]  # it is all of a body's powers that tell which of them it has
        return values, left

    def _fitting(self, mention: Mention, kind: str) -> Iterator[Named]:
        for thing in mention.things:
            is_vague = VERBS.intersection(thing.kinds) or (
                mention.is_part and "post" in thing.kinds
            )
            is_mute = kind == "agent" and thing.iri not in self.words.speakers
            is_thing = kind == "thing" and not is_vague
            if (is_thing or kind in thing.kinds) and not is_mute:
                yield thing
            elif kind == "plan":
                yield from self.words.plans.get(thing.iri, ())

    # -- answers

    def _answered(self, asked: Question, readings: Sequence[Reading]) -> Asked:
        """Return the best answer of the readings that fit best, or the passages; or the doubt."""
        best, most = Asked(), -9.0
        for each in readings:
            for values in self._variants(each) if each.score >= readings[0].score - 0.5 else ():
                found, fit = self._tried(asked, each, values)
                if found and each.score + fit > most:
                    best, most = found, each.score + fit
                if found and fit > -0.3:
                    break
        if best.told and not best.unused:
            return best
        if found := self._passages(asked, least=2 if readings else 1):
            return found
        if best.doubt and best.unused and (found := self._passages(asked, 1, {*best.unused})):
            return found
        return best if best.told or best.doubt else self._nearest(asked, readings)

    def _owed(self, asked: Question) -> Asked | None:
        """Return what somebody must or may do, or who; in doubt where no row has what is done."""
        who, others = str(asked.parts[0]) if asked.parts else "", list(asked.parts[1:])
        modals = [each for each in others if isinstance(each, str) and each in self.words.deontic]
        name = {"who": "actors", "what": "actors", "whom": "provisions"}.get(who)
        query = next((each for each in self._queries if each.name == name), None)
        holders = [each for each in asked.mentions if "holder" in each.kinds]
        doers = holders[:1] if who != "who" else []
        if not modals or query is None or not (doers or who == "who"):
            return None
        things = [one for each in asked.mentions for one in each.things]
        given: Values = {"body" if who == "whom" else "agent": [*chain(*(e.things for e in doers))]}
        given["plan"] = [each for each in things if "plan" in each.kinds]
        if not (found := self._run(query, {key: each for key, each in given.items() if each})):
            return None
        kind, slugs = self.words.deontic[modals[0]], {one.slug for e in holders for one in e.things}
        rows = have(found.answer.rows, [kind], short_labels(found.answer, ordered=False))
        if who == "whom":
            rows = [row for row in rows if row["with"] and slugs & {*row["to_id"].split()}]
        elif who == "who":
            rows = [row for row in rows if row["actor_id"] not in slugs]
        if not rows:
            return None
        found = replace(found, answer=replace(found.answer, rows=rows), having=(kind,))
        light = self.words.auxiliary | {"who", "what", "whom", "do", "by", *modals}
        others = [each for each in others if each not in light and each not in doers]
        light = self.words.filler - {*others[:1]}  # the verb comes first, such as "involve"
        for each in (each for each in others if each not in light):
            if isinstance(each, Mention) and "plan" in each.kinds:
                continue
            found, is_met = self._narrowed(found, asked, each)
            if not is_met:
                told = kind.partition("/")[0]
                return doubted(asked, f"no {told} in these texts has '{asked.told(each)}'")
        return Asked((found,))

    def _nearest(self, asked: Question, readings: Sequence[Reading]) -> Asked:
        """Return why nothing answers a question, with what shows the things that it names."""
        doubt = "no query fits; 'nhskg query list' shows what can be asked"
        for first in readings[:1]:
            given = ", ".join(each.slug for things in first.values.values() for each in things)
            doubt = f"'{first.query.name}' has nothing{given and f' on {given}'}; the texts may say"
            doubt += " it in other words"
            for needed in (each for each in first.left if each.kinds & _NEEDED):
                doubt = f"nothing that is ready to ask takes '{needed.things[0].label}' here"
            for verb in (
                each for each in asked.verbs if first.read.isdisjoint(self.words.alike(each))
            ):
                doubt = f"no query tells what '{asked.told(verb)}' asks here"
        return doubted(asked, doubt)

    def _tried(
        self, asked: Question, reading: Reading, values: Values
    ) -> tuple[Asked | None, float]:
        """Return the answer of a reading with its values, if it has rows, and how well it fits."""
        if not (found := self._run(reading.query, values)):
            return None, 0
        lost, words = list[Mention](), list[str]()
        things = chain.from_iterable(values.values())
        read = reading.read.union(*(self.words.stems(str(each)) for each in things))
        light = self.words.filler - self.words.turning - asked.verbs
        for part in dict.fromkeys(asked.parts):
            if isinstance(part, str):
                is_met = part in light or not read.isdisjoint(self.words.alike(part))
                if not is_met and part not in self.words.turning | asked.verbs:
                    found, is_met = self._narrowed(found, asked, part, most=_FEW)
                words += [] if is_met else [part]
            elif not self._is_given(part, reading, found):
                found, is_met = self._narrowed(found, asked, part)
                is_needed = part.kinds & _NEEDED and part in reading.left
                is_loose = part.verbs or part.is_part or found.query in self.words.whole
                if not is_met and (is_needed or not is_loose):
                    return None, 0
                lost += [] if is_met else [part]
        if found.page and (words or reading.left or found.having):
            return None, 0
        understood = len(found.values) + len(found.having)
        turning = [asked.told(each) for each in words if each in self.words.turning]
        unsaid = () if turning or understood > 1 else tuple(map(asked.told, words))
        if turning or unsaid:
            doubt = f"no query takes '{', '.join(turning or unsaid)}' here; leave it out for"
            return Asked((), unsaid, doubt, (shlex.join(found.command),)), -0.3
        people = found.values.get("agent", ())
        told = {row["agent_id"] for row in found.answer.rows if found.query == "stances"}
        told |= {*people} if len(people) < 2 else set()
        is_named = asked.mentions or not (words or found.having)
        # whose stance it is, that it is one, and what is done is not left aside; but "who runs …"
        # of what is a power itself
        kept = self.words.stances | (asked.verbs if "power" not in values else set())
        kept |= self.words.auxiliary & asked.verbs
        is_lost = not (kept.isdisjoint(words) and told.issuperset(people)) or not is_named
        most = max(len(found.values), understood - 1)
        if is_lost or len(words) > most or (lost and not understood):
            return None, 0
        is_split = found.query in self.words.by_plan and not (found.having or asked.is_wide)
        if is_split and (plans := self._differing(values)):
            doubt = "the plans differ; name one, or ask of 'each plan'"
            return Asked(doubt=doubt, candidates=plans), 0
        unused = (*map(asked.told, words), *(str(each.things[0]) for each in lost))
        answers = (found, *self._joined(found, values))
        return Asked(answers, unused), -0.3 * len(lost) - 0.1 * len(words)

    def _run(self, query: StoredQuery, values: Values) -> Told | None:
        """Run a query, once for the same values; None where it has no rows."""
        asked = {name: tuple(one.slug for one in things) for name, things in values.items()}
        key = f"{query.name} {asked}"
        if key not in self._answers and query is not _SHOW:
            found = answer(self.store, self.folder, query.name, asked)
            self._answers[key] = Told(query.name, asked, found)
        elif key not in self._answers:
            if len(asked.get("thing", ())) != 1:
                return None
            page = read_page(self.store, self.folder, asked["thing"][0])
            whole = join([each.answer for each in page.sections])
            self._answers[key] = Told("show", asked, whole, page=page)
        return self._answers[key] if self._answers[key].answer.rows else None

    def _is_given(self, mention: Mention, reading: Reading, found: Told) -> bool:
        """Tell whether a query is asked with a mention, or by its words."""
        owned = (plan for each in mention.things for plan in self.words.plans.get(each.iri, ()))
        own = {each.slug for each in chain(mention.things, owned)}
        is_read = reading.read.issuperset(mention.stems)
        return is_read or not own.isdisjoint(chain.from_iterable(found.values.values()))

    def _narrowed(
        self, found: Told, asked: Question, part: Mention | str, *, most: int = 0
    ) -> tuple[Told, bool]:
        """Return the rows that have a word, or one like it, or a name; all where none has any.

        Rows that are few already are not narrowed.
        """
        rows, texts, kept, names = found.answer.rows, list[str](), list[Row](), [asked.told(part)]
        if isinstance(part, str):
            names += [each.removesuffix("i") for each in (part, *sorted(self.words.alike(part)))]
        elif "post" in part.kinds:
            return found, False  # whoever holds it said every row that has its name
        else:
            own = chain.from_iterable(self.words.plans.get(each.iri, ()) for each in part.things)
            names += [" ".join(part.stems)]
            names += chain.from_iterable(each.names for each in (*part.things, *own))
        short = short_labels(found.answer, ordered=False)
        for name in dict.fromkeys(names):
            if len(more := have(rows, ["/".join([*texts, name])], short)) > len(kept):
                kept, texts = more, [*texts, name]
        if not kept or len(rows) <= most:
            return found, bool(kept)
        having = (*found.having, "/".join(texts))
        return replace(found, answer=replace(found.answer, rows=kept), having=having), True

    def _passages(
        self, asked: Question, least: int, needed: Set[str] = frozenset()
    ) -> Asked | None:
        """Return the claims that have all, or the needed, of what a question says."""
        turning = [each for each in asked.parts if each in self.words.turning]
        light = (self.words.filler | self.words.wide).difference(turning)
        parts = [each for each in asked.parts if each not in light]
        is_turned = any("not" not in self.words.alike(each) for each in turning)
        found = self._run(find_query(self.folder, "document"), {})
        if found is None or len(parts) < least or is_turned or asked.is_open:
            return None
        lost = list[str]()
        for each in sorted(parts, key=lambda each: asked.told(each) not in needed):
            found, is_met = self._narrowed(found, asked, each)
            is_needed = isinstance(each, Mention) or not needed or asked.told(each) in needed
            if not is_met and is_needed:
                return None
            lost += [] if is_met else [asked.told(each)]
        if needed and len(found.having) <= len(needed):
            return None
        notes = ("These passages have the words of the question; no query is made for it.",)
        return Asked((replace(found, answer=replace(found.answer, notes=notes)),), tuple(lost))

    def _joined(self, found: Told, values: Values) -> Iterator[Told]:
        """Yield the answers of the queries that tell the rest, without what is told."""
        shown = {row.get("claim") for row in found.answer.rows}
        for name, names in self.words.joined.get(found.query, {}).items():
            query = next(each for each in self._queries if each.name == name)
            kinds = {each.name: each.kind for each in query.parameters}
            other = {
                names[key]: [each for each in things if kinds[names[key]] in (*each.kinds, "thing")]
                for key, things in values.items()
                if key in names
            }
            is_wide = values.keys() - names.keys() - {"agent"} or not all(other.values())
            if not other or is_wide or not (more := self._run(query, other)):
                continue
            rows = [each for each in more.answer.rows if each["claim"] not in shown]
            rows = have(rows, found.having, short_labels(more.answer, ordered=False))
            if 0 < len(rows) <= _FEW:
                yield replace(more, answer=replace(more.answer, rows=rows), having=found.having)

    def _variants(self, reading: Reading) -> Iterator[Values]:
        """Yield the values, and wider ones: of all things named after one, without one of them."""
        kinds = {each.name: each.kind for each in reading.query.parameters}
        wide = {
            name: self._family(things) if kinds[name] == "thing" else things
            for name, things in reading.values.items()
        }
        if "about" not in wide:
            yield reading.values
        yield wide
        agents = wide.get("agent", [])
        if {"agent", "about"} <= kinds.keys() and "person" not in kinds_of(agents):
            about = wide.get("about") or self._family(agents)
            yield {"about": about} if about else {}
        for key in sorted(wide.keys() - _WHOSE - {"predicate"}) if len(wide) > 1 else ():
            yield {name: each for name, each in wide.items() if name != key}

    def _family(self, things: Sequence[Named]) -> list[Named]:
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

    def _vague(self, asked: Question, bare: Set[str], readings: Sequence[Reading]) -> Asked | None:
        """Return what a question leaves open: a noun of many things, or a pronoun of none."""
        before = {"thing"} if asked.mentions else set[str]()
        narrow = [*readings[:1], None][0]
        values = narrow.values.keys() if narrow and narrow.score >= _PLAIN else set[str]()
        for part in asked.parts:
            stem = part if isinstance(part, str) else part.stems[-1]
            kind = self.words.vague.get(stem)
            if kind and (isinstance(part, str) or len(part.stems) == 1):
                is_open = kind != "plan" and isinstance(part, str) and not values
                if is_open or (stem in bare and _WHOSE.isdisjoint(values)):
                    return self._which(asked.told(stem), kind, stem)
            kind = self.words.pronouns.get(stem)
            if isinstance(part, str) and kind and kind not in before:
                return self._which(asked.told(part), kind)
            before |= part.kinds if isinstance(part, Mention) else set()
        return None

    def _which(self, word: str, kind: str, stem: str = "") -> Asked:
        """Ask back which thing of a kind a word means: one with the word in its name, or any."""
        named = {iri for name, iris in self.words.names.items() if stem in name for iri in iris}
        of_kind = [each for each in self.words.things.values() if kind in each.kinds]
        if kind == "plan":
            of_kind = list(dict.fromkeys(chain.from_iterable(self.words.plans.values())))
        fitting = [each for each in of_kind if each.iri in named]
        fitting = fitting if len(fitting) > 1 else of_kind
        return Asked(doubt=f"which is meant by '{word}'?", candidates=listed(fitting))

    def _differing(self, values: Values) -> tuple[str, ...]:
        """Return the plans to choose from, where none is named and several speak of a body."""
        bodies = [one for each in values.values() for one in each if "body" in one.kinds]
        found = bodies and self._run(find_query(self.folder, "entries"), {"body": bodies})
        plans = {row["plan_id"] for row in found.answer.rows} if found else set[str]()
        proposed = chain.from_iterable(self.words.plans.values())
        named = listed(each for each in proposed if each.slug in plans)
        is_split = values.keys() <= {"body", "target", "matter"} and len(named) > 1
        return named if is_split else ()


def _about(query: StoredQuery) -> str:
    """Return what a query says of itself: its question, parameters and columns."""
    told = chain.from_iterable((each.name, each.about) for each in query.parameters)
    columns = " ".join(query.columns).replace("_", " ")
    return f"{query.question} {' '.join(told)} {columns}"


def _closeness(parameter: Parameter) -> tuple[bool, int]:
    """Return the order in which parameters are given values: plans first, the widest kind last."""
    return parameter.kind != "plan", len(KINDS.get(parameter.kind, ())) or 99
