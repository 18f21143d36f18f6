"""
H2: two updates at once, the second started at every step of the first (Light Protocol). What
becomes of both is what some order, one after the other, gives. In the service's store a step is a
statement of SQL; in the attestors' tree, which never changes, a call of the algebra.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attacks.kit_prover.desk import (
    CHAIN_ID,
    MEMBERS,
    NOW,
    POLICY,
    PRIME,
    REGISTRY,
    VALID_UNTIL,
    allowed,
)
from sqlalchemy import event, select
from support.credential import honest, world

from algebra.errors import TierproofError
from algebra.native_backend import native
from attestor.leaf import Leaf
from attestor.tree import Tree
from policies.place import Place
from policies.signed_root import Root
from service.store.credentials import Credential
from service.store.store import Store
from service.store.tables import CredentialRow, DeploymentRow, RootRow

HEAD_START = 0.02
"""
Seconds that the second update has before the first goes on; it may wait for the first one's lock.
"""
ROOT, OTHER_ROOT = 11, 12
PLACE = Place(CHAIN_ID, REGISTRY)
Update = Callable[[Store], object]


# -- the store -------------------------------------------------------------------------------------
def accept(nullifier: int, account: int = 7, later: int = 0) -> Update:
    """A credential whose window ends `later` days after the policy's."""
    credential = Credential(
        nullifier=nullifier,
        scope=1,
        policy_id=POLICY.policy_id,
        tier=PRIME,
        account=account,
        last_day=POLICY.last_day + later,
        digest=bytes([nullifier, account, later] + [0] * 29),
        attestor_set=MEMBERS.id,
        root=ROOT,
        key_digest=world().key.verifying.digest,
        place=PLACE,
    )
    return lambda store: store.accept(POLICY, credential)


def policy(*places: Place) -> Update:
    return lambda store: store.register_policy(POLICY, places)


def signed(root: int = OTHER_ROOT, valid_until: int = VALID_UNTIL) -> Update:
    made = Root(root, MEMBERS.id, 1, POLICY.first_day, POLICY.last_day, valid_until)
    return lambda store: store.register_root(made, [], domain=PLACE.domain, quorum=lambda *_: None)


UPDATES: dict[str, Callable[[], Update]] = {
    "accept": lambda: accept(1),
    "accept for another account": lambda: accept(1, account=8),
    "accept another": lambda: accept(2),
    "revoke": lambda: lambda store: store.revoke_root(MEMBERS.id, ROOT),
    "accept a later window": lambda: accept(1, later=1),
    "accept the one after": lambda: accept(1, later=2),
    "policy": lambda: policy(PLACE),
    "another place": lambda: policy(PLACE, replace(PLACE, chain_id=1)),
    "root": signed,
    "root of another validity": lambda: signed(valid_until=VALID_UNTIL + 1),
    "root again": lambda: signed(ROOT),
}


def opened(file: Path) -> Store:
    return Store(f"sqlite:///{file}", clock=lambda: NOW)


@cache
def filled() -> bytes:
    """The database before either update: policy, key and root are registered once for all pairs."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "service.sqlite"
        store = opened(file)
        policy(PLACE)(store)
        store.register_key(world().key.verifying, allow_setup=allowed())
        signed(ROOT)(store)
        store.close()
        assert [path.name for path in Path(folder).iterdir()] == [file.name]
        return file.read_bytes()


def fresh(folder: str) -> Store:
    file = Path(folder) / "service.sqlite"
    file.write_bytes(filled())
    return opened(file)


def said(update: Update, store: Store) -> str:
    try:
        update(store)
    except TierproofError as error:
        return error.code
    return "done"


def state(store: Store) -> list[tuple[object, ...]]:
    """All that updates can change."""
    with store.database.reading() as session:
        accepted = [
            (row.nullifier, row.account, row.last_day)
            for row in session.scalars(select(CredentialRow))
        ]
        places = [(row.chain_id,) for row in session.scalars(select(DeploymentRow))]
        roots = [
            (row.root, row.valid_until, row.revoked) for row in session.scalars(select(RootRow))
        ]
    return [*sorted(accepted), *sorted(places), *sorted(roots)]


Outcome = tuple[str, str, list[tuple[object, ...]]]


@cache
def serial(first: str, second: str) -> Outcome:
    """One after the other."""
    with TemporaryDirectory() as folder:
        store = fresh(folder)
        outcome = (said(UPDATES[first](), store), said(UPDATES[second](), store), state(store))
        store.close()
    return outcome


def interleaved(first: str, second: str, step: int) -> Outcome | None:
    """The second starts before statement `step` of the first; None if the first has none such."""
    with TemporaryDirectory() as folder:
        store, answers, thread, seen = fresh(folder), [""], threading.current_thread(), 0
        elsewhere = opened(Path(folder) / "service.sqlite")  # as of another process
        other = threading.Thread(
            target=lambda: answers.__setitem__(0, said(UPDATES[second](), elsewhere))
        )

        def before(*_: object) -> None:
            nonlocal seen
            if threading.current_thread() is thread:
                if seen == step:
                    other.start()
                    other.join(HEAD_START)
                seen += 1

        event.listen(store.database.engine, "before_cursor_execute", before)
        answer = said(UPDATES[first](), store)
        event.remove(store.database.engine, "before_cursor_execute", before)
        if seen <= step:
            elsewhere.close()
            store.close()
            return None
        other.join()
        outcome = (answer, answers[0], state(store))
        elsewhere.close()
        store.close()
    return outcome


@pytest.mark.parametrize(("first", "second"), list(combinations_with_replacement(UPDATES, 2)))
def test_two_updates_of_the_store(first: str, second: str) -> None:
    swapped = serial(second, first)
    allowed = [serial(first, second), (swapped[1], swapped[0], swapped[2])]
    step = 0
    while (outcome := interleaved(first, second, step)) is not None:
        assert outcome in allowed, (step, outcome)
        step += 1
    assert step > 1


# -- the tree --------------------------------------------------------------------------------------
class Interrupted:
    """The algebra; before call `step` of a hash something else is done."""

    def __init__(self, step: int, then: Callable[[], object]) -> None:
        self.step, self.then, self.calls = step, then, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(native(), name)

    def poseidon2_many(self, states: Any) -> Any:
        if self.calls == self.step:
            self.then()
        self.calls += 1
        return native().poseidon2_many(states)


def leaves(*tags: int) -> list[Leaf]:
    return [replace(honest().leaf, owner_tag=tag) for tag in tags]


def test_two_insertions_into_a_tree() -> None:
    base = Tree.build(leaves(1, 2, 3), native())
    one, other = base.extended(leaves(4), native()), base.extended(leaves(5, 6), native())
    orders = {one.extended(leaves(5, 6), native()).root, other.extended(leaves(4), native()).root}
    made: list[Tree] = []
    for step in range(21):
        algebra = Interrupted(step, lambda: made.append(base.extended(leaves(5, 6), native())))
        inserted = base.extended(leaves(4), algebra)  # type: ignore[arg-type]
        assert algebra.calls > 20 and inserted == one and made.pop() == other
        assert len(base) == 3 and base.root == Tree.build(leaves(1, 2, 3), native()).root
        assert inserted.extended(leaves(5, 6), native()).root in orders
