"""
Attestor sets as files, and how one generation hands over to the next
(docs/explanation/attestation.md 3.2).

A set travels with what it signs: root, attestation and calendar hold it as it was in the generation
that signed, from the first on. Whoever reads it asks every handover for its k of n signatures, so
the id alone says whom to believe, and no list of members is fetched from anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from algebra.errors import Rejected
from attestor.by_hand import HandReader
from attestor.signatures import recover
from policies.attestor_set import AttestorSet, Generation
from policies.files import Reader
from policies.rules import MAX_MEMBERS
from policies.typed_data import TypedMessage


def signers_of(
    message: TypedMessage, signatures: Sequence[bytes], generation: Generation, what: str
) -> tuple[str, ...]:
    """
    Who signed, k of n of a generation; `what` is named in errors.

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`: too few, not ascending (so a signer twice), or no member.
    """
    if len(signatures) < generation.threshold:
        raise Rejected(
            "rejected.quorum",
            f"{what}: {len(signatures)} signatures, {generation.threshold} wanted",
        )
    signers: list[str] = []
    for index, signature in enumerate(signatures):
        signer = recover(message, signature, f"{what} signature {index}")
        if signers and signer <= signers[-1]:
            raise Rejected(
                "rejected.quorum", f"{what} signature {index}: signers are not strictly ascending"
            )
        if signer not in generation.members:
            raise Rejected(
                "rejected.quorum", f"{what} signature {index}: not by a member of the attestor set"
            )
        signers.append(signer)
    return tuple(signers)


def check_handovers(attestor_set: AttestorSet) -> None:
    """
    Whether every generation but the first was signed by k of n of the one before.

    Raises
    ------
    Malformed
        `malformed.signature`.
    Rejected
        `rejected.quorum`, as `signers_of`; the generation is named.
    """
    for number in range(2, attestor_set.generation + 1):
        before, taking = attestor_set.until(number - 1), attestor_set.generations[number - 1]
        what = f"attestor set: generation {number}"
        signers_of(before.message(taking), taking.handover, before.generations[-1], what)


def rotated(
    attestor_set: AttestorSet, following: Generation, signatures: Sequence[bytes]
) -> AttestorSet:
    """
    The set with one more generation.

    Parameters
    ----------
    following : without its handover
    signatures : of the last generation, in any order, each of another member

    Raises
    ------
    Malformed
        `malformed.signature`; `malformed.attestor_set`: a generation too many.
    Rejected
        `rejected.quorum`: too few, a signer twice, or no member.
    """
    message = attestor_set.message(following)
    ordered = sorted(signatures, key=lambda each: recover(message, each, "handover"))
    taking = Generation(following.members, following.threshold, tuple(ordered))
    if not ordered:
        raise Rejected("rejected.quorum", "attestor set: nobody of the last generation signed")
    made = AttestorSet(attestor_set.name, (*attestor_set.generations, taking))
    check_handovers(made)
    return made


# -- files -----------------------------------------------------------------------------------------
NAMES = ("name", "generations")
"""Of a set in a file."""


def as_json(attestor_set: AttestorSet) -> dict[str, Any]:
    """The object of a file that holds the set; `parse` reads it."""
    return {
        "name": attestor_set.name,
        "generations": [
            {
                "members": list(each.members),
                "threshold": each.threshold,
                "handover": ["0x" + signature.hex() for signature in each.handover],
            }
            for each in attestor_set.generations
        ],
    }


def parse(part: Reader) -> AttestorSet:
    """
    A set from the object `part`, whose names have been asked; its handovers are verified.

    Raises
    ------
    Malformed
        The reader's code; `malformed.address`, `malformed.attestor_set`, `malformed.signature`.
    Rejected
        `rejected.quorum`: a handover without its quorum.
    """
    generations = tuple(_generation(each) for each in part.children("generations"))
    made = AttestorSet(part.text("name"), generations)
    check_handovers(made)
    return made


def child(file: Reader, name: str = "attestor_set") -> AttestorSet:
    """The set that a file holds under a name; errors as `parse`."""
    part = file.child(name)
    part.keys(*NAMES)
    return parse(part)


def _generation(part: Reader) -> Generation:
    part.keys("members", "threshold", "handover")
    members = part.addresses("members")
    if isinstance(part, HandReader):  # people list them in any order, the registry in one
        members = tuple(sorted(members))
    return Generation(
        members, part.integer("threshold", 1, MAX_MEMBERS), part.signatures("handover")
    )
