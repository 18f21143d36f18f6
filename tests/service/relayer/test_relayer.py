"""
Requests on their way to a registry on anvil: each state, each place at which a process may die,
and what a key, a node or a chain may do in between.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from node_proxy import proxied
from registry_world import ROOT, World
from sqlalchemy import select
from support.loopback import loopback_client

from algebra.errors import Refused, Unavailable
from contracts.client.chain import Chain
from service.api.app import create_app
from service.operations.settings import Settings
from service.relayer.requests import Onboardings
from service.relayer.settings import RelayerSettings
from service.relayer.tables import GasRow, SignedRow, TransactionRow
from service.relayer.worker import Relayer
from service.store.base import Base
from service.store.store import Store
from tests.service.relayer.relay_world import SETTINGS, Desk
from tests.service.test_service import load_fake
from tierproof import relaying

pytestmark = pytest.mark.evm


@pytest.fixture(scope="module")
def node() -> Iterator[tuple[str, World]]:
    process, url = start_anvil()
    world = World.build(Chain.connect(url))
    world.submit()
    yield url, world
    process.kill()
    process.wait(20)


@pytest.fixture
def desk(node: tuple[str, World], tmp_path: Path) -> Iterator[Desk]:
    made = Desk(*node, tmp_path)
    yield made
    made.rpc("anvil_dropAllTransactions")
    made.rpc("evm_setAutomine", True)


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.database.reading() as session:
        return list(session.scalars(select(table)))


def test_nothing_says_granted_before_finality(desk: Desk) -> None:
    relayer, id = desk.relayer(), desk.ask()
    assert desk.state(id) == ("verified", None) and desk.spent() == 0
    assert relayer.step()
    assert desk.state(id) == ("submitted", None) and desk.spent() == 1
    assert relayer.step()
    found = desk.onboardings.get(id, "desk")
    assert (found["state"], found["granted"], found["expiry"]) == ("included", False, None)
    assert relayer.step() and desk.state(id) == ("included", None)  # one confirmation of two
    desk.rpc("evm_mine")
    relayer.step()
    found = desk.onboardings.get(id, "desk")
    assert (found["state"], found["granted"], found["act"]) == ("final", True, "first")
    assert found["expiry"] and desk.status(id) == "running"
    relayer.step()
    assert desk.spent() == 1


def test_the_same_request_is_one(desk: Desk) -> None:
    """Another key's is refused; one that came to nothing is tried anew."""
    asked = desk.asked(root=ROOT + 1)
    id = desk.onboardings.add(asked, "desk")["id"]
    assert desk.onboardings.add(asked, "desk")["id"] == id
    with pytest.raises(Refused) as caught:
        desk.onboardings.add(asked, "other")
    assert caught.value.code == "refused.onboarding_exists"
    with pytest.raises(Refused) as caught:
        desk.onboardings.get(id, "other")
    assert caught.value.code == "unknown.onboarding"
    relayer = desk.relayer(keep_seconds=1)
    desk.database.wait(2)
    relayer.step()
    assert desk.state(id) == ("failed", "rejected.RootUnknown")
    assert desk.onboardings.add(asked, "desk")["state"] == "verified"
    others = [desk.ask() for _ in range(2)]
    (first, _), (second, _) = desk.onboardings.page("desk", 0, 2)
    assert [each["id"] for _, each in desk.onboardings.page("desk", second, 9)] == others[1:]
    assert desk.onboardings.page("other", 0, 9) == [] and first < second


