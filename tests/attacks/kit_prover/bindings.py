"""
Each word that a verifier computes for itself, and each part of the scope.

A mutant takes one of them from elsewhere, or from the credential; it accepts what was proven for
something else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from attacks.kit_prover.desk import (
    CHAIN_ID,
    POLICY,
    PRIME,
    REGISTRY,
    Shown,
    asks,
    body,
    false,
    history,
    honest,
    posts,
    proven,
    quiet,
    scope_at,
    shows,
)
from attacks.kit_prover.desk_steps import NOBODY, take
from attacks.kit_prover.intake import LIMIT
from attacks.kit_prover.judging import Forgery, stops
from attacks.kit_prover.mutants import Attempt, Edit, Verifier, edit
from support.credential import FIRST_DAY, case, close, mark, week
from support.feeds import market

STATEMENT, FILES = "verifier.statement", "tierproof.verification"
SERVICE, APP, STORE = "service.api.service", "service.api.app", "service.store.credentials"
_cap = "app.add_middleware(BodyCap, limit=server.body_limit, seconds=server.body_seconds)"
_words = "return (root, nullifier, scope, account, policy.window, *tier.thresholds.words(), feed)"
_same_account = "CredentialRow.account == insert.excluded.account"
_later = "CredentialRow.last_day < insert.excluded.last_day"
_at = "account=int(credential.account, 16),\n        place=place,"
ELSEWHERE = scope_at(chain_id=1)
OTHER_ACCOUNT = "0x" + "0b" * 20
EIGHT_DAYS = [row for day in range(8) for row in (*close(day, 10) * 5, mark(day))]


def word(name: str, new: str) -> Edit:
    """A public word that the verifier takes to be something else, whatever it is shown."""
    return edit(f"word: {name}", STATEMENT, _words, _words.replace(name, new, 1))


@cache
def in_another_tree() -> Shown:
    """Proven for a root that nobody signed."""
    return proven(history(others=6))


def of_another_tree() -> Shown:
    """The same, said to rest on the signed root."""
    return Shown(honest().statement, in_another_tree().proof)


@cache
def elsewhere() -> Shown:
    return proven(history(scope=ELSEWHERE))


@cache
def in_another_window() -> Shown:
    return proven(
        case(
            quiet(EIGHT_DAYS, POLICY.days + 1),
            POLICY.days + 1,
            100_000,
            POLICY.tiers[PRIME].thresholds,
            others=5,
            scope=scope_at(),
        )
    )


@cache
def under_another_feed() -> Shown:
    """The week again, weighed by days of a market that the signed root does not know."""
    asked = POLICY.tiers[PRIME].thresholds
    return proven(
        case(
            quiet(week()),
            POLICY.days,
            100_000,
            asked,
            others=5,
            scope=scope_at(),
            feed=market(FIRST_DAY, POLICY.days),
        )
    )


@cache
def for_the_first_tier() -> Shown:
    return proven(history(tier=0))


def in_scope(scope: Callable[[Verifier], int]) -> Callable[[Verifier], Attempt]:
    """A true proof for another place, whose scope a flawed verifier takes for its own."""

    def make(flawed: Verifier) -> Attempt:
        shown = proven(history(scope=scope(flawed)))
        return shows(lambda: shown)

    return make


def scope_part(name: str, new: str, **other: Any) -> tuple[Edit, Forgery]:
    """
    A scope that does not depend on one of its parts; the proof is for a place that differs in it.
    """
    old = "encode(self.chain_id, int(self.registry, 16), series_id)"
    given = {
        "chain_id": CHAIN_ID,
        "registry": REGISTRY,
        "series_id": POLICY.series.id,
        **other,
    }
    series_id = given.pop("series_id")
    change = edit(f"scope: {name}", "policies.place", old, old.replace(name, new))
    return change, Forgery(
        in_scope(lambda flawed: int(flawed.place.Place(**given).scope(series_id)))
    )


def claimed(name: str, **other: Any) -> tuple[Edit, Forgery]:
    """
    The place is the credential's, not the verifier's: it was proven, and is claimed, for another
    one.
    """
    parts = "Place(place.chain_id, place.registry)"
    claims = parts.replace(f"place.{name}", f"credential.{name}")
    change = edit(f"place: {name}", FILES, _at, _at.replace("=place", f"={claims}"))
    check = f"{FILES}._statement: credential.{name} != place.{name}"
    return change, Forgery(lambda _: shows(partial(at_place, **other), **other), also=(check,))


def at_place(**other: Any) -> Shown:
    return proven(history(scope=scope_at(**other)))


@cache
def bindings() -> Mapping[str, tuple[tuple[Edit, ...], Forgery]]:
    """Every word that a verifier computes, and every part of the scope."""
    entries = [
        (word("root", f"{in_another_tree().statement[0]}"), stops(shows(of_another_tree))),
        (
            word("nullifier", f"{honest().statement[1]}"),
            stops(shows(nullifier=honest().statement[1] - 1)),
        ),
        (word("scope", f"{ELSEWHERE}"), stops(shows(elsewhere))),
        (word("account", f"{honest().statement[3]}"), stops(shows(account=OTHER_ACCOUNT))),
        (
            word("policy.window", f"{in_another_window().statement[4]}"),
            stops(shows(in_another_window, root={"root": in_another_window().statement[0]})),
        ),
        (word("tier.thresholds", "policy.tiers[0].thresholds"), stops(shows(for_the_first_tier))),
        (word("feed", f"{under_another_feed().statement[-1]}"), stops(shows(under_another_feed))),
        scope_part("self.chain_id", "0", chain_id=1),
        scope_part("int(self.registry, 16)", "0", registry=f"0x{5:040x}"),
        scope_part("series_id", "bytes(32)", series_id=NOBODY.series.id),
        claimed("chain_id", chain_id=1),
        claimed("registry", registry="0x" + "ac" * 20),
        (
            edit(
                "file: its tier",
                FILES,
                "policy.tiers[credential.tier],\n        root",
                "policy.tiers[0],\n        root",
            ),
            stops(shows(for_the_first_tier)),
        ),
        (
            edit(
                "request: its tier",
                SERVICE,
                "policy.tiers[request.tier], root",
                "policy.tiers[0], root",
            ),
            stops(asks(partial(body, for_the_first_tier))),
        ),
        (
            edit("batch: its verdicts", FILES, "if found is not None:", "if False:"),
            stops(shows(false, batch=True)),
        ),
        (
            edit("store: a later window", STORE, _later, _later.replace("<", "<=")),
            stops(asks(during=take())),
        ),
        (
            edit("store: the same account", STORE, _same_account, "CredentialRow.tier >= 0"),
            stops(asks(during=take(account=7, last_day=POLICY.last_day - 1))),
        ),
        (edit("body: a cap", APP, _cap, "pass"), stops(posts(lambda: body() + b" " * LIMIT))),
    ]
    return {change.id: ((change,), forgery) for change, forgery in entries}
