"""Steps of governor, guardian and accounts that change one thing, each with the state it shows."""

from __future__ import annotations

from collections.abc import Callable

from contracts.client.registry import RegistryClient
from contracts.client.steps import Step
from policies.holding import BARRED
from policies.market_rules import MarketRules
from policies.rules import SECONDS_OF_DAY


def revoke_grant(client: RegistryClient, series: bytes, nullifier: int) -> Step:
    """Guardian: the end of a nullifier's grant; only a history that runs past today counts."""
    return Step(
        "end of the grant",
        client.calls.revoke(series, nullifier),
        f"{_holder(series, nullifier)}.asOf is today or later, and its grant has ended",
        lambda: (
            client.holder_of(series, nullifier)["as_of"] >= client.chain.now() // SECONDS_OF_DAY
            and not client.runs(series, nullifier)
        ),
    )


def bar(client: RegistryClient, series: bytes, nullifier: int) -> Step:
    """Guardian: as `revoke_grant`, and nothing counts until the governor frees the nullifier."""
    return Step(
        "bar of the nullifier",
        client.calls.bar(series, nullifier),
        f"{_holder(series, nullifier)}.freeFromDay is {BARRED}",
        lambda: client.holder_of(series, nullifier)["free_from_day"] == BARRED,
    )


def free(client: RegistryClient, series: bytes, nullifier: int) -> Step:
    """Governor: a barred nullifier is free again, from the first day after the notice."""
    return Step(
        "end of the bar",
        client.calls.unbar(series, nullifier),
        f"{_holder(series, nullifier)}.freeFromDay is not {BARRED}",
        lambda: client.holder_of(series, nullifier)["free_from_day"] != BARRED,
    )


def disable_policy(client: RegistryClient, policy_id: bytes) -> Step:
    """Guardian: a policy and the grants of its tiers end."""
    return Step(
        "end of the policy",
        client.calls.disable_policy(policy_id),
        f"policyOf(0x{policy_id.hex()}).disabledAt",
        lambda: client.policy_of(policy_id)["disabled_at"] != 0,
    )


def disable_verifier(client: RegistryClient, index: int) -> Step:
    """Guardian: a verifier and the grants that it judged end."""
    return Step(
        f"end of verifier {index}",
        client.calls.disable_verifier(index),
        f"verifierOf({index}).disabledAt",
        lambda: client.verifier_of(index)["disabled_at"] != 0,
    )


def disable_engine(client: RegistryClient, engine: str) -> Step:
    """Guardian: an engine reports no more, and what voids its reports waits no more."""

    def done() -> bool:
        state = client.engine_of(engine)
        return bool(state["disabled_at"] != 0 and state["voided_from"] <= client.chain.now())

    return Step(
        "end of the engine",
        client.calls.disable_engine(engine),
        f"engineOf({engine}).disabledAt, and .voidedFrom does not wait",
        done,
    )


def add_engine(client: RegistryClient, engine: str, most_level: int) -> Step:
    """Governor: an engine reports conduct, after the notice."""
    return Step(
        "engine",
        client.calls.register_engine(engine, most_level),
        f"engineOf({engine}).mostLevel is {most_level}",
        lambda: client.engine_of(engine)["most_level"] == most_level,
    )


def void_reports(client: RegistryClient, engine: str) -> Step:
    """Governor: what an engine reported that was switched off counts no more, after the notice."""
    return Step(
        "end of the engine's reports",
        client.calls.void_reports(engine),
        f"engineOf({engine}).voidedFrom",
        lambda: client.engine_of(engine)["voided_from"] != 0,
    )


def announce_market(client: RegistryClient, market: MarketRules) -> Step:
    """Governor: a default, bands and a feed, which may begin after the notice."""
    terms, bands, source, heartbeat, sequencer = market.rules()

    def done() -> bool:
        waits = client.market_of()["next"]
        said = tuple(waits["terms"].values()), waits["bands"], waits["sequencer"]
        fed = waits["feed"]["source"], waits["feed"]["heartbeat"]
        same = (said, fed) == ((terms, bands, sequencer), (source, heartbeat))
        return bool(waits["begins_at"]) and same

    return Step(
        "market", client.calls.announce_market(market), "marketOf().next is what is announced", done
    )


def begin_market(client: RegistryClient) -> Step:
    """Anybody: what was announced of the market holds, after its notice."""
    return Step(
        "begin of the market",
        client.calls.begin_market(),
        *_no_market_waits(client),
    )


def withdraw_market(client: RegistryClient) -> Step:
    """Guardian: what was announced of the market does not begin."""
    return Step(
        "end of the announced market",
        client.calls.withdraw_market(),
        *_no_market_waits(client),
    )


def close(client: RegistryClient, successor: str, end: int) -> Step:
    """Governor: no new grant from now on, all end at `end`."""
    return Step(
        "close of the registry",
        client.calls.close(successor, end),
        f"switches().closedAt is {end}",
        lambda: client.switches()["closed_at"] == end,
    )


def contest(client: RegistryClient, series: bytes, nullifier: int) -> Step:
    """Holder: the move that was announced does not count."""
    return Step(
        "contest of the move",
        client.calls.contest(series, nullifier),
        f"{_holder(series, nullifier)}.pending.contestedDay, and no account waits",
        lambda: (
            (pending := client.holder_of(series, nullifier)["pending"])["contested_day"] != 0
            and not int(pending["account"], 16)
        ),
    )


def retire(client: RegistryClient, series: bytes, nullifier: int) -> Step:
    """Holder: the nullifier is given up, for good."""
    return Step(
        "end of the nullifier",
        client.calls.retire(series, nullifier),
        f"{_holder(series, nullifier)}.retired",
        lambda: bool(client.holder_of(series, nullifier)["retired"]),
    )


def relinquish(client: RegistryClient, account: str) -> Step:
    """Account: its grant ends."""
    return Step(
        "end of the grant",
        client.calls.relinquish(),
        f"grantOf({account}).end has passed",
        lambda: client.grant_of(account)["end"] <= client.chain.now(),
    )


def downgrade(client: RegistryClient, account: str, serial: int, index: int) -> Step:
    """Account: a tier of the same policy that is nowhere better."""
    return Step(
        f"tier {index}",
        client.calls.downgrade(index),
        f"grantOf({account}).tier is {serial}",
        lambda: client.grant_of(account)["tier"] == serial,
    )


def _no_market_waits(client: RegistryClient) -> tuple[str, Callable[[], bool]]:
    """In words, and asked of the state."""
    return "marketOf().next.beginsAt is 0", lambda: not client.market_of()["next"]["begins_at"]


def _holder(series: bytes, nullifier: int) -> str:
    return f"holderOf(0x{series.hex()}, {nullifier:#066x})"
