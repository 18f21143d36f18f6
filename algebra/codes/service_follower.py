"""Codes of the chain follower: what keeps it from going on, and what is not decided meanwhile."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "refused.follower_forked",
        "The node's chain leaves the followed one below its last final block.",
        "find out which chain is the right one; then follow it anew (--anew)",
    ),
    Row(
        "refused.follower_chain",
        "The node is of another chain than the followed registry.",
        "give --rpc a node of the chain that the deployment file names",
    ),
    Row(
        "refused.follower_other",
        "The database follows another registry.",
        "give the database of this registry, or another one",
    ),
    Row(
        "refused.follower_events",
        "An event does not fit the events before it: the node has left some out.",
        "give --rpc a node that keeps all events; then follow anew (--anew)",
    ),
    Row(
        "unavailable.follower",
        "No final block with the registry has been followed yet.",
        "start the follower, and wait until the registry's first block is final",
        http=503,
    ),
    Row(
        "unavailable.follower_behind",
        "What is known of the chain is older than the settings allow.",
        "look at the node and at the follower, which says what keeps it",
        http=503,
    ),
    Row(
        "unavailable.follower_stopped",
        "The followed chain was reorganised below its last final block.",
        "nothing is accepted until the operator has acted: the follower says how",
        http=503,
    ),
)
