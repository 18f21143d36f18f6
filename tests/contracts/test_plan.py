"""A deployment as a plan: nothing is paid for one that cannot be carried out, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_account import Account
from registry_world import ATTESTORS, KEYS, NEXT, mock, posing
from web3.middleware import Web3Middleware

from algebra.errors import Refused, TierproofError, Unavailable
from contracts.client import plan as plan_module
from contracts.client.chain import Chain, Raw
from contracts.client.deploy import deploy, planned
from contracts.client.deployment import Deployment
from contracts.client.finality import Finality
from contracts.client.inspection import roles_of
from contracts.client.model import Roles
from contracts.client.order import Listing, Order
from contracts.client.outbox import Outbox
from contracts.client.parts import library_parts, registry_part
from contracts.client.registered import has_policy
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import rehearse
from contracts.client.works import contract_address
from policies.market_rules import STRICT, MarketRules
from policies.policy import Policy, example
from verifier.ceremonies import ceremony_ids

pytestmark = pytest.mark.evm
KEY = Account.from_key(b"\7" * 32)
ALL = Roles(KEY.address, KEY.address, KEY.address)
POLICY = replace(example("standard"), attestor_set=ATTESTORS.id)
LISTING = Listing(POLICY, ATTESTORS)
ORDER = Order((posing(),), ALL, (ceremony_ids()[0], bytes(32)), LISTING)
SENDS = 17
"""Seven libraries, authority, verifier, registry; roles; verifier, set, series, policy; roles."""


@pytest.fixture
def node() -> Iterator[str]:
    process, url = start_anvil()
    fund(Chain.connect(url), 10**20)
    yield url
    process.terminate()
    process.wait(20)


def fund(chain: Chain, wei: int) -> None:
    chain.web3.provider.make_request("anvil_setBalance", [KEY.address, hex(wei)])  # type: ignore[arg-type]


def connect(url: str, path: Path | None = None) -> Chain:
    """As a process of its own would."""
    folder = None if path is None else path.with_name(path.name + ".pending")
    return Chain.connect(url, outbox=Outbox(folder), finality=Finality(seconds=20))


class Stopped(BaseException):
    """The process ends here."""


STOPS = [
    "before eth_sendRawTransaction",
    "after eth_sendRawTransaction",
    "after eth_getTransactionReceipt",
]


class Interrupt(Web3Middleware):
    """Ends the process at the first question of a kind, before it is asked or after."""

    at: str | None = None

    def wrap_make_request(self, make_request: Any) -> Any:
        def ask(method: Any, params: Any) -> Any:
            if f"before {method}" == self.at:
                raise Stopped
            answer = make_request(method, params)
            if f"after {method}" == self.at:
                raise Stopped
            return answer

        return ask


def test_whatever_interrupts_it_a_second_run_goes_on(
    node: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped at the questions in turn, before and after; in the end each step is paid once."""
    path, rehearsed = tmp_path / "deployment.json", rehearse(ORDER, KEY.address)
    monkeypatch.setattr(plan_module, "rehearse", lambda *_: rehearsed)
    # The first stop of each three leaves a signed transaction, the others one that is sent.
    monkeypatch.setattr(Interrupt, "at", None)
    stopped = 0
    for stop in [*STOPS * (SENDS // 2), None]:
        chain = connect(node, path)
        chain.web3.middleware_onion.inject(Interrupt, layer=0)
        Interrupt.at = stop
        try:
            made = deploy(chain, ORDER, sender=KEY, path=path)
        except Stopped:
            stopped += 1
    assert stopped == 3 * (SENDS // 2)
    assert chain.courier.count(KEY.address, "latest") == SENDS
    assert Deployment.read(path) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["deployment.json"]
    client = RegistryClient(chain, made.registry)
    assert client.running_generation(ATTESTORS.id) == 1
    assert has_policy(client, POLICY) and client.policy_of(POLICY.policy_id)["verifiers"] == (0,)
    assert list(roles_of(client)["admins"]) == [KEY.address]

    again = connect(node, path)
    assert deploy(again, ORDER, sender=KEY, path=path) == made and again.sent == []


def test_a_later_generation_and_policy_are_steps_of_the_same_plan(
    node: str, tmp_path: Path
) -> None:
    path = tmp_path / "deployment.json"
    signatures = tuple(
        bytes(key.unsafe_sign_hash(ATTESTORS.message(NEXT).digest).signature) for key in KEYS[:2]
    )
    rotated = replace(
        ATTESTORS,
        generations=(*ATTESTORS.generations, replace(NEXT, handover=signatures)),
    )
    deploy(connect(node, path), replace(ORDER, listing=None), sender=KEY, path=path)
    whole = replace(ORDER, listing=replace(LISTING, attestor_set=rotated))
    chain = connect(node, path)
    made = deploy(chain, whole, sender=KEY, path=path)
    assert len(chain.sent) == 4  # set, its second generation, series with window, policy
    assert RegistryClient(chain, made.registry).running_generation(ATTESTORS.id) == 2


def test_what_a_stranger_made_is_done(node: str) -> None:
    """Of the same bytes: the address follows from them."""
    chain = connect(node)
    plan = planned(chain, ORDER, sender=KEY, path=None)
    birth, stranger = plan.works.birth, chain.accounts()[0]
    for part in (library_parts(birth.factory)[0], registry_part(birth)):
        chain.send(Raw(birth.factory, part.creation.data), sender=stranger)
    done = [each.step.name for each in plan.check() if each.gas == 0]
    assert done[:3] == ["factory of contracts", "library Attestors", "registry TierGrants"]
    made = plan.run()
    assert made.registry == registry_part(birth).address
    assert chain.courier.count(KEY.address, "latest") == SENDS - 2


def test_nobody_else_keeps_a_role(node: str) -> None:
    """A run with another guardian, stopped, and a second one: the first guardian is told of."""
    other = "0x" + "77" * 20
    chain = connect(node)
    deploy(chain, replace(ORDER, roles=replace(ALL, guardian=other)), sender=KEY)
    with pytest.raises(Refused, match="0x7777") as caught:
        deploy(chain, ORDER, sender=KEY)
    assert caught.value.code == "refused.deployment"


def test_nothing_is_paid_for_a_plan_that_cannot_be_carried_out(node: str) -> None:
    """Regression: two contracts were deployed and paid for before the policy was looked at."""
    rebate = replace(POLICY.tiers[0].terms, taker_fee=300, maker_fee=-400)
    odd = replace(POLICY, tiers=(replace(POLICY.tiers[0], terms=rebate), *POLICY.tiers[1:]))
    other = replace(ATTESTORS, name="others")
    stranger = "0x" + "77" * 20
    for order, code in (
        (replace(ORDER, listing=replace(LISTING, attestor_set=other)), "rejected.policy"),
        (replace(ORDER, listing=replace(LISTING, policy=odd)), "refused.policy.terms"),
        (replace(ORDER, verifiers=(mock(),)), "refused.test_verifier"),
        (replace(ORDER, roles=replace(ALL, admin="0x" + "00" * 20)), "malformed.address"),
        (
            replace(ORDER, market=MarketRules(replace(STRICT.terms, max_leverage=3))),
            "refused.market",
        ),
        (
            replace(ORDER, market=MarketRules(replace(STRICT.terms, taker_fee=0, maker_fee=0))),
            "rejected.TierWorseThanDefault",
        ),
        (replace(ORDER, roles=replace(ALL, guardian=stranger[:-1])), "malformed.address"),
    ):
        with pytest.raises(TierproofError) as caught:
            deploy(connect(node), order, sender=KEY)
        assert caught.value.code.startswith(code), caught.value
    chain = connect(node)
    fund(chain, 10**15)
    with pytest.raises(Refused) as refused:
        deploy(chain, ORDER, sender=KEY)
    assert refused.value.code == "refused.funds" and "nothing was sent" in refused.value.message
    assert chain.head() == 0


def test_a_chain_that_lacks_something_gets_nothing() -> None:
    process, url = start_anvil(hardfork="shanghai")
    try:
        chain = connect(url)
        fund(chain, 10**20)
        with pytest.raises(Refused, match="MCOPY") as caught:
            deploy(chain, ORDER, sender=KEY)
        assert caught.value.code == "refused.chain" and chain.head() == 0
    finally:
        process.terminate()
        process.wait(20)


def test_another_deployment_in_the_file(node: str, tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    deploy(connect(node, path), replace(ORDER, listing=None), sender=KEY, path=path)
    before = path.read_bytes()
    for order in (
        replace(ORDER, roles=replace(ALL, guardian="0x" + "77" * 20)),
        replace(ORDER, notice=60),
        replace(ORDER, salt=b"\1" * 32),
        replace(ORDER, verifiers=(replace(posing(), name="Other"),)),
    ):
        with pytest.raises(Refused) as caught:
            deploy(connect(node, path), order, sender=KEY, path=path)
        assert caught.value.code == "refused.deployment"
    assert path.read_bytes() == before


def test_what_a_plan_costs_is_no_less_than_what_is_paid(node: str) -> None:
    chain = connect(node)
    plan = planned(chain, ORDER, sender=KEY, path=None)
    costed = [each for each in plan.check() if each.gas]
    assert chain.head() == 0 and len(costed) == SENDS
    foreseen = registry_part(plan.works.birth).address
    made = plan.run()
    assert foreseen == made.registry
    for each, paid in zip(costed, chain.sent, strict=True):
        assert paid.gas_used <= each.gas <= 2 * paid.gas_used
    assert not any(each.gas for each in plan.check())


def test_a_step_that_the_state_does_not_show(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RegistryClient, "latest_generation", lambda *_: 0)
    with pytest.raises(Unavailable) as caught:
        deploy(connect(node), ORDER, sender=KEY)
    assert caught.value.code == "unavailable.step" and "attestorSetOf" in caught.value.message


def test_a_registered_policy_with_other_values(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands there under the policy's id is compared, not taken for done."""
    chain = connect(node)
    client = RegistryClient(chain, planned(chain, ORDER, sender=KEY, path=None).run().registry)
    assert has_policy(client, POLICY)
    other = replace(POLICY, last_day=POLICY.last_day + 1)
    monkeypatch.setattr(Policy, "policy_id", POLICY.policy_id)
    with pytest.raises(Refused, match="last_day") as caught:
        has_policy(client, other)
    assert caught.value.code == "refused.policy"


@pytest.mark.parametrize(("nonce", "made"), [
    (0, "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d"),
    (1, "0x343c43a37d37dff08ae8c4a11544c718abb4fcf8"),
    (2, "0xf778b86fa74e846c4f0a1fbd1335fe81c00a0c91"),
])  # fmt: skip
def test_the_address_of_a_contract_to_come(nonce: int, made: str) -> None:
    """Known pairs of a sender and its contracts."""
    sender = "0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"
    assert contract_address(sender, nonce).lower() == made


@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 255, 256, 70_000])
def test_every_length_of_a_nonce(nonce: int) -> None:
    from eth_utils.address import to_checksum_address
    from eth_utils.crypto import keccak
    from rlp import encode

    expected = keccak(encode([bytes.fromhex(KEY.address[2:]), nonce]))[-20:]
    assert contract_address(KEY.address, nonce) == to_checksum_address(expected)
