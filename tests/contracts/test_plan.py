"""A deployment as a plan: nothing is paid for one that cannot be carried out, nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anvil_node import start_anvil
from eth_account import Account
from registry_world import ATTESTORS, NEXT, World, mock
from web3.middleware import Web3Middleware

from algebra.errors import Refused, TierproofError, Unavailable
from contracts.build.artifact import Artifact
from contracts.client import plan as plan_module
from contracts.client.chain import Chain
from contracts.client.deploy import deploy, planned
from contracts.client.deployment import Deployment
from contracts.client.finality import Finality
from contracts.client.model import Roles
from contracts.client.order import Listing, Order
from contracts.client.outbox import Outbox
from contracts.client.plan import contract_address
from contracts.client.registered import is_registered
from contracts.client.registry import RegistryClient
from contracts.client.rehearsal import rehearse
from policies.policy import example
from verifier.ceremonies import ceremony_ids

pytestmark = pytest.mark.evm
KEY = Account.from_key(b"\7" * 32)
ALL = Roles(KEY.address, KEY.address, KEY.address)
POLICY = replace(example("standard"), attestor_set=ATTESTORS.id)
LISTING = Listing(POLICY, ATTESTORS, 3_600)


def posing(name: str = "MockVerifier") -> Artifact:
    """A mock that claims to be a contract of src."""
    return replace(mock(name), source_name="src/Posing.sol")


ORDER = Order(posing(), ALL, (ceremony_ids()[0], bytes(32)), LISTING)


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
    path, rehearsed = tmp_path / "deployment.json", rehearse(ORDER)
    monkeypatch.setattr(plan_module, "rehearse", lambda _: rehearsed)
    # The first stop of each three leaves a signed transaction, the others one that is sent.
    monkeypatch.setattr(Interrupt, "at", None)
    stopped = 0
    for stop in [*STOPS * 4, None]:
        chain = connect(node, path)
        chain.web3.middleware_onion.inject(Interrupt, layer=0)
        Interrupt.at = stop
        try:
            made = deploy(chain, ORDER, sender=KEY, path=path)
        except Stopped:
            stopped += 1
    assert stopped >= 8
    assert chain.courier.count(KEY.address, "latest") == 4
    assert Deployment.read(path) == made
    assert [entry.name for entry in tmp_path.iterdir()] == ["deployment.json"]
    client = RegistryClient(chain, made.registry)
    assert client.running_generation(ATTESTORS.id) == 1
    assert client.policy_of(POLICY.policy_id)["verifier"] == made.verifier

    again = connect(node, path)
    assert deploy(again, ORDER, sender=KEY, path=path) == made and again.sent == []


def test_a_later_generation_and_policy_are_steps_of_the_same_plan(
    node: str, tmp_path: Path
) -> None:
    path = tmp_path / "deployment.json"
    world = World.build(Chain.connect(node))
    signatures = tuple(world.handed_over(NEXT))
    rotated = replace(
        ATTESTORS,
        generations=(*ATTESTORS.generations, replace(NEXT, handover=signatures)),
    )
    deploy(connect(node, path), replace(ORDER, listing=None), sender=KEY, path=path)
    whole = replace(ORDER, listing=replace(LISTING, attestor_set=rotated))
    chain = connect(node, path)
    made = deploy(chain, whole, sender=KEY, path=path)
    assert len(chain.sent) == 3
    assert RegistryClient(chain, made.registry).running_generation(ATTESTORS.id) == 2


def test_nothing_is_paid_for_a_plan_that_cannot_be_carried_out(node: str) -> None:
    """Regression: two contracts were deployed and paid for before the policy was looked at."""
    rebate = replace(POLICY.tiers[0].terms, taker_fee=300, maker_fee=-400)
    odd = replace(POLICY, tiers=(replace(POLICY.tiers[0], terms=rebate), *POLICY.tiers[1:]))
    other = replace(ATTESTORS, name="others")
    stranger = "0x" + "77" * 20
    for order, code in (
        (replace(ORDER, listing=replace(LISTING, attestor_set=other)), "rejected.policy"),
        (replace(ORDER, listing=replace(LISTING, policy=odd)), "refused.policy.terms"),
        (replace(ORDER, verifier=mock()), "refused.test_verifier"),
        (
            replace(ORDER, roles=replace(ALL, admin="0x" + "00" * 20)),
            "rejected.AccessControlInvalidDefaultAdmin",
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
        replace(ORDER, roles=replace(ALL, admin_delay=60)),
        replace(ORDER, verifier=replace(posing(), name="Other")),
    ):
        with pytest.raises(Refused) as caught:
            deploy(connect(node, path), order, sender=KEY, path=path)
        assert caught.value.code == "refused.deployment"
    assert path.read_bytes() == before


def test_what_a_plan_costs_is_no_less_than_what_is_paid(node: str) -> None:
    chain = connect(node)
    plan = planned(chain, ORDER, sender=KEY, path=None)
    costed = plan.check()
    assert chain.head() == 0 and all(each.gas > 0 for each in costed)
    foreseen = [plan.place("verifier"), plan.place("registry")]
    made = plan.run()
    assert foreseen == [made.verifier, made.registry]
    for each, paid in zip(costed, chain.sent, strict=True):
        assert paid.gas_used <= each.gas <= 2 * paid.gas_used
    assert [each.gas for each in plan.check()] == [0] * 4


def test_a_step_that_the_state_does_not_show(node: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RegistryClient, "running_generation", lambda *_: 0)
    with pytest.raises(Unavailable) as caught:
        deploy(connect(node), ORDER, sender=KEY)
    assert caught.value.code == "unavailable.step" and "attestorSetOf" in caught.value.message


def test_a_registered_policy_with_other_values(node: str) -> None:
    """What stands there under the policy's id is compared, not taken for done."""
    chain = connect(node)
    plan = planned(chain, ORDER, sender=KEY, path=None)
    made = plan.run()
    elsewhere, _ = chain.deploy(mock(), ceremony_ids()[0], bytes(32), sender=KEY)
    client = RegistryClient(chain, made.registry)
    assert is_registered(client, LISTING.registration(made.verifier))
    with pytest.raises(Refused, match="verifier") as caught:
        is_registered(client, LISTING.registration(elsewhere))
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
