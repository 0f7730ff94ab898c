"""The rules of OWL 2 RL/RDF that end in false (OWL 2 Profiles, 4.3, tables 4 to 8).

Each has a pair of small graphs: in the first the rule does not fire, in the second it does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CLASHES", "PROTECTS", "Clash"]

PROTECTS: Final = (
    "From statements that cannot all be true anything follows. A graph in which this rule fires is "
    "no answer to any question; the finding names the statements that clash and the claims behind "
    "them."
)


@dataclass(frozen=True, slots=True)
class Clash:
    """A rule that ends in false, in words and in two small graphs.

    Attributes:
        name: as the OWL 2 Profiles name it.
        table: the table of section 4.3 that it stands in.
        title: a few words.
        demands: what must not be.
        valid: a graph, in Turtle without its prefixes, that keeps the rule.
        invalid: one that breaks it.
    """

    name: str
    table: int
    title: str
    demands: str
    valid: str
    invalid: str


_DIFFERENT: Final = "[] a owl:AllDifferent ; owl:{members} ( id:ccg id:trust id:council ) ."
_SAME: Final = "id:ccg owl:sameAs id:trust ."
_NOT_SAME: Final = "id:ccg owl:sameAs id:clinical-group ."
_NEGATIVE: Final = "[] owl:sourceIndividual id:plan ; owl:assertionProperty {property} ; {target} ."
_AT_MOST: Final = "nhs:Post a owl:Restriction ; owl:onProperty nhs:postIn ; {number} ."
_ZERO: Final = '"0"^^xsd:nonNegativeInteger'

CLASHES: Final = (
    Clash(
        "eq-diff1",
        4,
        "two things are the same and different",
        "what is declared different MUST NOT be the same",
        "id:ccg owl:differentFrom id:trust .",
        f"id:ccg owl:differentFrom id:trust .\n{_SAME}",
    ),
    Clash(
        "eq-diff2",
        4,
        "two members of a list of different things are the same",
        "the members of an owl:AllDifferent (owl:members) MUST all differ",
        f"{_DIFFERENT.format(members='members')}\n{_NOT_SAME}",
        f"{_DIFFERENT.format(members='members')}\n{_SAME}",
    ),
    Clash(
        "eq-diff3",
        4,
        "two members of a list of different things are the same",
        "the members of an owl:AllDifferent (owl:distinctMembers) MUST all differ",
        f"{_DIFFERENT.format(members='distinctMembers')}\n{_NOT_SAME}",
        f"{_DIFFERENT.format(members='distinctMembers')}\n{_SAME}",
    ),
    Clash(
        "prp-irp",
        5,
        "a thing stands to itself as nothing may",
        "an irreflexive property MUST NOT join a thing to itself",
        "nhs:denies a owl:IrreflexiveProperty .\nid:claim-1 nhs:denies id:claim-2 .",
        "nhs:denies a owl:IrreflexiveProperty .\nid:claim-1 nhs:denies id:claim-1 .",
    ),
    Clash(
        "prp-asyp",
        5,
        "two things stand to each other as only one may",
        "an asymmetric property MUST NOT hold in both directions",
        "nhs:baseline a owl:AsymmetricProperty .\nid:proposal nhs:baseline id:law .",
        "nhs:baseline a owl:AsymmetricProperty .\nid:proposal nhs:baseline id:law .\n"
        "id:law nhs:baseline id:proposal .",
    ),
    Clash(
        "prp-pdw",
        5,
        "two disjoint properties hold between the same two things",
        "disjoint properties MUST NOT hold between the same two things",
        "nhs:toBody owl:propertyDisjointWith nhs:fromBody .\n"
        "id:claim nhs:toBody id:ccg ; nhs:fromBody id:trust .",
        "nhs:toBody owl:propertyDisjointWith nhs:fromBody .\n"
        "id:claim nhs:toBody id:ccg ; nhs:fromBody id:ccg .",
    ),
    Clash(
        "prp-adp",
        5,
        "two properties of a disjoint list hold between the same two things",
        "the members of an owl:AllDisjointProperties MUST NOT hold between the same two things",
        "[] a owl:AllDisjointProperties ; owl:members ( nhs:affirms nhs:denies nhs:omits ) .\n"
        "id:claim nhs:affirms id:a ; nhs:denies id:b .",
        "[] a owl:AllDisjointProperties ; owl:members ( nhs:affirms nhs:denies nhs:omits ) .\n"
        "id:claim nhs:affirms id:a ; nhs:denies id:a .",
    ),
    Clash(
        "prp-npa1",
        5,
        "a relation holds that is denied",
        "what a negative property assertion denies of two things MUST NOT hold",
        _NEGATIVE.format(property="nhs:complements", target="owl:targetIndividual id:other"),
        _NEGATIVE.format(property="nhs:complements", target="owl:targetIndividual id:other")
        + "\nid:plan nhs:complements id:other .",
    ),
    Clash(
        "prp-npa2",
        5,
        "a value is given that is denied",
        "what a negative property assertion denies of a value MUST NOT hold",
        _NEGATIVE.format(property="nhs:newName", target='owl:targetValue "Board"'),
        _NEGATIVE.format(property="nhs:newName", target='owl:targetValue "Board"')
        + '\nid:plan nhs:newName "Board" .',
    ),
    Clash(
        "cls-nothing2",
        6,
        "a thing belongs to the empty class",
        "nothing MUST be a member of owl:Nothing",
        "id:ccg a owl:Thing .",
        "id:ccg a owl:Nothing .",
    ),
    Clash(
        "cls-com",
        6,
        "a thing belongs to a class and to its complement",
        "a thing MUST NOT belong to a class and to its complement",
        "nhs:Other owl:complementOf nhs:Body .\nid:ccg a nhs:Body .",
        "nhs:Other owl:complementOf nhs:Body .\nid:ccg a nhs:Body , nhs:Other .",
    ),
    Clash(
        "cls-maxc1",
        6,
        "a value stands where there may be none",
        "a member of a class with owl:maxCardinality 0 MUST NOT have a value",
        f"{_AT_MOST.format(number=f'owl:maxCardinality {_ZERO}')}\nid:warden a nhs:Post .",
        f"{_AT_MOST.format(number=f'owl:maxCardinality {_ZERO}')}\n"
        "id:warden a nhs:Post ; nhs:postIn id:hospital .",
    ),
    Clash(
        "cls-maxqc1",
        6,
        "a value of a class stands where there may be none",
        "a member of a class with owl:maxQualifiedCardinality 0 MUST NOT have such a value",
        _AT_MOST.format(number=f"owl:maxQualifiedCardinality {_ZERO} ; owl:onClass nhs:Abolished")
        + "\nid:warden a nhs:Post ; nhs:postIn id:hospital .",
        _AT_MOST.format(number=f"owl:maxQualifiedCardinality {_ZERO} ; owl:onClass nhs:Abolished")
        + "\nid:warden a nhs:Post ; nhs:postIn id:hospital .\nid:hospital a nhs:Abolished .",
    ),
    Clash(
        "cls-maxqc2",
        6,
        "a value stands where there may be none",
        "a member of a class with owl:maxQualifiedCardinality 0 on owl:Thing MUST NOT have a value",
        _AT_MOST.format(number=f"owl:maxQualifiedCardinality {_ZERO} ; owl:onClass owl:Thing")
        + "\nid:warden a nhs:Post .",
        _AT_MOST.format(number=f"owl:maxQualifiedCardinality {_ZERO} ; owl:onClass owl:Thing")
        + "\nid:warden a nhs:Post ; nhs:postIn id:hospital .",
    ),
    Clash(
        "cax-dw",
        7,
        "a thing belongs to two disjoint classes",
        "a thing MUST NOT belong to two disjoint classes",
        "nhs:Plan owl:disjointWith nhs:Body .\nid:reform a nhs:Plan .",
        "nhs:Plan owl:disjointWith nhs:Body .\nid:reform a nhs:Plan , nhs:Body .",
    ),
    Clash(
        "cax-adc",
        7,
        "a thing belongs to two classes of a disjoint list",
        "the classes of an owl:AllDisjointClasses MUST NOT share a member",
        "[] a owl:AllDisjointClasses ; owl:members ( nhs:Plan nhs:Body nhs:Claim ) .\n"
        "id:reform a nhs:Plan .",
        "[] a owl:AllDisjointClasses ; owl:members ( nhs:Plan nhs:Body nhs:Claim ) .\n"
        "id:reform a nhs:Plan , nhs:Body .",
    ),
    Clash(
        "dt-not-type",
        8,
        "a value is not of its datatype",
        "the value of a property MUST be of the datatype that its range demands",
        "nhs:part rdfs:range xsd:decimal .\nid:cut nhs:part 0.3 .",
        'nhs:part rdfs:range xsd:decimal .\nid:cut nhs:part "a third" .',
    ),
)
"""All of them, in the order of the tables."""
