"""`import tierproof`: what the command does, as functions."""

from __future__ import annotations

from attestor.attestation import Attestation
from attestor.attestation import load as load_attestation
from policies.place import Place
from policies.policy import Policy, example
from prover.profile import Profile
from prover.vault import Identity, create_vault, open_vault
from tierproof.attesting import Attested, read_key, run_job, write_attestations
from tierproof.backends import fast_algebra, independent_algebra
from tierproof.documents import CredentialFile, RootFile
from tierproof.institution import (
    Estimate,
    binding_request,
    check_attestation,
    check_disclosure,
    disclose,
    estimate,
    inspect,
    prove,
)
from tierproof.keys_folder import KeysFolder, load_key
from tierproof.picture import draw
from tierproof.protocol import (
    Registration,
    Roles,
    check_policy,
    connect,
    current_place,
    deploy,
    onboard,
    register,
    register_policy,
    serve,
    service_app,
    submit_root,
    terms,
    verify,
    verify_batch,
)

__all__ = [
    "Attestation",
    "Attested",
    "CredentialFile",
    "Estimate",
    "Identity",
    "KeysFolder",
    "Place",
    "Policy",
    "Profile",
    "Registration",
    "Roles",
    "RootFile",
    "binding_request",
    "check_attestation",
    "check_disclosure",
    "check_policy",
    "connect",
    "create_vault",
    "current_place",
    "deploy",
    "disclose",
    "draw",
    "estimate",
    "example",
    "fast_algebra",
    "independent_algebra",
    "inspect",
    "load_attestation",
    "load_key",
    "onboard",
    "open_vault",
    "prove",
    "read_key",
    "register",
    "register_policy",
    "run_job",
    "serve",
    "service_app",
    "submit_root",
    "terms",
    "verify",
    "verify_batch",
    "write_attestations",
]