def in_a_process_that_dies(desk: Desk, change: Callable[[Relayer], None]) -> None:
    """A step in a fork, whose relayer is changed so that it kills itself with SIGKILL."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            relayer = desk.relayer()
            change(relayer)
            relayer.step()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_store(relayer: Relayer) -> None:
    relayer.ledger.take = die  # type: ignore[method-assign]


def before_send(relayer: Relayer) -> None:
    relayer._relay.send = die  # type: ignore[method-assign,assignment]


def after_send(relayer: Relayer) -> None:
    send = relayer._relay.send
    relayer._relay.send = lambda raw: (send(raw), die())[0]  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("dies", "stored", "sent"),
    [(before_store, 0, 0), (before_send, 1, 0), (after_send, 1, 1)],
)
def test_killed_on_the_way(
    desk: Desk, dies: Callable[[Relayer], None], stored: int, sent: int
) -> None:
    """What was signed is sent, what was not is signed; one nonce, one grant."""
    id = desk.ask()
    in_a_process_that_dies(desk, dies)
    signed = [row.hash for row in rows(desk, SignedRow)]
    assert len(signed) == stored and desk.spent() == sent
    relayer = desk.relayer()
    assert not relayer.step()  # the dead one's lease
    desk.database.wait(SETTINGS.lease_seconds + 1)
    for _ in range(4):
        assert relayer.step()
        desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(id) == ("final", None) and desk.spent() == 1
    (last,) = rows(desk, SignedRow)
    assert signed in ([], [last.hash]) and desk.status(id) == "running"


def test_killed_before_what_a_block_made_of_it_is_written(desk: Desk) -> None:
    id = desk.ask()
    desk.relayer().step()
    desk.database.wait(SETTINGS.lease_seconds + 1)

    def change(relayer: Relayer) -> None:
        relayer.ledger.mined = die  # type: ignore[method-assign]

    in_a_process_that_dies(desk, change)
    assert desk.state(id) == ("submitted", None)
    desk.database.wait(SETTINGS.lease_seconds + 1)
    desk.rpc("evm_mine")
    desk.relayer().step()
    assert desk.state(id) == ("final", None)


def test_a_replacement_pays_more_at_the_same_nonce(desk: Desk) -> None:
    desk.rpc("evm_setAutomine", False)
    relayer, id = desk.relayer(), desk.ask()
    relayer.step()
    relayer.step()
    assert len(rows(desk, SignedRow)) == 1
    desk.database.wait(SETTINGS.replace_seconds)
    relayer.step()
    first, second = rows(desk, SignedRow)
    assert int(second.most_fee) * 100 >= int(first.most_fee) * 112
    assert int(second.tip) * 100 >= int(first.tip) * 112
    desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(id) == ("included", None) and desk.spent() == 1
    assert desk.onboardings.get(id, None)["transaction"] == second.hash
    (taken,) = rows(desk, TransactionRow)
    assert (taken.nonce, taken.hash) == (0, second.hash)


def test_stuck_below_the_highest_fee_is_said(desk: Desk) -> None:
    desk.rpc("evm_setAutomine", False)
    fees = desk.relay().fees()
    relayer, id = desk.relayer(most_fee=fees.most), desk.ask()
    relayer.step()
    desk.database.wait(SETTINGS.replace_seconds)
    relayer.step()
    assert relayer.lease.state()[:2] == (False, "unavailable.relayer_fee")
    assert len(rows(desk, SignedRow)) == 1 and desk.state(id) == ("submitted", None)
    desk.rpc("evm_mine")
    relayer.step()
    dear = desk.relayer(most_fee=1)
    other = desk.ask()
    desk.database.wait(SETTINGS.lease_seconds + 1)
    dear.step()
    assert desk.state(other) == ("verified", None)
    assert dear.lease.state()[1] == "unavailable.relayer_fee" and desk.spent() == 1


def test_a_reorganisation_takes_included_back(desk: Desk) -> None:
    relayer, id = desk.relayer(), desk.ask()
    relayer.step()
    relayer.step()
    assert desk.state(id)[0] == "included"
    desk.rpc("evm_setAutomine", False)
    desk.rpc("anvil_reorg", 1, [])
    desk.rpc("anvil_dropAllTransactions")
    relayer.step()
    assert desk.state(id) == ("submitted", None) and desk.status(id) == "none"
    assert desk.onboardings.get(id, None)["expiry"] is None
    desk.rpc("anvil_mine", hex(2))
    relayer.step()
    assert desk.state(id) == ("final", None) and desk.spent() == 1
    assert len(rows(desk, SignedRow)) == 1


def test_of_two_processes_with_a_key_one_sends(desk: Desk) -> None:
    one, other, id = desk.relayer(), desk.relayer(), desk.ask()
    assert one.step() and not other.step() and desk.spent() == 1
    desk.database.wait(SETTINGS.lease_seconds + 1)
    desk.rpc("evm_mine")
    assert other.step() and not one.step()
    assert desk.state(id) == ("final", None)
    later = desk.ask()
    ready = list(one._ready())  # it was slow, and does not know that it lost the key
    with pytest.raises(Unavailable) as caught:
        version = one._version("0x", 1, 21_000, one._relay.fees())
        one.ledger.take([ready[0].id], [21_000], "0x", 1, version)
    assert caught.value.code == "unavailable.relayer_lease" and desk.state(later)[0] == "verified"
    assert len(rows(desk, SignedRow)) == 1
    other.step()  # takes the next nonce
    (sent,) = other.ledger.unfinished()
    for late in (
        one.ledger.outside,
        one.ledger.lost,
        lambda sent: one.ledger.replace(sent, version),
    ):
        with pytest.raises(Unavailable) as caught:
            late(sent)
        assert caught.value.code == "unavailable.relayer_lease"
    assert desk.state(later)[0] == "submitted" and len(rows(desk, SignedRow)) == 2


def test_gas_of_a_day(desk: Desk) -> None:
    """By API key, those of one transaction together; what a block took counts in place of it."""
    ids = [desk.ask() for _ in range(4)]
    other = desk.ask(owner="other")
    gas = next(iter(desk.relayer()._ready())).gas
    relayer = desk.relayer(key_gas=3 * gas + gas // 2)
    relayer.step()
    assert [desk.state(id)[0] for id in (*ids, other)] == ["submitted"] * 3 + [
        "verified", "submitted",
    ]  # fmt: skip
    assert desk.state(ids[3])[1] == "refused.relayer_budget"
    bound = {(row.kind, row.who): row.gas for row in rows(desk, GasRow)}
    relayer.step()
    desk.rpc("evm_mine")
    relayer.step()
    used = {(row.kind, row.who): row.gas for row in rows(desk, GasRow)}
    receipt = desk.relay().receipt(desk.onboardings.get(ids[0], None)["transaction"])
    share = -(-receipt["gasUsed"] // 4)
    assert used["key", "desk"] == 3 * share < bound["key", "desk"]
    assert used["key", "other"] == share and sum(used.values()) == 8 * share
    desk.database.wait(86_400)
    relayer.step()
    assert desk.state(ids[3]) == ("submitted", None) and desk.spent() == 2


def test_gas_of_an_account(desk: Desk) -> None:
    id, relayer = desk.ask(), desk.relayer(account_gas=100_000)
    relayer.step()
    assert desk.state(id) == ("verified", "refused.relayer_budget") and desk.spent() == 0
    relayer.step()
    assert relayer._waiting() == []  # until the next day


def test_a_claim_that_fails_in_the_block(desk: Desk) -> None:
    """It passed the trial; the guardian was quicker. The gas counts, and the reason is kept."""
    desk.rpc("evm_setAutomine", False)
    relayer, id = desk.relayer(), desk.ask()
    relayer.step()
    world = desk.world
    draft = world.chain.draft(world.client.calls.pause(), world.guardian)
    desk.rpc("eth_sendTransaction", {
        "from": draft["from"], "to": draft["to"], "data": "0x" + bytes(draft["data"]).hex(),  # type: ignore[arg-type]
        "gas": hex(500_000), "maxFeePerGas": hex(10**12), "maxPriorityFeePerGas": hex(10**11),
    })  # fmt: skip
    before = desk.rpc("evm_snapshot")
    desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(id) == ("included", "rejected.Reverted")
    desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(id) == ("failed", "rejected.Reverted") and desk.spent() == 1
    assert all(row.gas > 0 for row in rows(desk, GasRow))
    late = desk.ask()
    relayer.step()
    assert desk.state(late) == ("verified", "rejected.RegistryPaused") and desk.spent() == 1
    desk.rpc("evm_revert", before)


def outside(desk: Desk, nonce: int) -> None:
    """A transaction of the same key that the service knows nothing of."""
    chain = desk.world.chain
    price = chain.web3.eth.gas_price * 3
    signed = desk.key.sign_transaction(
        {"to": desk.key.address, "value": 0, "gas": 21_000, "gasPrice": price,
         "nonce": nonce, "chainId": chain.chain_id}
    )  # fmt: skip
    chain.web3.eth.send_raw_transaction(signed.raw_transaction)


def test_a_nonce_that_was_spent_elsewhere_stops_the_sender(desk: Desk) -> None:
    relayer = desk.relayer()
    desk.ask()
    relayer.step()
    relayer.step()
    outside(desk, 1)
    id = desk.ask()
    for _ in range(2):
        relayer.step()
    assert relayer.lease.state()[:2] == (True, "refused.relayer_nonce")
    assert desk.state(id) == ("verified", None) and desk.spent() == 2
    relayer.lease.resume()
    relayer.step()
    assert desk.state(id)[0] == "submitted" and desk.spent() == 3


def test_a_nonce_of_ours_that_another_took(desk: Desk) -> None:
    desk.rpc("evm_setAutomine", False)
    relayer, id = desk.relayer(), desk.ask()
    relayer.step()
    desk.rpc("anvil_dropAllTransactions")
    outside(desk, 0)
    desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(id) == ("submitted", None)  # one node of several may be behind
    for _ in range(2):
        relayer.step()
    assert desk.state(id) == ("verified", "refused.relayer_nonce")
    assert relayer.lease.state()[0] and len(rows(desk, SignedRow)) == 1
    relayer.step()
    assert len(rows(desk, SignedRow)) == 1


def test_a_node_that_breaks_off(desk: Desk) -> None:
    """At the sending the bytes are stored; at any other question nothing has happened."""

    def breaks(question: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any] | None:
        return None if question["method"] in broken else answer

    id = desk.ask()
    broken: set[str] = set()
    with proxied(desk.url, breaks) as url:
        relayer = desk.relayer(url=url)
        for method, state in (("eth_call", "verified"), ("eth_sendRawTransaction", "submitted")):
            broken.clear()
            broken.add(method)
            with pytest.raises(Unavailable) as caught:
                relayer.step()
            assert caught.value.code == "unavailable.node" and desk.state(id)[0] == state
    (kept,) = rows(desk, SignedRow)
    desk.database.wait(SETTINGS.lease_seconds + 1)
    for _ in range(2):
        again = desk.relayer()
        again.step()
        again.step()
        again.lease.give_back()
    assert desk.state(id)[0] == "included"
    assert desk.onboardings.get(id, None)["transaction"] == kept.hash and desk.spent() == 1


def test_several_that_wait_are_one_transaction(desk: Desk) -> None:
    """One whose consent is missing fails by its trial; the others count together."""
    relayer = desk.relayer()
    ids = [desk.ask(), desk.ask(signed=False), desk.ask()]
    relayer.step()
    assert [desk.state(id) for id in ids] == [
        ("submitted", None), ("failed", "rejected.ConsentMissing"), ("submitted", None),
    ]  # fmt: skip
    relayer.step()
    desk.rpc("evm_mine")
    relayer.step()
    assert [desk.state(id)[0] for id in ids] == ["final", "failed", "final"] and desk.spent() == 1
    asked = desk.asked()
    first = desk.onboardings.add(asked, "desk")["id"]
    for _ in range(2):
        relayer.step()
    desk.rpc("evm_mine")
    relayer.step()
    assert desk.state(first) == ("final", None)


def test_a_claim_that_fails_alone_in_a_batch(desk: Desk) -> None:
    """Two accounts of one nullifier wait: the second is tried after the first has counted."""
    one = desk.asked()
    same = desk.asked(nullifier=one.nullifier)
    ids = [desk.onboardings.add(each, "desk")["id"] for each in (one, same)]
    relayer = desk.relayer()
    for _ in range(3):
        relayer.step()
        desk.rpc("evm_mine")
    assert desk.state(ids[0]) == ("final", None)
    assert desk.state(ids[1]) == ("failed", "rejected.SignatureInvalid") and desk.spent() == 1


def test_what_time_may_mend_waits(desk: Desk) -> None:
    relayer, id = desk.relayer(), desk.ask(root=ROOT + 5)
    relayer.step()
    assert desk.state(id) == ("verified", "rejected.RootUnknown") and desk.spent() == 0
    assert list(relayer._ready()) == [] and relayer._waiting() == []
    desk.database.wait(SETTINGS.keep_seconds + SETTINGS.retry_seconds)
    relayer.step()
    assert desk.state(id) == ("failed", "rejected.RootUnknown")


def test_a_sender_without_money_says_so(desk: Desk) -> None:
    desk.rpc("anvil_setBalance", desk.key.address, hex(10))
    relayer, id = desk.relayer(), desk.ask()
    relayer.step()
    assert relayer.lease.state() == (False, "refused.funds", None)
    assert desk.state(id) == ("verified", None) and rows(desk, SignedRow) == []
    desk.rpc("anvil_setBalance", desk.key.address, hex(10**20))
    relayer.step()
    assert desk.state(id)[0] == "submitted" and relayer.lease.state()[1] is None


def test_another_chain_under_the_same_url(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    relayer, id = desk.relayer(), desk.ask()
    monkeypatch.setattr(relayer._relay.chain, "chain_id", 5)
    with pytest.raises(Refused) as caught:
        relayer.step()
    assert caught.value.code == "refused.chain_id" and desk.state(id)[0] == "verified"


def test_it_runs_until_it_is_stopped(desk: Desk) -> None:
    id, relayer = desk.ask(), desk.relayer(poll_seconds=0.01)

    async def served() -> None:
        task = asyncio.ensure_future(relayer.run())
        while desk.state(id)[0] != "included":
            assert not task.done()
            await asyncio.sleep(0.02)
        desk.rpc("evm_mine")
        while desk.state(id)[0] != "final":
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(asyncio.wait_for(served(), 60))
    assert desk.relayer().step()  # the lease was given back


def test_it_runs_with_the_application(desk: Desk, tmp_path: Path) -> None:
    """As an operator wires it: the routes and the worker share the service's own database."""
    store = Store(f"sqlite:///{tmp_path}/service.sqlite")
    Base.metadata.create_all(store.database.engine)
    settings = SETTINGS.model_copy(update={"poll_seconds": 0.02, "confirmations": 1})
    made = relaying.relaying(desk.relay().client, desk.key, settings, store.database)
    assert made.place == desk.asked().place
    app = create_app(Settings(), lambda *_: None, load_key=load_fake, store=store, relayer=made)
    with loopback_client(app) as client:
        id = made.onboardings.add(desk.asked(), "")["id"]
        for _ in range(500):
            found = client.get(f"/v1/onboardings/{id}").json()
            if found["state"] == "final":
                break
            time.sleep(0.02)
    assert found["granted"] and found["expiry"] and desk.spent() == 1
    store = Store(f"sqlite:///{tmp_path}/service.sqlite")  # it stands after the service's end
    assert Onboardings(store.database).get(id, "") == found
    store.close()


def test_a_node_that_finalizes_nothing(desk: Desk) -> None:
    client = desk.relay().client
    client.chain.courier.finalized_block = lambda: None  # type: ignore[method-assign]
    with pytest.raises(Refused) as caught:
        relaying.relaying(client, desk.key, RelayerSettings(), desk.database)
    assert caught.value.code == "refused.finalized"


def test_keys_are_nowhere(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    relayer = desk.relayer()
    desk.ask()
    relayer.step()
    secret = bytes(desk.key.key).hex()
    stored = (desk.folder / "relayer.sqlite").read_bytes()
    assert secret.encode() not in stored and bytes(desk.key.key) not in stored
    assert secret not in caplog.text and secret not in repr(relayer._relay.signer)
