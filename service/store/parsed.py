"""
Documents of the database as objects, read once for many requests.

Each is a function of its text alone, so what is remembered is never out of date: whether a policy
or a root counts today is asked of the database each time.
"""

from __future__ import annotations

import json
from functools import lru_cache

from policies.policy import Policy
from policies.rule_files import RuleFiles

MOST = 256
"""Documents of a kind that are remembered."""


@lru_cache(MOST)
def policy(document: str) -> Policy:
    """A policy; raises as `Policy.parse`."""
    return Policy.parse(document.encode())


@lru_cache(MOST)
def rule_files(document: str) -> RuleFiles:
    """The files of a root; raises as `RuleFiles.parse`."""
    return RuleFiles.parse(json.loads(document), "root.files")
