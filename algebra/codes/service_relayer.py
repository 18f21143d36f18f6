"""Codes of what is brought to a registry for others: batches of claims, onboarding requests."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "refused.batch_size",
        "No claim, or more than one transaction takes.",
        "send between 1 and 32 claims at a time",
    ),
    Row(
        "rejected.claims",
        "Of several claims some do not count; the others do.",
        "mend what the message says of each of them and send those again, alone",
    ),
    Row(
        "refused.chain_id",
        "The node of the relayer has come to be on another chain.",
        "point the service at a node of the registry's chain and start it again",
    ),
    Row(
        "refused.relayer_nonce",
        "A nonce of the relayer's key was taken by a transaction that is not the service's.",
        "find out who has the key; give the service one of its own, or resume by hand",
        http=503,
    ),
    Row(
        "refused.relayer_budget",
        "The gas that an API key, or an account, may take in a day is used up.",
        "wait until the next day, or have the operator raise the limit",
        http=429,
    ),
    Row(
        "refused.onboarding_exists",
        "The same onboarding was asked for by another API key.",
        "ask who holds the account; the request that is there goes on",
        http=409,
    ),
    Row(
        "unknown.onboarding",
        "The service knows no onboarding request of this id.",
        "use the id that the service answered when the onboarding was asked for",
    ),
    Row(
        "unavailable.relayer_fee",
        "Gas costs more than the relayer may pay.",
        "wait until it is cheaper, or have the operator raise the highest fee",
        http=503,
    ),
    Row(
        "unavailable.relayer_lease",
        "Another process sends with the relayer's key.",
        "nothing is to be done: the other one goes on",
        http=503,
    ),
    Row(
        "unavailable.relayer",
        "The service has no relayer.",
        "have the operator configure one, or send the claim with tierproof onboard",
        http=503,
    ),
)
