"""A seeded generator of synthetic corpora in the annotation model, of any size.

A corpus is a row of *worlds*, each about as large as the real corpus and built like it: its own
register (two arrangements in force, a dozen proposals, their matters, people, events …) and five
documents. Each claim takes the form of a real claim. What it names is the counterpart of what
the real one names or, half of the time, another thing of the same kind, drawn by how often real
claims name it in that field. Kinds of body, powers and the other vocabularies are common to all
worlds, so what is said of one power or one kind of body grows with the corpus.

Nothing of the five texts goes into a synthetic corpus, not even a phrase: quotes and labels are
invented words, and claims that share a sentence in a real document share a position here.
The same seed (and the same five documents) gives the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import chain, product
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from pydantic import BaseModel
from pyoxigraph import Quad

from nhskg.annotation.claims import CLAIM_MODELS, DocumentFile, NoClaim
from nhskg.annotation.corpus import Corpus, Document, Entry, split_claim_reference
from nhskg.annotation.fields import count_words, slots
from nhskg.annotation.reader import read_corpus
from nhskg.annotation.register import SECTIONS
from nhskg.graph.mapping import map_corpus
from nhskg.project import Project, shipped_data
from nhskg.rdf.yaml_source import parse_source
from nhskg.vocabulary import Kind, load_vocabulary

Raw = dict[str, Any]
"""A claim, a document or a thing as its file has it."""

_MIXING: Final = 0.5
"""The probability that a claim names something else than its model does, where it may."""
_KEPT: Final = frozenset({"plan", "power", "predicate"})
"""Fields that a synthetic claim keeps from the form that it takes."""
_BODIES: Final = frozenset({Kind.ORGANISATION, Kind.BODY_KIND})
_LEFT_OUT: Final = frozenset({"prefix", "suffix", "through", "sha256", "length"})
_PHRASES: Final = frozenset(
    {"quote", "definition", "note", "assessment", "new_name", "hedge", "stated", "reason"}
)
_SYLLABLES: Final = [onset + vowel for onset, vowel in product("bdfgklmnprstv", "aeiou")]
_LEXICON: Final = ["".join(syllables) for syllables in product(_SYLLABLES, repeat=2)]


class RealCorpus:
    """The five documents and their register, as their files have them.

    All shares, and how they go together, are those of the texts: nothing is written down by hand.
    ``claims`` is the number of claims, which is the size of one world; ``named`` says how often
    each id is named, by kind of claim or predicate, field, and kind of thing.
    """

    def __init__(self) -> None:
        self.project = Project.locate(shipped_data())
        self.vocabulary = load_vocabulary(self.project.ontology)
        corpus = read_corpus(self.project, self.vocabulary)
        self.documents: list[Raw] = [document.source.data for document in corpus.documents]
        self.kinds = {
            each: SECTIONS[str(entry.route[0])][0] for each, entry in corpus.register.items()
        }
        self.register: dict[str, list[Raw]] = defaultdict(list)
        files = {entry.source.path: entry.source.data for entry in corpus.register.values()}
        for section, entries in chain.from_iterable(each.items() for each in files.values()):
            self.register[section] += entries
        claims = [claim for document in self.documents for claim in document["claims"]]
        self.claims = len(claims)
        self.named: dict[tuple[str, str, Kind], Counter[str]] = defaultdict(Counter)
        for claim in claims:
            for name, each in named_in(claim):
                if kind := self.kind_of(each):
                    self.named[form_of(claim), name, kind][each] += 1

    def kind_of(self, any_id: str) -> Kind | None:
        """Return what an id stands for: a thing of the register, or a term."""
        term = self.vocabulary.get(any_id)
        return self.kinds.get(any_id) or (term.kind if term else None)


read_real_corpus: Final = cache(RealCorpus)
"""Reads the five documents and their register, once a process."""


def form_of(claim: Raw) -> str:
    """Return what decides which things may stand in a claim's fields."""
    return str(claim.get("predicate") or claim["kind"])


def named_in(claim: Raw) -> Iterator[tuple[str, str]]:
    """Yield (field, id) of each thing, term or claim that a claim names at its top level."""
    for name, slot in slots(CLAIM_MODELS[claim["kind"]]).items():
        if slot.ref is not None and name in claim:
            yield from ((name, each) for each in _listed(claim[name]))


class Settings(NamedTuple):
    """What to generate: the number of claims, from which seed.

    ``stacked`` is the share of proposals that stand on another proposal, and not, as all real ones
    do, on an arrangement in force.
    """

    claims: int
    seed: int = 1
    stacked: float = 0.0


class World(NamedTuple):
    """A register and documents, as files have them."""

    register: Mapping[str, list[Raw]]
    documents: list[Raw]


def worlds(settings: Settings) -> Iterator[World]:
    """Yield the worlds of a corpus, one after another: a large corpus never stands in memory."""
    count = max(1, round(settings.claims / read_real_corpus().claims))
    for number, claims in enumerate(_shared_out(settings.claims, [1] * count)):
        yield _WorldMaker(settings, number).make(claims)


