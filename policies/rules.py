"""
What must hold of a series, a policy, an attestor set and a root: one table, each rule the range of
a number.

`error` is the custom error by which the registry (`contracts/src/grants/`: Attestors, Roots, Days,
Series, Defaults) refuses what breaks the rule. The rows stand in the order in which the registry
asks, so the first broken row that has an error is the registry's answer;
tests/contracts/test_rules_on_evm.py compares the two. Rows without one are the width of the
contract's argument. What only the chain knows is no row: roles, what exists already, the time, the
default, verifiers, the bounds of a set, and that one signature is a quorum on development chains
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from algebra.errors import Malformed, Refused
from algebra.interface import R

if TYPE_CHECKING:
    from policies.attestor_set import Generation
    from policies.policy import Policy
    from policies.series import Series
    from policies.signed_root import Root
    from policies.terms import Terms

MAX_MEMBERS = 32
MAX_TIERS = 16
LEAST_DAYS, MOST_DAYS = 28, 366  # of a window
MOST_ROOT_DAYS = 120  # for which a root counts after its window
SECONDS_OF_DAY = 86_400
DAY_LIMIT = 1 << 16  # days travel in 16 bits: to 2149-06-06
LEAST_MAX_AGE_DAYS, MOST_MAX_AGE_DAYS = 7, 120
BASIS_POINTS = 10_000  # 1.0
LEAST_INITIAL_MARGIN_BP = 200
LEAST_MAINTENANCE_MARGIN_BP = 100
MOST_MAINTENANCE_MARGIN_BP = 2_500  # of the default, which is better than no tier
MOST_MAINTENANCE_PERCENT = 80  # of the initial margin
MOST_LEVERAGE = 50
MOST_FEE = 10_000  # 1/10^6 of notional: 1%
LIMIT_LIMIT = 1 << 32  # a limit travels in 32 bits
MOST_VALIDITY_DAYS = 90
THRESHOLD_WORD_LIMIT = 1 << 252  # 21 limbs of 12 bits

T = TypeVar("T")
Limit: TypeAlias = int | Callable[[T], int] | None


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
    least: Limit[T] = None
    greatest: Limit[T] = None
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
        "AttestorSetTooLarge",
        greatest=MAX_MEMBERS,
    ),
    Rule(
        "threshold",
        lambda attestors: attestors.threshold,
        "malformed.attestor_set",
        "ThresholdOutOfRange",
        least=lambda attestors: len(attestors.members) // 2 + 1,
        greatest=lambda attestors: len(attestors.members),
        why="it counts signatures of members, of more than half of them",
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


# -- windows ---------------------------------------------------------------------------------------
def _days(window: Policy | Root) -> int:
    """Days of the window, first and last included."""
    return window.last_day - window.first_day + 1


def _length(code: str) -> Rule[Any]:
    return Rule("days of the window", _days, code, "WindowInvalid",
                least=LEAST_DAYS, greatest=MOST_DAYS)  # fmt: skip


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

SUBMISSION_RULES: tuple[Rule[Root], ...] = (
    _length("refused.root_submission"),
    Rule("valid_until", lambda signed: signed.valid_until, "refused.root_submission",
         "ValidUntilTooLate", greatest=lambda signed: (
             (signed.last_day + 1 + MOST_ROOT_DAYS) * SECONDS_OF_DAY),
         why=f"no registry relies on a root for more than {MOST_ROOT_DAYS} days after its window"),
)  # fmt: skip
"""Asked before a root is sent to a registry; others may use what none takes."""

# -- series: registerSeries ------------------------------------------------------------------------
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

SERIES_RULES: tuple[Rule[Series], ...] = (
    Rule("least_days", lambda series: series.least_days, "refused.policy.series",
         "LeastDaysOutOfRange", least=LEAST_DAYS, greatest=MOST_DAYS),
    Rule("max_age_days", lambda series: series.max_age_days, "refused.policy.series",
         "MaxAgeOutOfRange", least=LEAST_MAX_AGE_DAYS, greatest=MOST_MAX_AGE_DAYS),
)  # fmt: skip

# -- policies: the window where it is published, then registerPolicy -------------------------------
POLICY_RULES: tuple[Rule[Policy], ...] = (
    Rule("first_day", lambda policy: policy.first_day, "refused.policy.window", "WindowInvalid",
         least=0, greatest=lambda policy: policy.last_day),
    Rule("last_day", lambda policy: policy.last_day, "refused.policy.window", "WindowInvalid",
         greatest=DAY_LIMIT - 1),
    _length("refused.policy.window"),
    Rule("days of the window", _days, "refused.policy.window", "WindowTooShort",
         least=lambda policy: policy.least_days, why="the series has no shorter one"),
    Rule("number of tiers", lambda policy: len(policy.tiers), "refused.policy.tier",
         "TierCountOutOfRange", least=1, greatest=MAX_TIERS),
)  # fmt: skip

WORD_RULES: tuple[Rule[Sequence[int]], ...] = (
    Rule("largest threshold word", max, "refused.policy.range", "ThresholdsInvalid",
         greatest=THRESHOLD_WORD_LIMIT - 1),
    Rule("sum of the threshold words", sum, "refused.policy.range", "ThresholdsInvalid",
         least=1, why="a tier that asks nothing of anybody is a forgotten value"),
)  # fmt: skip
"""Of the five words t0..t4 of a tier."""


def _of_terms(
    name: str,
    least: Limit[Terms] = None,
    greatest: Limit[Terms] = None,
    error: str = "TermsInvalid",
    why: str = "",
) -> Rule[Terms]:
    """The range of one of a tier's terms, by its name."""
    return Rule(name, attrgetter(name), "refused.policy.terms", error, least, greatest, why)


TERM_RULES: tuple[Rule[Terms], ...] = (
    _of_terms("initial_margin_bp", LEAST_INITIAL_MARGIN_BP, BASIS_POINTS),
    _of_terms(
        "maintenance_margin_bp",
        LEAST_MAINTENANCE_MARGIN_BP,
        lambda terms: terms.initial_margin_bp * MOST_MAINTENANCE_PERCENT // 100,
        why=f"maintenance is at most {MOST_MAINTENANCE_PERCENT} % of the initial margin",
    ),
    _of_terms("max_leverage", 1, MOST_LEVERAGE),
    Rule(
        "max_leverage * initial_margin_bp",
        lambda terms: terms.max_leverage * terms.initial_margin_bp,
        "refused.policy.terms",
        "TermsInvalid",
        greatest=BASIS_POINTS,
        why="the initial margin covers the leverage",
    ),
    _of_terms("taker_fee", -MOST_FEE, MOST_FEE),
    _of_terms("maker_fee", -MOST_FEE, MOST_FEE),
    _of_terms("limit", 1, LIMIT_LIMIT - 1),
    _of_terms("validity_days", 1, MOST_VALIDITY_DAYS),
    _of_terms(
        "maintenance_margin_bp",
        greatest=MOST_MAINTENANCE_MARGIN_BP,
        error="TierWorseThanDefault",
        why="no default is above it, and none is better than a tier",
    ),
)

FEE_RULES: tuple[Rule[Sequence[Terms]], ...] = (
    Rule(
        "lowest taker_fee + lowest maker_fee",
        lambda tiers: min(each.taker_fee for each in tiers) + min(each.maker_fee for each in tiers),
        "refused.policy.terms",
        "RebateAboveFee",
        least=0,
        why="a rebate above a taker fee of whichever tier pays for trading with oneself",
    ),
)
"""Of the terms of a tier and of those before it."""
