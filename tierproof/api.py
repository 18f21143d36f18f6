"""
`import tierproof`: what the command does, as functions.

The public names and where each lives. A module is loaded when one of its names is first used, so
that a verifier loads no web framework and no plotting library; what an extra brings is asked for
then (`algebra.extras`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from attestor.attestation import Attestation as Attestation
    from attestor.attestation import load as _load
    from attestor.root_file import RootFile as RootFile
    from policies.credential_file import CredentialFile as CredentialFile
    from policies.place import Place as Place
    from policies.policy import Policy as Policy
    from policies.policy import example as example
    from prover.profile import Profile as Profile
    from prover.vault import Identity as Identity
    from prover.vault import create_vault as create_vault
    from prover.vault import open_vault as open_vault
    from tierproof.attested_folder import Attested as Attested
    from tierproof.attested_folder import write_attestations as write_attestations
    from tierproof.attesting import draft_job as draft_job
    from tierproof.attesting import read_key as read_key
    from tierproof.attesting import run_job as run_job
    from tierproof.backends import fast_algebra as fast_algebra
    from tierproof.backends import independent_algebra as independent_algebra
    from tierproof.client.transport import AsyncClient as AsyncClient
    from tierproof.client.transport import Client as Client
    from tierproof.disclosure import DisclosureFile as DisclosureFile
    from tierproof.documents import load_key as load_key
    from tierproof.estimates import Estimate as Estimate
    from tierproof.estimates import TierEstimate as TierEstimate
    from tierproof.institution import binding_request as binding_request
    from tierproof.institution import check_attestation as check_attestation
    from tierproof.institution import estimate as estimate
    from tierproof.institution import inspect as inspect
    from tierproof.institution import prove as prove
    from tierproof.keys_folder import KeysFolder as KeysFolder
    from tierproof.onchain import Roles as Roles
    from tierproof.onchain import check_policy as check_policy
    from tierproof.onchain import connect as connect
    from tierproof.onchain import current_place as current_place
    from tierproof.onchain import deploy as deploy
    from tierproof.onchain import onboard as onboard
    from tierproof.onchain import register_policy as register_policy
    from tierproof.onchain import submit_root as submit_root
    from tierproof.onchain import terms as terms
    from tierproof.owner import VenueOwner as VenueOwner
    from tierproof.picture import draw as draw
    from tierproof.serving import Registration as Registration
    from tierproof.serving import register as register
    from tierproof.serving import serve as serve
    from tierproof.serving import service_app as service_app
    from tierproof.verification import verify as verify
    from tierproof.verification import verify_batch as verify_batch

    load_attestation = _load

MODULES = {
    "attestor.attestation": ("Attestation", "load_attestation"),
    "attestor.root_file": ("RootFile",),
    "policies.credential_file": ("CredentialFile",),
    "policies.place": ("Place",),
    "policies.policy": ("Policy", "example"),
    "prover.profile": ("Profile",),
    "prover.vault": ("Identity", "create_vault", "open_vault"),
    "tierproof.attested_folder": ("Attested", "write_attestations"),
    "tierproof.attesting": ("draft_job", "read_key", "run_job"),
    "tierproof.backends": ("fast_algebra", "independent_algebra"),
    "tierproof.client.transport": ("AsyncClient", "Client"),
    "tierproof.disclosure": ("DisclosureFile",),
    "tierproof.documents": ("load_key",),
    "tierproof.estimates": ("Estimate", "TierEstimate"),
    "tierproof.institution": (
        "binding_request",
        "check_attestation",
        "estimate",
        "inspect",
        "prove",
    ),
    "tierproof.keys_folder": ("KeysFolder",),
    "tierproof.onchain": (
        "Roles",
        "check_policy",
        "connect",
        "current_place",
        "deploy",
        "onboard",
        "register_policy",
        "submit_root",
        "terms",
    ),
    "tierproof.owner": ("VenueOwner",),
    "tierproof.picture": ("draw",),
    "tierproof.serving": ("Registration", "register", "serve", "service_app"),
    "tierproof.verification": ("verify", "verify_batch"),
}
"""The public names by module."""

ELSEWHERE = {"load_attestation": "load"}
"""Names that are others in their module."""

_MODULE_OF = {name: module for module, names in MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    """
    A public name, its module loaded if need be.

    Raises
    ------
    Unavailable
        `unavailable.extra`: a library of an extra that is not installed.
    """
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module(_MODULE_OF[name])
    value = globals()[name] = getattr(module, ELSEWHERE.get(name, name))
    return value


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)