def _shared_out(total: int, weights: list[int]) -> Iterator[int]:
    """Yield a part of a number for each weight, in proportion; the parts sum up to it."""
    done = weight = 0
    for each in weights:
        weight += each
        upto = total * weight // sum(weights)
        yield upto - done
        done = upto


def write_project(folder: Path, settings: Settings) -> Path:
    """Write the annotations of a corpus to ``seeds`` of a folder, and return the folder."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    for number, world in enumerate(worlds(settings)):
        files = {f"register/field-{number}": world.register}
        files |= {f"documents/{each['document']['id']}": each for each in world.documents}
        for name, data in files.items():
            path = folder / "seeds" / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            text = yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1000)
            path.write_text(text, "utf-8", newline="")
    return folder


def quads(settings: Settings) -> Iterator[Quad]:
    """Yield what a corpus asserts, without any file; the ontology is not part of it."""
    nowhere = parse_source(b"nowhere: true\n", Path("synthetic.yaml"))
    for world in worlds(settings):
        documents = tuple(
            Document(nowhere, file.document, file.claims, file.no_claim)
            for file in map(DocumentFile.model_validate, world.documents)
        )
        register = {
            raw["id"]: Entry(model.model_validate(raw), nowhere, (name, index))
            for name, (_, model, _) in SECTIONS.items()
            for index, raw in enumerate(world.register.get(name, ()))
        }
        yield from map_corpus(Corpus(documents, register, read_real_corpus().vocabulary))


class _WorldMaker:
    """Makes one world: a copy of the real corpus in form, with other names and other words."""

    def __init__(self, settings: Settings, number: int) -> None:
        self.real = read_real_corpus()
        self.stacked, self.number = settings.stacked, number
        self.rng = random.Random(f"{settings.seed}/{number}")
        self.names: dict[str, str] = {}
        counts: Counter[Kind] = Counter()
        for each, kind in self.real.kinds.items():
            counts[kind] += 1
            self.names[each] = f"{kind.value.replace(' ', '-')}-{number}-{counts[kind]}"

    def make(self, claims: int) -> World:
        """Make the world: if it is far smaller than the real one, with fewer documents."""
        register = {
            section: [self._thing(raw, SECTIONS[section][1]) for raw in entries]
            for section, entries in self.real.register.items()
        }
        self._stack(register["plans"])
        real = self.real.documents
        models = real[: max(1, round(claims * len(real) / self.real.claims))]
        sizes = _shared_out(claims, [len(each["claims"]) for each in models])
        made = enumerate(zip(models, sizes, strict=True))
        return World(register, [self._document(n, *pair) for n, pair in made if pair[1]])

    def _thing(self, raw: Raw, model: type[BaseModel]) -> Raw:
        made = self._invented(raw, model)
        made["id"] = self.names[raw["id"]]
        made["label"] = made["id"].replace("-", " ", 1)
        if "alt" in raw:
            made["alt"] = [f"{made['label']}, alias {i}" for i, _ in enumerate(raw["alt"], 1)]
        return self._renamed(made, model)

    def _invented(self, raw: Raw, model: type[BaseModel]) -> Raw:
        """Return a copy of raw data with each phrase replaced by one of as many invented words."""
        made: Raw = {}
        for name, value in raw.items():
            slot = slots(model).get(name)
            if name in _PHRASES:
                # one amount is one node in all worlds, so its words are the same in all
                rng = random.Random(value) if name == "stated" else self.rng
                made[name] = " ".join(rng.choices(_LEXICON, k=max(1, count_words(value))))
            elif slot is not None and slot.model is not None:
                made[name] = _each(value, partial(self._invented, model=slot.model))
            elif name not in _LEFT_OUT:
                made[name] = value
        return made

    def _renamed(self, raw: Raw, model: type[BaseModel]) -> Raw:
        """Return raw data with every name of a thing replaced by that of its counterpart."""
        for name, slot in slots(model).items():
            value = raw.get(name)
            if slot.model is not None and isinstance(value, dict):
                raw[name] = self._renamed(dict(value), slot.model)
            elif slot.ref is not None and value is not None:
                raw[name] = _each(value, self._name)
        return raw

    def _name(self, any_id: str) -> str:
        return self.names.get(any_id, any_id)

    def _stack(self, plans: list[Raw]) -> None:
        """Put some proposals upon proposals of the same arrangement in force."""
        eras: dict[str, list[str]] = {}
        for plan in (each for each in plans if each.get("baseline")):
            before = eras.setdefault(plan["baseline"], [])
            if before and self.rng.random() < self.stacked:
                plan["baseline"] = self.rng.choice(before)
            before.append(plan["id"])

    def _document(self, index: int, model: Raw, size: int) -> Raw:
        slug = f"article-{self.number}-{index}"
        forms = model["claims"]
        chosen: list[tuple[int, int]] = []  # (number of the copy, position of the form)
        while len(chosen) < size:
            copy = len(chosen) // len(forms)
            some = self.rng.sample(range(len(forms)), min(len(forms), size - len(chosen)))
            chosen += [(copy, each) for each in some]
        chosen.sort()
        numbered = [(f"claim-{n}", copy, forms[form]) for n, (copy, form) in enumerate(chosen, 1)]
        own = {form["id"]: claim for claim, copy, form in numbered if not copy}
        claims = [self._claim(claim, form, own, copy) for claim, copy, form in numbered]
        rest = [self._invented(each, NoClaim) for each in model.get("no_claim", ())]
        passages = [(0, each) for each in rest]
        for (copy, _), claim in zip(chosen, claims, strict=True):
            passages += [(copy, each) for each in (claim, *claim.get("also", ()))]
        header: Raw = {
            "id": slug,
            "label": f"Synthetic {slug.replace('-', ' ', 1)}",
            "source": f"{slug}.txt",
            "sha256": hashlib.sha256(slug.encode()).hexdigest(),
            "length": _place(passages),
        }
        if "publisher" in model["document"]:
            header["publisher"] = self.names[model["document"]["publisher"]]
        return {"document": header, "claims": claims, **({"no_claim": rest} if rest else {})}

    def _claim(self, claim: str, form: Raw, own: Mapping[str, str], copy: int) -> Raw:
        """Fill the form of a claim: names of this world, references to claims of this document.

        A second copy of a form names other things wherever it can.
        """
        model = CLAIM_MODELS[form["kind"]]
        raw = self._invented(form, model) | {"id": claim}
        mixing = 1.0 if copy else _MIXING
        for name, slot in slots(model).items():
            if slot.model is not None and isinstance(raw.get(name), dict):
                raw[name] = self._renamed(raw[name], slot.model)
            elif slot.ref is not None and name in raw:
                several: list[str] = _listed(raw[name])
                drawn = [
                    self._claim_reference(each, claim, own)
                    if each.startswith("claim/")
                    else self._draw(each, form_of(form), name, mixing)
                    for each in several
                ]
                if len(set(drawn)) < len(several):
                    drawn = [self._name(each) for each in several]
                raw[name] = drawn if isinstance(raw[name], list) else drawn[0]
        self._settle(raw, own)
        return raw

    def _draw(self, each: str, form: str, name: str, mixing: float) -> str:
        """Return what stands in the place of a thing, or of a term that is one of many bodies."""
        kind = self.real.kind_of(each)
        free = name not in _KEPT and (each in self.names or kind in _BODIES)
        if kind is not None and free and self.rng.random() < mixing:
            found = self.real.named[form, name, kind]
            each = self.rng.choices(list(found), list(found.values()))[0]
        return self._name(each)

    def _claim_reference(self, reference: str, claim: str, own: Mapping[str, str]) -> str:
        """Return a reference to a claim of this document other than the one it stands in."""
        wanted = split_claim_reference(reference, "")
        found = own.get(wanted[1], claim) if wanted else claim
        if found == claim:
            found = self.rng.choice([each for each in own.values() if each != claim] or [claim])
        return f"claim/{found}"

    def _settle(self, raw: Raw, own: Mapping[str, str]) -> None:
        """Put right what drawing each field by itself can get wrong."""
        is_circular = raw["kind"] == "relation" and raw.get("object") == raw["subject"]
        if is_circular and raw["subject"].startswith("claim/"):
            others = {f"claim/{each}" for each in own.values()} - {raw["subject"]}
            raw["object"] = self.rng.choice(sorted(others - {f"claim/{raw['id']}"}))
        elif is_circular:
            kinds = {new: self.real.kinds[old] for old, new in self.names.items()}
            kind = kinds.pop(raw["subject"])
            raw["object"] = self.rng.choice([each for each in kinds if kinds[each] is kind])
        if raw["kind"] == "provision":
            took = set(raw.get("from", ()))
            if took & set(raw.get("to", ())):
                words = self.real.vocabulary.items()
                bodies = [slug for slug, term in words if term.kind is Kind.BODY_KIND]
                free = [each for each in bodies if each not in took]
                raw["to"] = self.rng.sample(free, len(raw["to"]))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value, or each one of a list, changed."""
    return [change(each) for each in value] if isinstance(value, list) else change(value)


def _place(passages: Sequence[tuple[int, Raw]]) -> int:
    """Give the passages of each copy positions in a row of sentences as long as the real ones.

    Those that share a sentence of the real text share one here. Returns the length of the text.
    """
    places: dict[tuple[int, ...], list[int]] = {}
    length = 0
    for key in sorted({(copy, *map(int, raw["at"])) for copy, raw in passages}):
        places[key] = [length, length + key[2] - key[1]]
        length = places[key][1] + 1
    for copy, raw in passages:
        raw["at"] = list(places[copy, *map(int, raw["at"])])
    return length
