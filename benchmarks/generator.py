"""A seeded generator of synthetic corpora in the annotation model, of any size.

A corpus is a row of *worlds*, each about as large as the real corpus and built like it: its own
register (two arrangements in force, a dozen proposals, their matters, people, events …) and five
documents. Each claim takes the form of a real claim. What it names is the counterpart of what
the real one names or, with the probability ``mixing``, another thing of the same kind, drawn by
how often real claims name it in that field. Kinds of body, powers and the other vocabularies are
common to all worlds, so what is said of one power or one kind of body grows with the corpus.

The same seed (and the same five documents) gives the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Quad

from benchmarks.real_corpus import KEPT, Raw, RealCorpus, form_of, read_real_corpus
from benchmarks.texts import Words, compose_text, with_invented_words
from nhskg.annotation.claims import CLAIM_MODELS, SECTIONS, DocumentFile
from nhskg.annotation.corpus import Corpus, Document, Entry, split_claim_reference
from nhskg.annotation.fields import slots
from nhskg.graph.mapping import map_corpus
from nhskg.rdf.yaml_source import Source, parse_source
from nhskg.vocabulary import Kind

_BODIES: Final = frozenset({Kind.ORGANISATION, Kind.BODY_KIND})


@dataclass(frozen=True, slots=True)
class Settings:
    """What to generate.

    Attributes:
        claims: the number of claims.
        seed: the seed of the random numbers.
        mixing: the probability that a claim names something else than its model does.
        stacked: the share of proposals that stand on another proposal, and not, as all real
            ones do, on an arrangement in force.
    """

    claims: int
    seed: int = 1
    mixing: float = 0.5
    stacked: float = 0.0

    @property
    def name(self) -> str:
        """Return a name for files of this corpus."""
        return f"{self.claims}-{self.seed}-{self.mixing}-{self.stacked}"


@dataclass(frozen=True)
class World:
    """A register, and documents with their texts, as files have them."""

    number: int
    register: Mapping[str, list[Raw]]
    documents: tuple[Raw, ...]
    texts: tuple[str, ...]


def worlds(settings: Settings) -> Iterator[World]:
    """Yield the worlds of a corpus, one after another: a large corpus never stands in memory."""
    real = read_real_corpus()
    count = max(1, round(settings.claims / real.claims))
    done = 0
    for number in range(count):
        upto = settings.claims * (number + 1) // count
        rng = random.Random(f"{settings.seed}/{number}")
        yield _WorldMaker(real, settings, number, rng).make(upto - done)
        done = upto


def write_project(folder: Path, settings: Settings) -> Path:
    """Write a project that can be built: annotations, and the texts that they are anchored in.

    Returns:
        The folder, with ``seeds/register``, ``seeds/documents`` and ``texts``.
    """
    register, documents, texts = (
        folder / name for name in ("seeds/register", "seeds/documents", "texts")
    )
    for each in (register, documents, texts):
        each.mkdir(parents=True, exist_ok=True)
    for world in worlds(settings):
        _write_yaml(register / f"field-{world.number}.yaml", world.register)
        for document, text in zip(world.documents, world.texts, strict=True):
            header = document["document"]
            _write_yaml(documents / f"{header['id']}.yaml", document)
            (texts / header["source"]).write_text(text, "utf-8", newline="")
    return folder


def _write_yaml(path: Path, data: Any) -> None:
    import yaml

    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=1000)
    path.write_text(text, "utf-8", newline="")


def quads(settings: Settings) -> Iterator[Quad]:
    """Yield what a corpus asserts, without any file; the ontology is not part of it."""
    nowhere = parse_source(b"nowhere: true\n", Path("synthetic.yaml"))
    for world in worlds(settings):
        yield from map_corpus(_as_corpus(world, nowhere))


def _as_corpus(world: World, source: Source) -> Corpus:
    documents = tuple(
        Document(source, file.document, file.claims, file.no_claim)
        for file in map(DocumentFile.model_validate, world.documents)
    )
    register = {
        raw["id"]: Entry(
            SECTIONS[section].kind,
            SECTIONS[section].model.model_validate(raw),
            source,
            (section, index),
        )
        for section, entries in world.register.items()
        for index, raw in enumerate(entries)
    }
    return Corpus(documents, register, read_real_corpus().vocabulary)


@dataclass
class _WorldMaker:
    """Makes one world: a copy of the real corpus in form, with other names and other words."""

    real: RealCorpus
    settings: Settings
    number: int
    rng: random.Random
    names: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.words = Words(self.rng)
        counts: dict[str, int] = {}
        for each, kind in self.real.kinds.items():
            stem = kind.value.replace(" ", "-")
            counts[stem] = counts.get(stem, 0) + 1
            self.names[each] = f"{stem}-{self.number}-{counts[stem]}"

    def make(self, claims: int) -> World:
        """Make the world with so many claims."""
        register = {
            section: [self._thing(section, raw) for raw in entries]
            for section, entries in self.real.register.items()
        }
        self._stack(register["plans"])
        made = [
            self._document(index, model, size)
            for index, (model, size) in enumerate(self._sizes(claims))
            if size
        ]
        return World(
            self.number, register, tuple(raw for raw, _ in made), tuple(text for _, text in made)
        )

    def _sizes(self, claims: int) -> Iterator[tuple[Raw, int]]:
        """Yield each real document with the number of claims that its counterpart gets.

        A world much smaller than the real corpus has fewer documents, not smaller ones.
        """
        models = list(self.real.documents)
        average = self.real.claims / len(models)
        models = models[: max(1, round(claims / average))]
        total = sum(len(each["claims"]) for each in models)
        done = shared = 0
        for model in models:
            shared += len(model["claims"])
            upto = claims * shared // total
            yield model, upto - done
            done = upto

    def _thing(self, section: str, raw: Raw) -> Raw:
        made = with_invented_words(raw, SECTIONS[section].model, self.words)
        made["id"] = self.names[raw["id"]]
        made["label"] = self.names[raw["id"]].replace("-", " ", 1)
        if "alt" in raw:
            made["alt"] = [f"{made['label']}, alias {i}" for i, _ in enumerate(raw["alt"], 1)]
        return self._renamed(made, SECTIONS[section].model)

    def _renamed(self, raw: Raw, model: Any) -> Raw:
        """Return raw data with every name of a thing replaced by that of its counterpart."""
        for name, slot in slots(model).items():
            value = raw.get(name)
            if slot.model is not None and isinstance(value, dict):
                raw[name] = self._renamed(dict(value), slot.model)
            elif slot.ref is not None and isinstance(value, list):
                raw[name] = [self.names.get(each, each) for each in value]
            elif slot.ref is not None and isinstance(value, str):
                raw[name] = self.names.get(value, value)
        return raw

    def _stack(self, plans: list[Raw]) -> None:
        """Put some proposals upon proposals of the same arrangement in force."""
        eras: dict[str, list[str]] = {}
        for plan in plans:
            base = plan.get("baseline")
            if base is not None:
                before = eras.setdefault(base, [])
                if before and self.rng.random() < self.settings.stacked:
                    plan["baseline"] = self.rng.choice(before)
                before.append(plan["id"])

    def _document(self, index: int, model: Raw, size: int) -> tuple[Raw, str]:
        self.words.new_text()
        slug = f"article-{self.number}-{index}"
        forms = model["claims"]
        chosen: list[tuple[int, int]] = []  # (position of the form, number of the copy)
        while len(chosen) < size:
            some = self.rng.sample(range(len(forms)), min(len(forms), size - len(chosen)))
            chosen += [(each, len(chosen) // len(forms)) for each in some]
        chosen.sort(key=lambda pair: (pair[1], pair[0]))
        ids = {pair: f"claim-{number}" for number, pair in enumerate(chosen, 1)}
        own = {forms[form]["id"]: each for (form, copy), each in ids.items() if not copy}
        claims = []
        for form, copy in chosen:
            raw = with_invented_words(forms[form], CLAIM_MODELS[forms[form]["kind"]], self.words)
            raw["id"] = ids[form, copy]
            made = self._claim(raw, own, copy)
            if made is not None:
                claims.append((made, copy))
        rest = [dict(each) for each in model.get("no_claim", ())]
        text, no_claim = compose_text(claims, rest, self.words)
        header = self._header(model["document"], slug, text)
        made_document: Raw = {"document": header, "claims": [claim for claim, _ in claims]}
        if no_claim:
            made_document["no_claim"] = no_claim
        return made_document, text

    def _header(self, model: Raw, slug: str, text: str) -> Raw:
        header: Raw = {
            "id": slug,
            "label": f"Synthetic {slug.replace('-', ' ', 1)}",
            "source": f"{slug}.txt",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "length": len(text),
        }
        if "publisher" in model:
            header["publisher"] = self.names[model["publisher"]]
        return header

    def _claim(self, raw: Raw, own: Mapping[str, str], copy: int) -> Raw:
        """Fill the form of a claim: names of this world, references to claims of this document.

        A second copy of a form names other things wherever it can.
        """
        form, kind = form_of(raw), raw["kind"]
        mixing = 1.0 if copy else self.settings.mixing
        for name, slot in slots(CLAIM_MODELS[kind]).items():
            if slot.ref is None or name not in raw:
                continue
            value = raw[name]
            several: list[str] = value if isinstance(value, list) else [value]
            drawn = [
                self._claim_reference(each, raw["id"], own)
                if each.startswith("claim/")
                else self._draw(each, form, name, mixing)
                for each in several
            ]
            if len(set(drawn)) < len(several):
                drawn = [self.names.get(each, each) for each in several]
            raw[name] = drawn if isinstance(value, list) else drawn[0]
        self._settle(raw)
        for name, slot in slots(CLAIM_MODELS[kind]).items():
            if slot.model is not None and isinstance(raw.get(name), dict):
                raw[name] = self._renamed(dict(raw[name]), slot.model)
        return raw

    def _draw(self, each: str, form: str, name: str, mixing: float) -> str:
        """Return what stands in the place of a thing, or of a term that is one of many bodies."""
        kind = self.real.kind_of(each)
        free = name not in KEPT and (each in self.names or kind in _BODIES)
        if kind is not None and free and self.rng.random() < mixing:
            found = self.real.named[form, name, kind]
            each = self.rng.choices(list(found), list(found.values()))[0]
        return self.names.get(each, each)

    def _claim_reference(self, reference: str, claim: str, own: Mapping[str, str]) -> str:
        """Return a reference to a claim of this document other than the one it stands in."""
        wanted = split_claim_reference(reference, "")
        found = own.get(wanted[1]) if wanted else None
        if found is None or found == claim:
            others = [each for each in own.values() if each != claim] or [claim]
            found = self.rng.choice(others)
        return f"claim/{found}"

    def _settle(self, raw: Raw) -> None:
        """Put right what drawing each field by itself can get wrong."""
        if raw["kind"] == "relation" and raw.get("object") == raw["subject"]:
            kinds = {new: self.real.kinds[old] for old, new in self.names.items()}
            kind = kinds[raw["subject"]]
            others = [each for each in kinds if kinds[each] is kind and each != raw["subject"]]
            raw["object"] = self.rng.choice(others)
        if raw["kind"] == "provision":
            took = set(raw.get("from", ()))
            if took & set(raw.get("to", ())):
                bodies = self.real.vocabulary.slugs([Kind.BODY_KIND])
                free = [each for each in bodies if each not in took]
                raw["to"] = self.rng.sample(free, len(raw["to"]))
