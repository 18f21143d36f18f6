"""
What must hold of a policy, an attestor set and a root: one table, each rule the range of a number.

`error` is the custom error by which the registry (`contracts/src/registry/TierRegistry.sol`)
refuses what breaks the rule. The rows stand in the order in which the registry asks, so the first
broken row that has an error is the registry's answer; tests/contracts/test_rules_on_evm.py compares
the two. Rows without one are ours alone, or the width of the contract's argument. What only the
chain knows is no row: roles, what exists already, the time, the verifier's code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Generic, TypeVar

from algebra.errors import Malformed, Refused
from algebra.interface import R
from history.dates import DAY_LIMIT, LAST_DATE

if TYPE_CHECKING:
    from policies.attestor_set import Generation
    from policies.policy import Policy
    from policies.signed_root import Root
    from policies.terms import Terms

MAX_MEMBERS = 64
MAX_TIERS = 32
BASIS_POINTS = 10_000  # 1.0
FEE_LIMIT = 10_000  # 1/10^6 of notional: 1%; so that no rebate is above it either
THRESHOLD_WORD_LIMIT = 1 << 252  # 21 limbs of 12 bits
SECONDS_LIMIT = 1 << 32  # validity travels in 32 bits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule(Generic[T]):
    """
    `least <= value <= greatest`, for one number of a `T`.

    Attributes
    ----------
    name : the number, as it is called in the document
    value : reads it
    code : of our error; its class is that of the first part
    error : the registry's custom error; None where the registry does not ask
    least, greatest : a limit, or what computes it; None for no limit
    why : ends the message, where the numbers do not say enough
    """

    name: str
    value: Callable[[T], int]
    code: str
    error: str | None = None
    least: int | Callable[[T], int] | None = None
    greatest: int | Callable[[T], int] | None = None
    why: str = ""

    def limits(self, subject: T) -> tuple[int | None, int | None]:
        """`least` and `greatest` for this subject."""
        least, greatest = self.least, self.greatest
        return (
            least(subject) if callable(least) else least,
            greatest(subject) if callable(greatest) else greatest,
        )

    def holds(self, subject: T) -> bool:
        """Whether the number is in its range."""
        value, (least, greatest) = self.value(subject), self.limits(subject)
        return (least is None or least <= value) and (greatest is None or value <= greatest)

    def says(self, subject: T) -> str:
        """The number and the range that it should be in."""
        value, (least, greatest) = self.value(subject), self.limits(subject)
        if least is not None and greatest is not None:
            range_ = f"is outside {_text(least)}..{_text(greatest)}"
        elif least is not None:
            range_ = f"is below {_text(least)}"
        else:
            range_ = f"is above {_text(greatest)}"
        return f"{self.name} = {_text(value)} {range_}" + (f"; {self.why}" if self.why else "")


def check(rules: Sequence[Rule[T]], subject: T, where: str) -> None:
    """
    Raise for the first rule that does not hold.

    Raises
    ------
    Malformed, Refused
        The rule's code; `field` the rule's name, `got` the number.
    """
    for rule in rules:
        if not rule.holds(subject):
            kind = Malformed if rule.code.startswith("malformed.") else Refused
            raise kind(
                rule.code,
                f"{where}: {rule.says(subject)}",
                field=rule.name,
                got=rule.value(subject),
            )


def _text(number: int | None) -> str:
    """Decimal; hexadecimal where nobody counts so far."""
    return f"{number:#x}" if number is not None and abs(number) >= 1 << 64 else str(number)


# -- attestor sets: registerAttestorSet, rotateAttestorSet -----------------------------------------
def _least_step(attestors: Generation) -> int:
    """The least distance of a member from the one before, of the first from 0."""
    numbers = [0, *(int(member, 16) for member in attestors.members)]
    return min((b - a for a, b in pairwise(numbers)), default=1)


SET_RULES: tuple[Rule[Generation], ...] = (
    Rule(
        "number of members",
        lambda attestors: len(attestors.members),
        "malformed.attestor_set",
        "AttestorSetEmpty",
        least=1,
    ),
    Rule(
        "number of members",
        lambda attestors: len(attestors.members),
        "malformed.attestor_set",
        "AttestorSetTooLarge",
        greatest=MAX_MEMBERS,
    ),
    Rule(
        "threshold",
        lambda attestors: attestors.threshold,
        "malformed.attestor_set",
        "ThresholdOutOfRange",
        least=1,
        greatest=lambda attestors: len(attestors.members),
        why="it counts signatures of members",
    ),
    Rule(
        "least step between members",
        _least_step,
        "malformed.attestor_set",
        "MembersNotAscending",
        least=1,
        why="members are ascending, each once",
    ),
)

# -- roots: submitRoot -----------------------------------------------------------------------------
ROOT_RULES: tuple[Rule[Root], ...] = (
    Rule("root", lambda signed: signed.root, "malformed.root", "RootOutOfRange",
         least=1, greatest=R - 1),
    Rule("generation", lambda signed: signed.generation, "malformed.root",
         least=1, greatest=(1 << 32) - 1),
    Rule("first_day", lambda signed: signed.first_day, "malformed.root", "WindowInvalid",
         least=0, greatest=lambda signed: signed.last_day),
    Rule("last_day", lambda signed: signed.last_day, "malformed.root", "WindowInvalid",
         greatest=DAY_LIMIT - 1),
    Rule("valid_until", lambda signed: signed.valid_until, "malformed.root",
         least=0, greatest=(1 << 64) - 1),
    Rule("feed", lambda signed: signed.feed, "malformed.root", "FeedOutOfRange",
         least=1, greatest=R - 1),
    Rule("rules", lambda signed: int.from_bytes(signed.rules), "malformed.root", "RulesMissing",
         least=1, why="zero is a forgotten value; of no files it is the hash of nothing"),
)  # fmt: skip

# -- policies: registerPolicy ----------------------------------------------------------------------
TRUST_RULES: tuple[Rule[Policy], ...] = (
    Rule(
        "attestor_set",
        lambda policy: int.from_bytes(policy.attestor_set),
        "refused.policy.attestors",
        "AttestorSetUnknown",
        least=1,
        why="zero is no set: the policy trusts nobody yet",
    ),
)
"""Asked where a policy is registered; a document may still wait for its attestors."""

POLICY_RULES: tuple[Rule[Policy], ...] = (
    Rule("first_day", lambda policy: policy.first_day, "refused.policy.window", "WindowInvalid",
         least=0, greatest=lambda policy: policy.last_day),
    Rule("last_day", lambda policy: policy.last_day, "refused.policy.window", "WindowInvalid",
         greatest=DAY_LIMIT - 1),
    Rule("number of tiers", lambda policy: len(policy.tiers), "refused.policy.tier",
         "TierCountOutOfRange", least=1, greatest=MAX_TIERS),
    Rule("last_day as a date", lambda policy: policy.last_day, "refused.policy.window",
         greatest=LAST_DATE, why="the document could not write it"),
)  # fmt: skip

WORD_RULES: tuple[Rule[Sequence[int]], ...] = (
    Rule("largest threshold word", max, "refused.policy.range", "ThresholdsInvalid",
         greatest=THRESHOLD_WORD_LIMIT - 1),
    Rule("sum of the threshold words", sum, "refused.policy.range", "ThresholdsInvalid",
         least=1, why="a tier that asks nothing of anybody is a forgotten value"),
)  # fmt: skip
"""Of the five words t0..t4 of a tier."""

TERM_RULES: tuple[Rule[Terms], ...] = (
    Rule(
        "maintenance_margin_bp",
        lambda terms: terms.maintenance_margin_bp,
        "refused.policy.terms",
        "TermsInvalid",
        least=1,
        greatest=lambda terms: terms.initial_margin_bp,
        why="maintenance is at most the initial margin",
    ),
    Rule(
        "initial_margin_bp",
        lambda terms: terms.initial_margin_bp,
        "refused.policy.terms",
        "TermsInvalid",
        greatest=BASIS_POINTS,
    ),
    Rule(
        "max_leverage",
        lambda terms: terms.max_leverage,
        "refused.policy.terms",
        "TermsInvalid",
        least=1,
    ),
    Rule(
        "max_leverage * initial_margin_bp",
        lambda terms: terms.max_leverage * terms.initial_margin_bp,
        "refused.policy.terms",
        "TermsInvalid",
        greatest=BASIS_POINTS,
        why="the initial margin covers the leverage",
    ),
    Rule(
        "taker_fee + maker_fee",
        lambda terms: terms.taker_fee + terms.maker_fee,
        "refused.policy.terms",
        "TermsInvalid",
        least=0,
        why="a rebate above the other side's fee pays for trading with oneself",
    ),
    Rule(
        "validity",
        lambda terms: terms.validity,
        "refused.policy.terms",
        "TermsInvalid",
        least=1,
        greatest=SECONDS_LIMIT - 1,
    ),
    Rule(
        "taker_fee",
        lambda terms: terms.taker_fee,
        "refused.policy.terms",
        greatest=FEE_LIMIT,
    ),
    Rule(
        "maker_fee",
        lambda terms: terms.maker_fee,
        "refused.policy.terms",
        greatest=FEE_LIMIT,
    ),
)
