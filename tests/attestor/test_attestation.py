"""Attesting owners, the file, and the institution's check of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attestor_world import FIRST_DAY, TAU, Attestors, key, lagrange_basis, owner_tag, signed_owner

from algebra.errors import Malformed, Refused, Rejected
from algebra.interface import Algebra, PointVector
from algebra.keccak import keccak
from attestor.attest import OwnerStatement, Setup, attest
from attestor.attestation import Attestation, check, load
from attestor.by_hand import VALID_AHEAD
from attestor.commitment import commit_log
from history.v2.feed import NO_FEED
from history.v2.record import MARK
from policies.feed import FeedDocument
from policies.rule_files import NO_FILES, RuleFiles
from policies.signed_root import RootDomain

SECRETS = (501, 502, 503)
SRS_ID = 0xABCDEF
N = 64
VALID_UNTIL = 1_900_000_000
OVER = (FIRST_DAY + 5) * 86_400
"""The first second in which nothing late counts in the test window."""


@pytest.fixture(scope="module")
def basis(algebra: Algebra) -> PointVector:
    return lagrange_basis(N, algebra)


@pytest.fixture(scope="module")
def world(
    basis: PointVector, algebra: Algebra
) -> tuple[Attestors, list[OwnerStatement], list[Attestation]]:
    attestors = Attestors()
    owners = [
        signed_owner(attestors, secret, [key(f"owner {secret} wallet {i}") for i in range(1 + j)])
        for j, secret in enumerate(SECRETS)
    ]
    return attestors, owners, run(attestors, owners, basis, algebra)


def run(
    attestors: Attestors,
    owners: list[OwnerStatement],
    basis: PointVector,
    algebra: Algebra,
    capacity: int = 40,
    now: int = OVER,
    feed: FeedDocument | None = None,
) -> list[Attestation]:
    return attest(
        owners,
        bindings=attestors.bindings,
        setup=Setup(basis, SRS_ID, capacity),
        algebra=algebra,
        attestor_set=attestors.set,
        signers=attestors.keys[:2],
        domain=attestors.domain,
        valid_until=VALID_UNTIL,
        now=now,
        feed=feed,
    )


World = tuple[Attestors, list[OwnerStatement], list[Attestation]]


def test_every_owner_gets_what_checks(world: World, basis: PointVector, algebra: Algebra) -> None:
    attestors, owners, attestations = world
    assert len({a.root for a in attestations}) == 1
    places = {tag: at for at, tag in enumerate(sorted(each.owner_tag for each in owners))}
    for index, (attestation, owner, secret) in enumerate(
        zip(attestations, owners, SECRETS, strict=True)
    ):
        check(
            attestation,
            basis,
            algebra,
            secret,
            srs_id=SRS_ID,
            attestor_set=attestors.set.id,
            domain=attestors.domain,
        )
        leaf = attestation.leaf
        assert (leaf.wallets, leaf.size_class, leaf.bound_day) == (index + 1, 6, FIRST_DAY - 5)
        assert leaf.owner_tag == owner.owner_tag == owner_tag(secret, "test-venue")
        assert leaf.commitment == commit_log(attestation.records, basis, algebra)
        assert attestation.index == places[owner.owner_tag]


def test_the_file_says_the_same(
    world: World, basis: PointVector, algebra: Algebra, tmp_path: Path
) -> None:
    for attestation, secret in zip(world[2], SECRETS, strict=True):
        path = tmp_path / "attestation.json"
        attestation.write(path)
        loaded = load(path)
        check(loaded, basis, algebra, secret)
        assert loaded.leaf == attestation.leaf
        assert loaded.records == attestation.records
        loaded.write(tmp_path / "again.json")
        assert (tmp_path / "again.json").read_bytes() == path.read_bytes()
        assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_signatures_of_hardware_wallets_are_kept_in_their_one_form(
    world: World, tmp_path: Path
) -> None:
    path, attestation = tmp_path / "attestation.json", world[2][0]
    attestation.write(path)
    canonical, content = path.read_bytes(), json.loads(path.read_text())
    first, second = (bytes.fromhex(text[2:]) for text in content["signatures"])
    content["signatures"] = [
        "0x" + (first[:64] + bytes([first[64] - 27])).hex(),
        "0x" + second.hex().upper(),
    ]
    path.write_text(json.dumps(content))
    loaded = load(path)
    assert loaded.signatures == attestation.signatures
    loaded.write(path)
    assert path.read_bytes() == canonical
    content["signatures"] = ["0x" + (first[:64] + b"\x25").hex()]
    path.write_text(json.dumps(content))
    with pytest.raises(Malformed, match="v, is 37") as caught:
        load(path)
    assert caught.value.code == "malformed.signature"


def code(action: Callable[[], object]) -> str:
    with pytest.raises(Rejected) as caught:
        action()
    assert "50" + "1" not in str(caught.value)  # no secret in an error
    return caught.value.code


def test_made_for_another(world: World, basis: PointVector, algebra: Algebra) -> None:
    attestors, _, attestations = world
    first = attestations[0]
    assert code(lambda: check(first, basis, algebra, 502)) == "rejected.attestation.owner"
    assert (
        code(lambda: check(first, basis, algebra, srs_id=SRS_ID + 1))
        == "rejected.attestation.setup"
    )
    assert (
        code(lambda: check(first, lagrange_basis(32, algebra), algebra))
        == "rejected.attestation.class"
    )
    assert (
        code(lambda: check(first, basis, algebra, attestor_set=bytes(32)))
        == "rejected.attestation.attestor_set"
    )
    other = replace(attestors.domain, chain_id=5)
    assert code(lambda: check(first, basis, algebra, domain=other)) == "rejected.attestation.domain"
    assert (
        code(lambda: check(first, lagrange_basis(N, algebra, TAU + 1), algebra))
        == "rejected.attestation.commitment"
    )


def test_each_lie_is_found(world: World, basis: PointVector, algebra: Algebra) -> None:
    attestors, _, attestations = world
    good = attestations[1]
    records, leaf = good.records, good.leaf
    value = records.value.copy()
    value[0] += 1
    one_off = replace(records, value=value)
    swapped = records.take([len(records) - 1, *range(1, len(records) - 1), 0])
    mark = int(np.flatnonzero(records.has(MARK))[0])
    day = records.day.copy()
    day[mark] += 1
    owner_day = records.day.copy()
    owner_day[np.flatnonzero(records.owner_marks)[0]] += 1
    later = replace(good, leaf=replace(leaf, last_day=leaf.last_day + 1))
    cases = {
        "reconciliation": [
            replace(good, records=one_off),
            replace(good, leaf=replace(leaf, closing=leaf.closing + 1)),
            replace(good, leaf=replace(leaf, opening=leaf.opening - 1)),
        ],
        "commitment": [
            replace(good, records=swapped),
            replace(good, records=one_off, leaf=replace(leaf, closing=leaf.closing + 1)),
            replace(good, leaf=replace(leaf, commitment=attestations[0].leaf.commitment)),
        ],
        "records": [
            replace(good, records=records.take(slice(0, len(records) - 1))),
            replace(good, records=records.take([*range(len(records)), mark])),
            replace(good, records=replace(records, day=day)),
            replace(good, records=replace(records, day=owner_day)),
            replace(good, leaf=replace(leaf, wallets=3)),
            replace(good, leaf=replace(leaf, last_day=leaf.last_day - 1)),
            later,
        ],
    }
    for part, lies in cases.items():
        for lie in lies:
            assert (
                code(lambda lie=lie: check(lie, basis, algebra)) == f"rejected.attestation.{part}"
            )  # type: ignore[misc]
    for change in (
        {"salt": 1},
        {"bound_day": FIRST_DAY - 6},
        {"srs_id": 1},
        {"owner_tag": 1},
        {"venue": 1},
    ):
        lie = replace(good, leaf=replace(leaf, **change))  # type: ignore[arg-type]
        assert code(lambda lie=lie: check(lie, basis, algebra)) == "rejected.path"  # type: ignore[misc]
    for lie in (
        replace(good, index=good.index ^ 1),
        replace(good, root=good.root + 1),
        replace(good, path=good.path[::-1]),
    ):
        assert code(lambda lie=lie: check(lie, basis, algebra)) == "rejected.path"  # type: ignore[misc]
    for lie in (
        replace(good, valid_until=good.valid_until + 1),
        replace(good, signatures=good.signatures[:1]),
        replace(good, signatures=()),
        replace(good, signatures=good.signatures[::-1]),
        replace(good, domain=replace(attestors.domain, chain_id=5)),
    ):
        assert code(lambda lie=lie: check(lie, basis, algebra)) == "rejected.quorum"  # type: ignore[misc]


# ---- the market feed -----------------------------------------------------------------------------
def feed_of(first_day: int = FIRST_DAY, days: int = 3) -> FeedDocument:
    closes = [[4_499], *[[5_000 + 40 * day] for day in range(days)]]
    return FeedDocument.make("vol", "made up", first_day, first_day + days - 1, closes)


@pytest.fixture(scope="module")
def fed(world: World, basis: PointVector, algebra: Algebra) -> Attestation:
    attestors, owners, _ = world
    return run(attestors, owners, basis, algebra, feed=feed_of())[0]


def test_the_root_says_the_feed_and_its_document(
    world: World, fed: Attestation, basis: PointVector, algebra: Algebra, tmp_path: Path
) -> None:
    document = feed_of()
    check(fed, basis, algebra)
    assert fed.market == document.feed and fed.feed == document.feed.digest()
    assert fed.files.files == (("feed/vol", keccak(document.data)),)
    assert fed.signed_root.feed == fed.feed and fed.signed_root.rules == fed.files.rules
    plain = world[2][0]
    assert plain.root == fed.root and plain.signatures != fed.signatures
    fed.write(tmp_path / "fed.json")
    loaded = load(tmp_path / "fed.json")
    check(loaded, basis, algebra)
    assert loaded.market == document.feed
    loaded.write(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "fed.json").read_bytes()


def test_each_lie_about_the_feed_is_found(
    world: World, fed: Attestation, basis: PointVector, algebra: Algebra
) -> None:
    market, plain = feed_of().feed, world[2][0]
    calmer = replace(market, weights=(1, *market.weights[1:-1], 1))
    two = RuleFiles((*fed.files.files, ("feed/x", bytes(32))))
    for lie in (
        replace(fed, market=calmer),
        replace(fed, market=replace(market, changes=market.changes[::-1])),
        replace(fed, market=None),
        replace(fed, feed=NO_FEED),
        replace(fed, files=NO_FILES),
        replace(fed, files=two),
        replace(plain, market=market),
        replace(plain, files=fed.files),
    ):
        assert code(lambda lie=lie: check(lie, basis, algebra)) == "rejected.attestation.feed"  # type: ignore[misc]
    for lie in (
        replace(fed, market=calmer, feed=calmer.digest()),
        replace(fed, market=None, feed=NO_FEED, files=NO_FILES),
        replace(plain, market=market, feed=fed.feed, files=fed.files),
    ):
        assert code(lambda lie=lie: check(lie, basis, algebra)) == "rejected.quorum"  # type: ignore[misc]


def test_the_feed_of_another_window(world: World, basis: PointVector, algebra: Algebra) -> None:
    for feed in (feed_of(FIRST_DAY + 1), feed_of(days=4), feed_of(days=2)):
        with pytest.raises(Refused) as caught:
            run(world[0], world[1], basis, algebra, feed=feed)
        assert caught.value.code == "refused.feed.window"


@pytest.mark.parametrize(
    ("market", "part"),
    [
        (5, "market: not an object"),
        ({"weights": [1, 2, 2]}, "market.changes: missing"),
        ({"weights": [1, 2], "changes": [1, 2]}, "market.weights: not a list of 3"),
        ({"weights": [1, 0, 2], "changes": [1, 2, 3]}, "market.weights[1]: not a whole number"),
        ({"weights": [1, 16, 2], "changes": [1, 2, 3]}, "market.weights[1]: not a whole number"),
        ({"weights": [1, True, 2], "changes": [1, 2, 3]}, "market.weights[1]: not a whole number"),
        ({"weights": [1, 2, 2], "changes": [1, 2, 2048]}, "market.changes[2]: not a whole number"),
        ({"weights": [0] * 3, "changes": [-2048] * 3}, "market.weights[0]: not a whole number"),
    ],
)
def test_values_of_another_form(
    fed: Attestation, tmp_path: Path, market: object, part: str
) -> None:
    path = tmp_path / "fed.json"
    fed.write(path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {"market": market}))
    with pytest.raises(Malformed) as caught:
        load(path)
    assert caught.value.code == "malformed.attestation"
    assert caught.value.message.startswith(f"attestation.{part}")


def test_signed_for_another_registry(world: World, basis: PointVector, algebra: Algebra) -> None:
    attestors, _, attestations = world
    domain = RootDomain(1, "0x" + "12" * 20)
    moved = attestations[0].signed_for(domain, attestors.keys)
    check(moved, basis, algebra, domain=domain)
    assert len(moved.signatures) == 3
    with pytest.raises(Refused):
        attestations[0].signed_for(domain, attestors.keys[:1])


GENERATION = {"members": ["0x" + "11" * 20], "threshold": 1, "handover": []}
CHANGES: list[tuple[str, Any]] = [
    ("format", "tierproof/other"),
    ("version", 2),
    ("version", True),
    ("version", "1"),
    ("srs_id", "0xab"),
    ("size_class", 29),
    ("size_class", 6.0),
    ("venue", 5),
    ("consent_key", 5),
    ("consent_key", "0x" + "Ab" * 20),
    ("owner_tag", "0x05"),
    ("records", "0x00"),
    ("records", 7),
    ("records", "0xzz"),
    ("first_row", 1),
    ("count", 0),
    ("count", "16"),
    ("wallets", 4096),
    ("days", []),
    ("days", {"first": 1, "last": 2}),
    ("opening", -1),
    ("closing", 1 << 47),
    ("salt", "0x" + "ff" * 32),
    ("commitment", ["0x" + "00" * 32]),
    ("commitment", ["0x" + "00" * 31 + "01", "0x" + "00" * 31 + "01"]),
    ("leaf_index", 1 << 20),
    ("path", []),
    ("path", ["0x" + "ff" * 32] * 20),
    ("root", "0x" + "ff" * 32),
    ("root", None),
    ("attestor_set", {"name": "a", "generations": []}),
    ("attestor_set", {"name": "", "generations": [GENERATION]}),
    ("attestor_set", {"name": "a", "generations": [GENERATION, GENERATION]}),
    ("attestor_set", {"name": "a", "generations": [{**GENERATION, "members": []}]}),
    ("attestor_set", {"name": "a", "generations": [{**GENERATION, "members": [5]}]}),
    ("attestor_set", {"name": "a", "generations": [GENERATION] * 1_001}),
    ("domain", {"chain_id": 0, "registry": "0x" + "77" * 20}),
    ("domain", {"chain_id": 1, "registry": "0x77"}),
    ("valid_until", 1 << 64),
    ("valid_until", 1e9),
    ("signatures", ["0x00"]),
    ("signatures", "0x"),
    ("extra", 1),
]


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_malformed_files(world: World, tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "attestation.json"
    world[2][0].write(path)
    content = json.loads(path.read_text())
    content[name] = value
    path.write_text(json.dumps(content))
    with pytest.raises(Malformed):
        load(path)


def test_missing_names_and_broken_json(world: World, tmp_path: Path) -> None:
    path = tmp_path / "attestation.json"
    world[2][0].write(path)
    text = path.read_text()
    content = json.loads(text)
    for name in content:
        path.write_text(json.dumps({key: value for key, value in content.items() if key != name}))
        with pytest.raises(Malformed) as caught:
            load(path)
        assert (caught.value.code, caught.value.fields["part"]) == ("malformed.attestation", name)
    for broken in (
        "",
        "[]",
        text[:-3],
        text.replace('"version": 1', '"version": 1, "version": 1'),
        "\x00",
        "[" * 9_999,
    ):
        path.write_text(broken)
        with pytest.raises(Malformed):
            load(path)


def test_a_record_word_that_no_record_has(world: World, tmp_path: Path) -> None:
    path = tmp_path / "attestation.json"
    world[2][0].write(path)
    content = json.loads(path.read_text())
    content["records"] = "0x" + "ff" * 21 + content["records"][2 + 42 :]
    path.write_text(json.dumps(content))
    with pytest.raises(Malformed) as caught:
        load(path)
    assert caught.value.code.startswith("malformed.record")


def test_who_is_not_attested(basis: PointVector, algebra: Algebra) -> None:
    attestors = Attestors()
    owner = signed_owner(attestors, 501, [key("a"), key("b")])
    other = signed_owner(attestors, 502, [key("c")])

    def refusal(owners: list[OwnerStatement], capacity: int = 40) -> str:
        with pytest.raises(Refused) as caught:
            run(attestors, owners, basis, algebra, capacity)
        return caught.value.code

    stolen = replace(owner, statement=other.statement)
    partial = replace(
        owner, statement=replace(owner.statement, wallets=owner.statement.wallets[:1])
    )
    assert refusal([]) == "refused.attest"
    assert refusal([owner, stolen]) == "refused.binding"
    assert refusal([partial]) == "refused.binding"
    assert refusal([replace(owner, owner_tag=owner_tag(9, "test-venue"))]) == "refused.binding"
    assert refusal([owner, owner]) == "refused.tree"
    assert refusal([owner], capacity=16) == "refused.capacity"
    assert len(run(attestors, [owner, other], basis, algebra, 17)) == 2
    attestors.bindings.unbind(key("a").address.lower(), FIRST_DAY + 1, FIRST_DAY + 1)
    assert len(run(attestors, [owner, other], basis, algebra, 17)) == 2  # it was there at first


@pytest.mark.parametrize(
    ("now", "code"),
    [(OVER - 1, "window"), (VALID_UNTIL, "valid_until"), (VALID_UNTIL + 1, "valid_until")],
)
def test_a_window_is_attested_after_its_end_and_before_its_root_expires(
    basis: PointVector, algebra: Algebra, now: int, code: str
) -> None:
    attestors = Attestors()
    owner = signed_owner(attestors, 501, [key("a")])
    with pytest.raises(Refused) as caught:
        run(attestors, [owner], basis, algebra, now=now)
    assert caught.value.code == f"refused.{code}"
    assert run(attestors, [owner], basis, algebra, now=OVER) and run(
        attestors, [owner], basis, algebra, now=VALID_UNTIL - 1
    )


def test_a_validity_in_another_unit_or_far_ahead_is_refused(
    basis: PointVector, algebra: Algebra
) -> None:
    attestors = Attestors()
    owner = signed_owner(attestors, 501, [key("a")])

    def until(valid_until: int) -> None:
        attest(
            [owner],
            bindings=attestors.bindings,
            setup=Setup(basis, SRS_ID, 40),
            algebra=algebra,
            attestor_set=attestors.set,
            signers=attestors.keys[:2],
            domain=attestors.domain,
            valid_until=valid_until,
            now=OVER,
        )

    until(OVER + VALID_AHEAD)
    for valid_until, said in (
        (OVER + VALID_AHEAD + 1, "more than ten years ahead"),
        (VALID_UNTIL * 1_000, "looks like milliseconds since 1970, which is 2"),
        (VALID_UNTIL * 1_000_000, "looks like microseconds since 1970, which is 2"),
    ):
        with pytest.raises(Refused, match=said) as caught:
            until(valid_until)
        assert caught.value.code == "refused.valid_until"


def test_all_refused_owners_are_named_and_nobody_is_attested(
    basis: PointVector, algebra: Algebra
) -> None:
    attestors = Attestors()
    owners = [signed_owner(attestors, 501 + i, [key(f"wallet {i}")]) for i in range(4)]
    late = owners[1].statement.fills
    late[0] = late[0]._replace(time=OVER * 1_000_000)
    late[1] = late[1]._replace(price=0)
    owners[2] = replace(owners[2], owner_tag=owner_tag(9, "test-venue"))
    with pytest.raises(Malformed) as caught:
        run(attestors, owners, basis, algebra)
    listed: list[dict[str, object]] = caught.value.fields["errors"]  # type: ignore[assignment]
    codes = ["malformed.statement", "malformed.statement", "refused.binding"]
    assert [part["code"] for part in listed] == codes
    assert listed[2]["wallet"] == key("wallet 2").address.lower()
    assert "time: outside the window" in caught.value.message
    attestors.bindings.unbind(key("wallet 0").address.lower(), FIRST_DAY + 1, FIRST_DAY)
