"""
A valid credential in a blink: synthetic records of class 2^13, leaf, tree, statement, witness and
key.

`case` takes rows of a history and thresholds; whatever it gives is consistent (marks, books, owner,
path), so that a test breaks one thing at a time. Two stock histories: `week` meets every metric,
`Case.forged` changes what the prover holds.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from algebra.interface import Point, R
from algebra.native_backend import native
from algebra.poseidon2 import TAG_NULLIFIER, TAG_OWNER, hash_words
from attestor.binding import venue_id
from attestor.commitment import commit_log
from attestor.leaf import Leaf
from attestor.tree import Tree
from circuits.credential.v2.layout import Layout
from circuits.credential.v2.link import window_table
from circuits.credential.v2.statement import credential_circuit, derive
from circuits.language.circuit import Circuit
from history.v2 import record as r
from history.v2.feed import NO_FEED, Feed
from history.v2.oracle import Assessment, assess
from history.v2.record import Record, Records
from history.v2.thresholds import Thresholds
from prover.keys import ProvingKey, build_proving_key, powers_needed, vanishing_point
from prover.profile import Profile
from prover.setup import Setup, lagrange_bases, unsafe_dev_setup
from prover.witness.v2.credential import CredentialWitness
from support.feeds import market
from tierproof.testing import labels, trace_failures
from verifier.loader import StatementReader

CLASS, SLOTS = 1 << 13, Profile.FAST.slots
SIZE_CLASS = CLASS.bit_length() - 1
LAYOUT = Layout(CLASS)
FIRST_DAY = 20_000
RHO = 123_456_789
"""Blinder that the trace checker sees; proofs draw their own."""
SECRET = 0x5EC2E7
VENUE = venue_id("synthetic")
SCOPE = venue_id("scope")
ACCOUNT = 0xACC


@dataclass(frozen=True)
class World:
    """What all cases share: one development setup with the key of the class."""

    setup: Setup
    key: ProvingKey
    basis: Any
    table: Sequence[tuple[int, int]]

    @property
    def circuit(self) -> Circuit:
        return self.key.circuit

    @property
    def h(self) -> Point:
        return self.key.vanishing_point


def world_of(seed: bytes, n: int = CLASS, slots: int = SLOTS) -> World:
    """A world on the setup of a seed."""
    algebra = native()
    setup = unsafe_dev_setup(powers_needed(n, slots), algebra, seed)
    point = vanishing_point(setup, n, algebra)
    key = build_proving_key(credential_circuit(n, point, setup.srs_id), setup, slots, algebra)
    return World(setup, key, lagrange_bases(setup, n, 1, algebra)[0], window_table(point))


@cache
def world() -> World:
    """The one that tests use unless they say otherwise; half a second, once."""
    return world_of(b"tests")


# -- histories -------------------------------------------------------------------------------------
def fill(
    day: int,
    value: int,
    *,
    notional: int = 1000,
    flags: int = 0,
    distance: int = 9000,
    exposure: int = 5,
) -> Record:
    return Record(r.ACTIVE | r.FILL | flags, day, 600, exposure, distance, notional, value)


def trip(day: int, value: int) -> Record:
    return Record(r.ACTIVE | r.TRIP, day, 600, 0, r.NO_POSITION_DISTANCE, 0, value)


def close(day: int, value: int, **more: Any) -> list[Record]:
    """A fill, and the trip that it ends, of one value."""
    return [fill(day, value, **more), trip(day, value)]


def mark(
    day: int, value: int = 0, notional: int = 0, *, distance: int = 9000, exposure: int = 5
) -> Record:
    return Record(r.ACTIVE | r.MARK, day, 1439, exposure, distance, notional, value)


def owner_mark(day: int, net: int = 0, gross: int = 0) -> Record:
    return Record(r.ACTIVE | r.MARK | r.MAKER, day, 1439, 0, r.NO_POSITION_DISTANCE, net, gross)


def transfer(day: int, value: int, flags: int = 0) -> Record:
    return Record(r.ACTIVE | r.TRANSFER | flags, day, 700, 5, 9000, 0, value)


def carry(day: int, value: int) -> Record:
    return Record(r.ACTIVE | r.CARRY, day, 1439, 5, 9000, 0, value)


def reward(day: int, value: int = 0) -> Record:
    return Record(r.ACTIVE | r.REWARD, day, 800, 5, 9000, 0, value)


def vote(day: int) -> Record:
    return Record(r.ACTIVE, day, 800, 5, 9000, 0, 0)


def week() -> list[Record]:
    """
    Seven days, opening 100,000 cents, with something of every kind.

    35 trips, a liquidation (day 1) with a near record, makers, a deposit, a position over night on
    days 0 and 2 (marks of the owner: net 30,000 of 70,000), carry, two votes and
    a reward.
    """
    rows: list[Record] = []
    after: list[Record] = []  # trips and owner's marks; no metric depends on the order
    for day, gain in enumerate((100, -50, 80, 60, -20, 90, 40)):
        for i in range(5):
            flags = (r.MAKER if day % 2 == 0 else 0) | (r.LIQUIDATION if (day, i) == (1, 4) else 0)
            rows.append(
                fill(day, gain + i, flags=flags, distance=-7 if flags & r.LIQUIDATION else 9000)
            )
            after.append(trip(day, gain + i))
        if day == 2:
            rows.append(transfer(2, 1000, r.INFLOW | r.BASE))
        if day == 3:
            rows += [carry(3, -10), vote(3), vote(3), reward(3)]
        open_now = {0: (0, 50_000, 40), 2: (200, 20_000, 12)}.get(day, (0, 0, 5))
        rows.append(mark(day, open_now[0], open_now[1], exposure=open_now[2]))
        after.append(owner_mark(day, min(15_000, open_now[1]), open_now[1]))
    return rows + after


WORD = (3, 4, *range(20, 34))
DEFAULTS: dict[str, Any] = {
    "floor": 1000,
    "activity": 100,
    "near_line": 3000,
    "near_word": WORD,
    "trade_trips": 30,
}


def thresholds(asked: Sequence[int] = (), **numbers: Any) -> Thresholds:
    """Loose thresholds (see `LOOSE`) of the asked metrics, with some numbers changed."""
    return Thresholds(
        **{**DEFAULTS, **{k: v for m in asked for k, v in LOOSE.get(m, {}).items()}, **numbers},
        asked=frozenset(asked),
    )


LOOSE: dict[int, dict[str, Any]] = {
    5: {"distance": -7},
    6: {"liquidations": 1},
    7: {"drawdown": 10_000},
    15: {"mean_exposure": 10**6},
    16: {"peak_exposure": 40},
    17: {"class_net": 10**6},
    21: {"best_day": 10_000},
    24: {"worst_days": 2, "shortfall": 10_000},
    25: {"volatility_sensitivity": (1 << 24) - 1},
    26: {"weight": (90, -7, 3, 40, -65, 100, -11, 13, 2047, -2048), "score_limit": (1 << 23) - 1},
}
"""Upper limits and signed lines that `week` meets; everything else is loose at 0."""
ALL_METRICS = (*range(1, 4), *range(5, 18), *range(19, 28))


def closing_of(opening: int, rows: Sequence[Record]) -> int:
    return opening + sum(row.value for row in rows if not row.kind & (r.MARK | r.TRIP))


# -- a case ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """
    One credential's parts. `records`, `leaf` and the rest agree unless `forged` made them differ.

    assessment : of the oracle, for the records that the prover fills in.
    """

    world: World
    records: Records
    assessment: Assessment
    leaf: Leaf
    index: int
    path: tuple[int, ...]
    statement: tuple[int, ...]
    secret: int
    scope: int
    leaf_words: tuple[int, ...]
    table: Sequence[tuple[int, int]] = field(repr=False, default=())

    @property
    def circuit(self) -> Circuit:
        return self.world.circuit

    @property
    def witness(self) -> CredentialWitness:
        scalars = {k: v.number for k, v in derive(StatementReader(), self.statement, None).items()}
        return CredentialWitness(
            self.circuit,
            self.records,
            self.assessment.rows,
            self.assessment.sums,
            self.leaf_words,
            self.index,
            self.path,
            self.leaf.commitment,
            self.secret,
            self.scope,
            scalars,
            self.table,
        )

    @property
    def record(self) -> tuple[int, int]:
        """C' for `RHO`."""
        point = native().scale_points([self.leaf.commitment, self.world.h], [1, RHO])
        if point is None:
            raise ArithmeticError("C' is infinity")
        return point

    def shown(self) -> dict[str, Any]:
        """Arguments of `trace_failures`: C', its blinder, and the attested records."""
        return {"record": self.record, "rho": RHO, "records": self.records.encode()}

    def failures(self, witness: Any = None, **options: Any) -> Any:
        """Failures of the honest witness, or of another one."""
        return trace_failures(
            self.circuit, witness or self.witness, self.statement, **{**self.shown(), **options}
        )  # fmt: skip

    def labels(self, witness: Any = None, **options: Any) -> frozenset[str]:
        return labels(self.failures(witness, **options))

    def word(self, index: int, value: int) -> Case:
        """The same with another public word."""
        words = list(self.statement)
        words[index] = value
        return replace(self, statement=tuple(words))


