"""
The commands by audience, a module each. Importing them is quick: a command imports what it needs
when it runs.
"""

from tierproof.commands import (
    accounts,
    attestor,
    audit,
    collecting,
    everybody,
    following,
    guardian,
    institution,
    onboarding,
    protocol,
    protocol_check,
    quorum,
    registry,
    roots,
    service,
    service_keys,
    sets,
    submitting,
    venues,
    webhooks,
)
from tierproof.commands.command import COMMANDS, SETTINGS

__all__ = [
    "COMMANDS",
    "SETTINGS",
    "accounts",
    "attestor",
    "audit",
    "collecting",
    "everybody",
    "following",
    "guardian",
    "institution",
    "onboarding",
    "protocol",
    "protocol_check",
    "quorum",
    "registry",
    "roots",
    "service",
    "service_keys",
    "sets",
    "submitting",
    "venues",
    "webhooks",
]
