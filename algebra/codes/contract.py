"""Codes of a contract that reverts: `rejected.` and the name of its error in the ABI."""

from __future__ import annotations

from algebra.codes.row import Row

_AGAIN = "there is nothing to mend: whoever made the credential must prove again"
_GOVERNOR = "correct the policy and have its governor register it"
_ROLE = "send the transaction from the account that holds the role"

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
            "The registry has this root already.",
            "go on without submitting the root",
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
            "NullifierUsed",
            "This identity holds a grant of this policy and epoch already.",
            "wait for the policy's next epoch and prove for it; one epoch grants once",
        ),
        (
            "NullifierOutOfRange",
            "The nullifier is no element of the field, or zero.",
            _AGAIN,
        ),
        (
            "WrongWindow",
            "The root is of another window than the policy.",
            "give the root and attestation of the policy's window",
        ),
        (
            "WrongThresholds",
            "The thresholds are not those that the registry holds for the tier.",
            "give the policy document that was registered",
        ),
        (
            "OnlyAccountReplacesGrant",
            "A grant of the account still runs: the account alone may replace it.",
            "send the transaction from the account itself, or wait until its grant ends",
        ),
        ("AccountZero", "The credential names no account.", "prove for an account of your own"),
        (
            "NoGrant",
            "The account was never granted anything at this registry.",
            "grant it first: `tierproof onboard CREDENTIAL` with a credential of this account",
        ),
        (
            "GrantExpired",
            "The grant of the account has ended.",
            "prove for the policy's current epoch and onboard the new credential",
        ),
        (
            "GrantRootRevoked",
            "The root under the grant was revoked, which ends the grant.",
            "have the attestors sign a new root, prove again and onboard the new credential",
        ),
        (
            "GrantGenerationEnded",
            "The attestors who signed the root under the grant count no more, which ends it.",
            "have the set's next generation sign the root, and onboard a new credential",
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
            "EpochTooSoon",
            "The policy's epoch may not be advanced yet.",
            "wait until the time that the message names as allowedFrom",
        ),
        ("AttestorSetEmpty", "The attestor set has no members.", "list at least one member"),
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
        ("AccessControlUnauthorizedAccount", "The sender does not hold the role.", _ROLE),
        (
            "AccessControlBadConfirmation",
            "A role can be given up by its holder alone.",
            _ROLE,
        ),
        (
            "AccessControlEnforcedDefaultAdminDelay",
            "The waiting time of a new admin is not over.",
            "wait until the time that the message names as schedule",
        ),
        (
            "AccessControlEnforcedDefaultAdminRules",
            "The admin's role is handed over in its own two steps only.",
            "begin and accept the transfer of the admin's role",
        ),
        (
            "AccessControlInvalidDefaultAdmin",
            "The address cannot be the admin.",
            "name another address as --admin",
        ),
        # -- libraries of the registry -------------------------------------------------------------
        (
            "ECDSAInvalidSignature",
            "A signature of the root recovers to no key.",
            "get the root.json again from the attestor",
        ),
        (
            "ECDSAInvalidSignatureLength",
            "A signature of the root is not 65 bytes.",
            "get the root.json again from the attestor",
        ),
        (
            "ECDSAInvalidSignatureS",
            "A signature of the root is not the canonical one of its two.",
            "get the root.json again from the attestor",
        ),
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