def case(
    rows: Sequence[Record] | Records,
    days: int,
    opening: int,
    asked: Thresholds,
    *,
    wallets: int = 1,
    secret: int = SECRET,
    scope: int = SCOPE,
    others: int = 0,
    home: World | None = None,
    feed: Feed | None = None,
    **leaf_fields: Any,
) -> Case:
    """
    All parts of a credential.

    Parameters
    ----------
    rows : day 0 is `FIRST_DAY`; the closing balance follows from them. Records that no oracle
        accepts raise.
    others : leaves in the tree before this one.
    feed : of the window; None: `market` where a metric needs one, else none.
    leaf_fields : override a field of the leaf.
    """
    algebra, home = native(), home or world()
    records = rows if isinstance(rows, Records) else Records.from_rows(rows)
    closing = closing_of(opening, records.rows())
    last_day = FIRST_DAY + days - 1
    if feed is None and any(asked.metrics[m].needs_feed(asked) for m in asked.asked):
        feed = market(FIRST_DAY, days)
    assessment = assess(records, opening, closing, wallets, FIRST_DAY, last_day, asked, feed)
    commitment = commit_log(records, home.basis, algebra)
    tag = hash_words(TAG_OWNER, [secret, VENUE])
    parts: dict[str, Any] = {
        "owner_tag": tag,
        "venue": VENUE,
        "size_class": SIZE_CLASS,
        "srs_id": home.setup.srs_id,
        "salt": random.Random(3).randrange(R),
        "commitment": commitment,
        "count": len(records),
        "wallets": wallets,
        "first_day": FIRST_DAY,
        "last_day": last_day,
        "bound_day": FIRST_DAY - 3,
        "opening": opening,
        "closing": closing,
    }
    leaf = Leaf(**{**parts, **leaf_fields})
    strangers = [replace(leaf, owner_tag=tag + 1 + i) for i in range(others)]
    tree = Tree.build([*strangers, leaf], algebra)
    nullifier = hash_words(TAG_NULLIFIER, [secret, scope])
    window = FIRST_DAY + (last_day << 24)
    digest = NO_FEED if feed is None else feed.digest()
    statement = (tree.root, nullifier, scope, ACCOUNT, window, *asked.words(), digest)
    return Case(
        home, records, assessment, leaf, others, tuple(tree.path(others)), statement, secret, scope,
        tuple(leaf.words()), home.table,
    )  # fmt: skip


@cache
def honest(*asked: int, **numbers: Any) -> Case:
    """
    The stock week, five strangers before its leaf, under loose thresholds of the asked metrics.
    """
    return case(week(), 7, 100_000, thresholds(asked, **numbers), others=5)


@cache
def poor_and_rich() -> tuple[Case, Case]:
    """
    Two logs alike in count, days and books; the tier asks for a volume that only the second has.

    What a cheat wants: the second log's records under the first log's leaf.
    """
    rows = week()
    asked = thresholds([10], volume=10**9)
    more = [row._replace(notional=row.notional * 10**6) for row in rows]
    return case(rows, 7, 100_000, asked, others=5), case(more, 7, 100_000, asked, others=5)
