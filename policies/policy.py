"""
The policy document of a protocol: what each tier asks and what it grants
(docs/explanation/metrics.md E).

A document is JSON in integers only. Its identity `policy_id` is keccak256 of canonical bytes (keys
sorted, no spaces; `Policy.hashed`), so two files that say the same have one id whatever their
layout. Loading is strict: unknown, missing or repeated keys and numbers that are no integers are
refused, and so is a policy that `check` refuses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from algebra.errors import Malformed, Refused
from algebra.files import read_file, require_format
from algebra.hexadecimal import hex32
from algebra.keccak import keccak
from history.dates import day_text
from history.v2.feed import NO_FEED
from history.v2.metrics import METRICS
from history.v2.metrics.table import MetricTable
from history.v2.posterior import posterior_word
from history.v2.thresholds import METRIC_NAMES, Thresholds
from policies import reading
from policies.advice import Market, advice, check_floor
from policies.rule_files import FEED, NO_FILES, RuleFiles, is_name
from policies.rules import FEE_RULES, POLICY_RULES, TRUST_RULES, WORD_RULES, check
from policies.series import Series
from policies.terms import Terms
from policies.together import check_together

FORMAT, VERSION = "tierproof/policy", 2
HASHED_FORMAT = "tierproof-policy-2"
"""
What the hashed bytes say in place of format and version: it is a part of every policy id, so it
stays whatever files say.
"""
EXAMPLES = ("standard", "sample-hyperliquid")
_FOLDER = Path(__file__).resolve().parent / "examples"
_COMMON = ("floor", "activity", "risk_free", "near_line")
_BY_DAYS = ("volume", "active_days", "fills", "trade_trips", "votes", "rewards", "worst_days")
"""Thresholds that count what a longer window has more of."""
_KEYS = (
    "format",
    "version",
    "name",
    "first_day",
    "last_day",
    "attestor_set",
    "series",
    "documents",
    "prior",
    "tiers",
)
_OPTIONAL = ("advice_overridden", "index", "market")


@dataclass(frozen=True, slots=True)
class Prior:
    """
    M8: prior Beta(a, b) and the bound "rate above l/10^4 has posterior probability at most e/10^4".
    """

    a: int
    b: int
    l: int  # noqa: E741  name of metrics.md C3
    e: int

    def word(self) -> tuple[int, ...]:
        """`posterior_word` of these numbers."""
        return posterior_word(self.a, self.b, self.l, self.e)


@dataclass(frozen=True, slots=True)
class Tier:
    """A tier by name, its thresholds and its terms."""

    name: str
    thresholds: Thresholds
    terms: Terms

    def check(self, days: int) -> None:
        """Refused where a policy over `days` days may not have this tier."""
        self.thresholds.check(days)
        check(WORD_RULES, self.thresholds.words(), "thresholds")
        check_together(self.thresholds, days)
        self.terms.check()

    def over(self, days: int, before: int) -> Tier:
        """As `Policy.over`: the same tier over `days` days in place of `before`."""
        asked = self.thresholds.asked
        numbers: dict[str, Any] = {
            name: max(METRICS.slots[name].least, self.thresholds.number(name) * days // before)
            for name in _BY_DAYS
            if asked & set(METRICS.slots[name].metrics)
        }
        return replace(self, thresholds=self.thresholds.changed(None, **numbers))


@dataclass(frozen=True, slots=True)
class Policy:
    """
    A policy document.

    Attributes
    ----------
    name : for people
    first_day, last_day : days since 1970-01-01 UTC, both inside the window
    attestor_set : 32 bytes, the set whose roots the series trusts; zero: none yet (trusts nobody)
    series_name, least_days, max_age_days : of its series (`policies.series`)
    documents : the margin documents that it accepts, none: only logs made without one; and the
        model of M26 where a tier asks for it
    index : the volatility index that the root's market feed must be of; empty: whatever feed
    prior : of M8, for all tiers
    tiers : weakest first
    market : the price index by which leverage is judged, if it names one
    advice_overridden : whether a floor above a tenth of M11 is meant
    """

    name: str
    first_day: int
    last_day: int
    attestor_set: bytes
    series_name: str
    least_days: int
    max_age_days: int
    prior: Prior
    tiers: tuple[Tier, ...]
    documents: RuleFiles = NO_FILES
    index: str = ""
    market: Market | None = None
    advice_overridden: bool = False

    @property
    def days(self) -> int:
        """N, days of the window."""
        return self.last_day - self.first_day + 1

    @property
    def series(self) -> Series:
        """The series that this policy is of, one after the other."""
        return Series(self.series_name, self.attestor_set, self.least_days, self.max_age_days)

    @property
    def window(self) -> int:
        """The public word first_day + 2^24 last_day."""
        return self.first_day + (self.last_day << 24)

    @property
    def policy_id(self) -> bytes:
        """keccak256 of `hashed()`, 32 bytes."""
        return keccak(self.hashed())

    def tier(self, name: str) -> Tier:
        """The tier called `name`; Refused (`refused.policy.tier`) with the names that exist."""
        for tier in self.tiers:
            if tier.name == name:
                return tier
        known = ", ".join(tier.name for tier in self.tiers)
        raise Refused(
            "refused.policy.tier",
            f"policy {self.name}: no tier {name!r}; it has: {known}",
            tier=name,
        )

    def over(self, first_day: int, last_day: int) -> Policy:
        """
        The same over another window: what counts days, or what is done in them, in proportion
        (volume, active days, fills, trips, votes, rewards, worst days), rounded down.
        """
        days = last_day - first_day + 1
        tiers = tuple(tier.over(days, self.days) for tier in self.tiers)
        return replace(self, first_day=first_day, last_day=last_day, tiers=tiers)

    # -- checks ------------------------------------------------------------------------------------
    def check(self) -> None:
        """
        Whether this is a policy that proofs can serve.

        Raises
        ------
        Refused
            `refused.policy.*`, with the tier's name in the message: see `Thresholds.check` and
            `Terms.check`; thresholds that cannot hold together (`policies.together`), a floor
            above a tenth of M11 unless `advice_overridden` (`policies.advice`); also a tier that
            asks for M8 with another word than its prior gives, one that needs a market feed where
            no index is named, tiers without or with equal names, a
            window whose days do not fit, more tiers than the registry takes (`policies.rules`).
        """
        if len(self.attestor_set) != 32:
            raise Refused("refused.policy.attestors", "policy: attestor_set is not 32 bytes")
        self.series.check()
        check(POLICY_RULES, self, "policy")
        self._check_documents()
        if self.index and not is_name(FEED, self.index):
            raise Refused(
                "refused.policy.index",
                f"policy {self.name}: index: not 1 to 64 letters, digits or @._-: {self.index!a}",
            )
        names = [tier.name for tier in self.tiers]
        if not self.name or len(set(names)) != len(names) or not all(names):
            raise Refused(
                "refused.policy.tier",
                f"policy {self.name}: it and each of its tiers need a name of their own",
            )
        if self.market is not None:
            self.market.check()
        word = self.prior.word()
        for index, tier in enumerate(self.tiers):
            try:
                tier.check(self.days)
                check(FEE_RULES, [each.terms for each in self.tiers[: index + 1]], "terms")
                tier.thresholds.check_feed(present=bool(self.index))
                if not self.advice_overridden:
                    check_floor(tier.thresholds)
            except Refused as error:
                error.fields["tier"] = tier.name
                raise Refused(
                    error.code, f"tier {tier.name}: {error.message}", **error.fields
                ) from None
            if 8 in tier.thresholds.asked and tier.thresholds.near_word != word:
                raise Refused(
                    "refused.policy.near_word",
                    f"tier {tier.name}: M8's word is not the one of the policy's prior; it must "
                    f"be {list(word)}",
                    tier=tier.name,
                )

    def _check_documents(self) -> None:
        margin, models = self.documents.margin.files, self.documents.models.files
        if len(margin) + len(models) != len(self.documents.files):
            raise Refused(
                "refused.policy.documents",
                f"policy {self.name}: its documents are margin documents, named margin/..., and "
                "the model of its score, named model/...",
            )
        scored = [tier for tier in self.tiers if 26 in tier.thresholds.asked]
        if len(models) != bool(scored):
            raise Refused(
                "refused.policy.model",
                f"policy {self.name}: {len(scored)} tiers ask for M26, and its documents name "
                f"{len(models)} score models",
            )
        if len({tier.thresholds.weight for tier in scored}) > 1:
            raise Refused(
                "refused.policy.model",
                f"policy {self.name}: tiers ask for M26 with different weights, of one model",
            )

    def accepts(self, files: RuleFiles, feed: int) -> bool:
        """
        Whether logs made by these files count, under a root with this feed: every margin document
        among them is one of the policy's, there is one where the policy names any, and the feed is
        of the policy's index where it names one.
        """
        used, known = files.margin.files, set(self.documents.margin.files)
        fed = not self.index or (files.feeds == (self.index,) and feed != NO_FEED)
        return fed and bool(used) == bool(known) and set(used) <= known

    def check_registrable(self) -> None:
        """
        Whether a registry, or the service, can take this policy: as `check`, and it trusts an
        attestor set (`refused.policy.attestors`). What only the chain knows is asked there.
        """
        self.check()
        check(TRUST_RULES, self, f"policy {self.name}")

    def advice(self) -> list[str]:
        """
        What docs/explanation/metrics.md D recommends and this policy leaves out, one sentence each;
        nothing is refused.
        """
        return advice(self)

    # -- the document ------------------------------------------------------------------------------
    def as_json(self) -> dict[str, Any]:
        """The document as JSON values; `from_json` reads it back."""
        market = {} if self.market is None else {"market": asdict(self.market)}
        overridden = {"advice_overridden": True} if self.advice_overridden else {}
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "first_day": day_text(self.first_day),
            "last_day": day_text(self.last_day),
            "attestor_set": hex32(self.attestor_set),
            "series": {
                "name": self.series_name,
                "least_days": self.least_days,
                "max_age_days": self.max_age_days,
            },
            "documents": self.documents.as_json(),
            **({"index": self.index} if self.index else {}),
            "prior": asdict(self.prior),
            "tiers": [
                {
                    "name": tier.name,
                    "asked": sorted(tier.thresholds.asked),
                    "thresholds": _numbers(tier.thresholds),
                    "terms": asdict(tier.terms),
                }
                for tier in self.tiers
            ],
            **market,
            **overridden,
        }

    def document(self) -> bytes:
        """Canonical bytes: JSON, keys sorted, no spaces, ASCII."""
        return _canonical(self.as_json())

    def hashed(self) -> bytes:
        """
        The canonical bytes that the id is the hash of: those of the document with `HASHED_FORMAT`
        as its format and without a version.
        """
        body = {**self.as_json(), "format": HASHED_FORMAT}
        del body["version"]
        return _canonical(body)

    def save(self, path: Path) -> None:
        """Write the document, indented for people, replacing the file at once or not at all."""
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="ascii")
        temporary.replace(path)

    @classmethod
    def load(cls, path: Path) -> Policy:
        """
        Read a file; Malformed or Refused with its name in the message, Unavailable, Malformed as
        `algebra.files.read_file`.
        """
        data = read_file(path)
        try:
            return cls.parse(data)
        except (Malformed, Refused) as error:
            raise type(error)(
                error.code, f"policy {path.name}: {error.message}", **error.fields
            ) from None

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """
        Read a document in any layout.

        Raises
        ------
        Malformed
            `malformed.policy.*`: no JSON, wrong types, unknown, missing or repeated keys.
        Refused
            As `check`.
        """
        return cls.from_json(reading.document(data))

    @classmethod
    def from_json(cls, value: object) -> Policy:
        """Read JSON values; errors as `parse`."""
        if isinstance(value, dict):
            _require_version(value)
        top = reading.keys(value, "policy", _KEYS, _OPTIONAL)
        tiers = top["tiers"]
        if not isinstance(tiers, list):
            raise Malformed("malformed.policy.type", "policy: tiers is not a list")
        name, ages = _series(top["series"])
        policy = cls(
            name=reading.text(top["name"], "policy: name"),
            first_day=reading.day(top["first_day"], "policy: first_day"),
            last_day=reading.day(top["last_day"], "policy: last_day"),
            attestor_set=reading.bytes32(top["attestor_set"], "policy: attestor_set"),
            series_name=name,
            least_days=ages["least_days"],
            max_age_days=ages["max_age_days"],
            prior=Prior(**reading.integers(top["prior"], "policy: prior", ("a", "b", "l", "e"))),
            tiers=tuple(_tier(tier, f"tier {index}") for index, tier in enumerate(tiers)),
            documents=RuleFiles.parse(top["documents"], "policy: documents"),
            index=reading.text(top["index"], "policy: index") if "index" in top else "",
            market=_market(top["market"]) if "market" in top else None,
            advice_overridden="advice_overridden" in top
            and reading.truth(top["advice_overridden"], "policy: advice_overridden"),
        )
        policy.check()
        return policy


def example(name: str) -> Policy:
    """
    The example policy `standard` (a year) or `sample-hyperliquid` (66 days of 2023), of
    docs/explanation/metrics.md E.
    """
    if name not in EXAMPLES:
        raise Refused(
            "refused.policy.example",
            f"no example policy {name!r}; there are: {', '.join(EXAMPLES)}",
        )
    return Policy.load(_FOLDER / f"{name}.json")


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode(
        "ascii"
    )


# -- reading JSON values ---------------------------------------------------------------------------
def _threshold_names(asked: frozenset[int], metrics: MetricTable) -> list[str]:
    """
    Names of the thresholds that a tier which asks for `asked` states: the common four and its
    metrics' own.
    """
    names = (n.name for m in metrics if m.number in asked for n in m.thresholds)
    return [*_COMMON, *dict.fromkeys(names)]


def _numbers(thresholds: Thresholds) -> dict[str, int | list[int]]:
    names = _threshold_names(thresholds.asked, thresholds.metrics)
    return {
        name: list(value) if isinstance(value := getattr(thresholds, name), tuple) else value
        for name in names
    }


def _require_version(value: Mapping[str, Any]) -> None:
    require_format(value, FORMAT, "malformed.policy.format", "policy")
    version = value.get("version", VERSION)  # a missing one is a missing key, said by `keys`
    if type(version) is int and version == VERSION:
        return
    told = ": one of version 1 names no series; write it anew, from the one of `tierproof init`"
    raise Malformed(
        "malformed.policy.format", f"policy: version is not {VERSION}{told * (version == 1)}"
    )


def _series(value: object) -> tuple[str, dict[str, int]]:
    """Its name, its least window and its greatest age."""
    top = reading.keys(value, "policy: series", ("name", "least_days", "max_age_days"))
    ages = ("least_days", "max_age_days")
    return (
        reading.text(top["name"], "policy: series: name"),
        {key: reading.integer(top[key], f"policy: series: {key}") for key in ages},
    )


def _market(value: object) -> Market:
    top = reading.keys(value, "policy: market", ("index", "greatest_move"))
    return Market(
        reading.text(top["index"], "policy: market: index"),
        reading.integer(top["greatest_move"], "policy: market: greatest_move"),
    )


def _tier(value: object, where: str) -> Tier:
    top = reading.keys(value, where, ("name", "asked", "thresholds", "terms"))
    name = reading.text(top["name"], f"{where}: name")
    where = f"tier {name}"
    listed = reading.integer_list(top["asked"], f"{where}: asked")
    asked = frozenset(listed)
    if sorted(asked) != listed or not asked <= set(METRIC_NAMES):
        raise Malformed(
            "malformed.policy.asked",
            f"{where}: asked must hold metrics of 1..{len(METRICS)}, increasing, each once",
        )
    names = _threshold_names(asked, METRICS)
    numbers: dict[str, Any] = dict(reading.keys(top["thresholds"], f"{where}: thresholds", names))
    for key, number in numbers.items():
        if key in METRICS.series:
            numbers[key] = tuple(reading.integer_list(number, f"{where}: {key}"))
        else:
            reading.integer(number, f"{where}: thresholds: {key}")
    terms = reading.integers(top["terms"], f"{where}: terms", tuple(Terms.__dataclass_fields__))
    return Tier(name, Thresholds(**numbers, asked=asked), Terms(**terms))
