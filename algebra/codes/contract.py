"""
Codes of contracts that revert, `rejected.` and the name of the error in the ABI: claims, roots,
policies and sets, verifiers, and what names no error. `grants` has the others of the registry.
"""

from __future__ import annotations

from algebra.codes.row import Row

_AGAIN = "there is nothing to mend: whoever made the credential must prove again"
_GOVERNOR = "correct the policy and have its governor register it"

ROWS = tuple(
    Row(f"rejected.{name}", meaning, hint)
    for name, meaning, hint in (
        # -- a credential on its way in ------------------------------------------------------------
        (
            "RootUnknown",
            "The registry has not seen the root of the credential.",
            "add --root FILE with the signed root: onboard then submits it first",
        ),
        (
            "RootExpired",
            "The root of the credential was valid until an earlier time.",
            "have the attestors sign a new root, and prove again from the new attestation",
        ),
        (
            "RootIsRevoked",
            "The guardian has revoked the root.",
            "have the attestors sign a new root, and prove again from the new attestation",
        ),
        (
            "RootExists",
            "The registry has this root with other days, another feed or other documents.",
            "get the root.json again from the attestors: one tree is signed in one way",
        ),
        (
            "RootOutOfRange",
            "The root is no element of the field, or zero.",
            "give the root.json that the attestor published",
        ),
        (
            "FeedOutOfRange",
            "The digest of the root's market feed is no element of the field, or zero.",
            "give the root.json that the attestor published",
        ),
        (
            "RulesMissing",
            "The root says nothing of the documents that its logs were made by.",
            "give the root.json that the attestor published",
        ),
        (
            "NullifierOutOfRange",
            "The nullifier is no element of the field, or zero.",
            _AGAIN,
        ),
        (
            "WrongThresholds",
            "The thresholds are not those that the registry holds for the tier.",
            "give the policy document that was registered",
        ),
        (
            "RegistryPaused",
            "The guardian has paused the registry.",
            "wait until the time that the message names, or ask the governor to end the pause",
        ),
        (
            "PolicyUnknown",
            "The registry does not know the policy.",
            "give the policy that is registered, or have the governor register this one",
        ),
        (
            "TierUnknown",
            "The policy has no such tier.",
            "prove for a tier that the policy document names",
        ),
        (
            "AttestorSetUnknown",
            "The registry does not know the attestor set.",
            "have the governor register the attestor set",
        ),
        (
            "GenerationIsEnded",
            "The guardian has ended the generation of attestors that signed.",
            "get a root.json that the set's next generation signed",
        ),
        (
            "GenerationUnknown",
            "The registry does not know this generation of the attestor set.",
            "name a generation that was started there",
        ),
        (
            "WrongGeneration",
            "The root was signed by another generation of attestors than the running one.",
            "get a root.json of the running generation, or have the governor rotate the set",
        ),
        (
            "TooFewSignatures",
            "The root has fewer signatures than the set's threshold.",
            "get a root.json with the signatures of enough members",
        ),
        (
            "SignersNotAscending",
            "The signatures of the root are not in the order of their signers.",
            "get the root.json again from the attestor",
        ),
        (
            "SignerNotMember",
            "A signer of the root is no member of the attestor set.",
            "get a root.json signed by members alone",
        ),
        # -- the verifier --------------------------------------------------------------------------
        ("NotAccepted", "The equation does not hold: the proof does not show it.", _AGAIN),
        (
            "BadLength",
            "The proof has another length than this verifier's.",
            "prove with the profile and class of the deployment's verifier",
        ),
        ("BadStatement", "A public word of the credential breaks a rule of the verifier.", _AGAIN),
        ("BadScalar", "A number of the proof is not below the field's order.", _AGAIN),
        ("BadPoint", "A point of the proof is not on the curve or not canonical.", _AGAIN),
        ("BadChallenge", "A challenge hit a pole, which happens to no honest prover.", _AGAIN),
        (
            "PrecompileFailed",
            "A precompiled contract is missing on this chain, or gas ran short.",
            "send it to a chain with the BN254 precompiles, with more gas",
        ),
        (
            "SetupNotKnown",
            "The verifier's setup is no known ceremony's and the chain is a real one.",
            "deploy a verifier made from the keys of a known ceremony",
        ),
        # -- the governor's and guardian's work ----------------------------------------------------
        ("PolicyExists", "The registry has this policy already.", "go on without registering it"),
        ("PolicyIdZero", "The policy has no identifier.", _GOVERNOR),
        ("TierCountOutOfRange", "The policy has no tiers, or more than it may.", _GOVERNOR),
        ("ThresholdsInvalid", "The thresholds of a tier are no words of the field.", _GOVERNOR),
        (
            "TermsInvalid",
            "The terms of a tier are outside what the registry takes.",
            "correct the terms of the tier that the message names: margins, fees, leverage",
        ),
        ("WindowInvalid", "The first day of the window is after its last.", _GOVERNOR),
        (
            "AttestorSetExists",
            "The registry has this attestor set already.",
            "go on without registering it",
        ),
        ("AttestorSetTooLarge", "The attestor set has too many members.", "list fewer members"),
        (
            "ThresholdOutOfRange",
            "The threshold of the attestor set is not in 1..members.",
            "give a threshold of at most the number of members",
        ),
        (
            "MembersNotAscending",
            "The members of the attestor set are not in ascending order.",
            "list the members ascending, each once",
        ),
        # -- libraries of the registry -------------------------------------------------------------
        (
            "SafeCastOverflowedUintDowncast",
            "A number is too large for its field in the registry.",
            "correct the number that the message names",
        ),
        (
            "InvalidShortString",
            "A name in the registry cannot be read.",
            "compare the registry's code with the deployment file",
        ),
        (
            "StringTooLong",
            "A name for the registry is too long.",
            "compare the registry's code with the deployment file",
        ),
        # -- what names no error -------------------------------------------------------------------
        (
            "Error",
            "The contract gave its reason in words.",
            "the words after the colon are the contract's own: act on them",
        ),
        (
            "Panic",
            "A check of the compiler stopped the contract.",
            "compare the contract's code with the deployment file",
        ),
        (
            "Reverted",
            "The contract gave no reason that can be read, or the transaction failed in its block.",
            "run the command again: the trial before a transaction names a reason that still holds",
        ),
    )
)
