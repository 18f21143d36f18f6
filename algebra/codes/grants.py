"""
Codes of the registry of grants, `rejected.` and the name of its error in the ABI: consents, moves,
series, the market, engines, roles. `contract` has those of claims, roots, policies and sets.
"""

from __future__ import annotations

from algebra.codes.row import Row

_DEPLOY = "deploy the registry as the guide says; what is on chain stays as it is"
_ROLE = "send the transaction from the account that holds the role, after the role's delay"
_GOVERNOR = "correct what the message names and have the governor send it again"
_ATTESTORS = "have a quorum of the running generation of attestors sign the root as it must be"
_SIGNED = "have who is named sign what is sent: a consent its terms and holder, a root its set"
_OTHER = "take another verifier or policy of the series, one that is in force"
_CONSENT = "have the account sign a consent of these terms, or send the claim itself"
_WINDOW = "prove from the attestation of a later window; or the account itself sends the claim"
_IDENTITY = "there is nothing to mend here: bind the accounts to a new identity"
_MOVE = "wait until the second that the message names, or have the holder sign the move"
_HOLDER = "send it from the account that holds the grant, for a tier that it may have"
_NOTICE = "wait until the second that the message names"
_GAS = "send it again with more gas"
_BATCH = "send what the message names in a batch of its own"
_ENGINE = "report from an engine that the governor registered for this level"

ROWS = tuple(
    Row(f"rejected.{name}", meaning, hint)
    for name, meaning, hint in (
        (
            "NoticeTooShort",
            "The notice is shorter than the least one, and this is no development chain.",
            _DEPLOY,
        ),
        (
            "AuthorityIsFixed",
            "Who says who may do what is fixed.",
            _DEPLOY,
        ),
        (
            "CapZero",
            "A set that may back no grant is a forgotten value.",
            _GOVERNOR,
        ),
        (
            "MemberNoContract",
            "A member said to be a contract has no code, or a key's delegation only.",
            _GOVERNOR,
        ),
        (
            "GenerationPending",
            "The last generation has not begun yet: end it, or wait.",
            _GOVERNOR,
        ),
        (
            "SignatureInvalid",
            "A signature is not that of its signer.",
            _SIGNED,
        ),
        (
            "WindowNotOver",
            "The window is not over yet.",
            _ATTESTORS,
        ),
        (
            "ValidUntilTooLate",
            "A root may not be relied on for so long.",
            _ATTESTORS,
        ),
        (
            "RootNotExtended",
            "A root is extended, never shortened.",
            _ATTESTORS,
        ),
        (
            "WindowTaken",
            "The set has another live root of this window: revoke it first.",
            _ATTESTORS,
        ),
        (
            "RootHasEnded",
            "The root, or the generation that signed it, was ended.",
            _ATTESTORS,
        ),
        (
            "RootFull",
            "The root backs as many nullifiers as its set may vouch for.",
            _ATTESTORS,
        ),
        (
            "BatchSizeOutOfRange",
            "A batch has at least one claim, and at most so many.",
            _BATCH,
        ),
        (
            "OtherSetup",
            "The verifier's key is of another setup than the claims before it in the batch.",
            _BATCH,
        ),
        (
            "BatchNotAccepted",
            "A proof of the batch does not hold: none of its claims counts.",
            "send the claims one by one, or try the batch as a call and leave out what is false",
        ),
        (
            "TierUnprovable",
            "A verifier of the policy could accept no claim of the tier.",
            _GOVERNOR,
        ),
        (
            "TooManyVerifiers",
            "The registry holds no more verifiers.",
            _GOVERNOR,
        ),
        (
            "WrongKeyDigest",
            "The contract calls its key by another digest, or by none.",
            _GOVERNOR,
        ),
        (
            "VerifierUnknown",
            "Nobody registered this verifier.",
            _GOVERNOR,
        ),
        (
            "VerifierPending",
            "The verifier does not judge yet.",
            _GOVERNOR,
        ),
        (
            "VerifierDisabled",
            "The verifier was switched off.",
            _OTHER,
        ),
        (
            "VerifierNotOfPolicy",
            "The policy does not take this verifier.",
            _OTHER,
        ),
        (
            "PolicyWithoutVerifier",
            "A policy takes a verifier, at least one.",
            _GOVERNOR,
        ),
        (
            "SeriesZero",
            "A series needs an identifier.",
            _GOVERNOR,
        ),
        (
            "SeriesExists",
            "The series is registered already.",
            _GOVERNOR,
        ),
        (
            "SeriesUnknown",
            "Nobody registered this series.",
            _GOVERNOR,
        ),
        (
            "LeastDaysOutOfRange",
            "The least window is not in 28 .. 366 days.",
            _GOVERNOR,
        ),
        (
            "MaxAgeOutOfRange",
            "The greatest age is not in 7 .. 120 days.",
            _GOVERNOR,
        ),
        (
            "WindowTooShort",
            "The window is shorter than the series allows.",
            _GOVERNOR,
        ),
        (
            "WindowBegunTooSoon",
            "A window is announced before it begins, with notice.",
            _GOVERNOR,
        ),
        (
            "LastDayTaken",
            "Another window of the series ends on this day.",
            _GOVERNOR,
        ),
        (
            "WindowNotPublished",
            "The window does not stand in the calendar of the series.",
            _GOVERNOR,
        ),
        (
            "PolicyPending",
            "The policy does not grant yet.",
            _GOVERNOR,
        ),
        (
            "PolicyDisabled",
            "The policy was switched off.",
            _OTHER,
        ),
        (
            "BelowSetsMargin",
            "The initial margin is lower than the set may vouch for.",
            _GOVERNOR,
        ),
        (
            "RebateAboveFee",
            "A rebate is above a taker fee, of this tier or another.",
            _GOVERNOR,
        ),
        (
            "TooShort",
            "The grant would end in less than a day.",
            _WINDOW,
        ),
        (
            "ConsentMissing",
            "Neither the account sent the claim nor a consent of it came.",
            _CONSENT,
        ),
        (
            "ConsentDeadline",
            "A consent is over, or runs longer than 100 days.",
            _CONSENT,
        ),
        (
            "ConsentWindow",
            "A consent asks for a later window.",
            _CONSENT,
        ),
        (
            "NullifierRetired",
            "Its holder gave the nullifier up for good.",
            _IDENTITY,
        ),
        (
            "NullifierBarred",
            "The nullifier is barred.",
            _IDENTITY,
        ),
        (
            "WindowTooOld",
            "A later window counted already.",
            _WINDOW,
        ),
        (
            "WindowCounted",
            "This window counted already; the account itself may have it count anew.",
            _WINDOW,
        ),
        (
            "NothingChanges",
            "The claim says what the grant is already.",
            _WINDOW,
        ),
        (
            "MovedTooSoon",
            "A nullifier moves at most every seven days.",
            _MOVE,
        ),
        (
            "MoveNotReady",
            "The move is announced but does not count yet.",
            _MOVE,
        ),
        (
            "OtherMoveAnnounced",
            "Another move on this window is announced; the new account itself may replace it.",
            _MOVE,
        ),
        (
            "MoveIsContested",
            "The holder contested an unsigned move on this window or a later one.",
            _MOVE,
        ),
        (
            "NoMove",
            "There is no move to contest.",
            _MOVE,
        ),
        (
            "NotHolder",
            "Only who holds the nullifier may do this.",
            _HOLDER,
        ),
        (
            "NoRunningGrant",
            "No grant of the account runs.",
            _HOLDER,
        ),
        (
            "TierBetter",
            "The tier is better than the one that the account holds, in some number.",
            _HOLDER,
        ),
        (
            "NotBarred",
            "The nullifier is not barred.",
            _GOVERNOR,
        ),
        (
            "PauseTooSoon",
            "After a pause there is none for 21 days.",
            _GOVERNOR,
        ),
        (
            "RegistryClosed",
            "The registry is closed.",
            _GOVERNOR,
        ),
        (
            "CloseTooSoon",
            "A registry closes at least 30 days ahead.",
            _GOVERNOR,
        ),
        (
            "AccessManagedInvalidAuthority",
            "The address cannot say who may do what.",
            _ROLE,
        ),
        (
            "AccessManagedRequiredDelay",
            "The role of the sender acts after a delay only.",
            _ROLE,
        ),
        (
            "AccessManagedUnauthorized",
            "The sender has no role for this call.",
            _ROLE,
        ),
        (
            "AccessManagerAlreadyScheduled",
            "The call is scheduled already.",
            _ROLE,
        ),
        (
            "AccessManagerBadConfirmation",
            "The role that is renounced is not named right.",
            _ROLE,
        ),
        (
            "AccessManagerExpired",
            "The scheduled call was not made in time.",
            _ROLE,
        ),
        (
            "AccessManagerInvalidInitialAdmin",
            "The zero address cannot be the admin.",
            _ROLE,
        ),
        (
            "AccessManagerLockedFunction",
            "The function cannot be given to a role.",
            _ROLE,
        ),
        (
            "AccessManagerLockedRole",
            "The role cannot be changed.",
            _ROLE,
        ),
        (
            "AccessManagerNotReady",
            "The scheduled call may not be made yet.",
            _ROLE,
        ),
        (
            "AccessManagerNotScheduled",
            "The call was not scheduled.",
            _ROLE,
        ),
        (
            "AccessManagerUnauthorizedAccount",
            "The sender lacks the role that this takes.",
            _ROLE,
        ),
        (
            "AccessManagerUnauthorizedCall",
            "The sender may not make this call.",
            _ROLE,
        ),
        (
            "AccessManagerUnauthorizedCancel",
            "The sender may not cancel this call.",
            _ROLE,
        ),
        (
            "AccessManagerUnauthorizedConsume",
            "The contract may not use up a scheduled call.",
            _ROLE,
        ),
        (
            "AddressEmptyCode",
            "A call went to an address without code.",
            _ROLE,
        ),
        (
            "FailedCall",
            "A call of a library of the registry failed.",
            _ROLE,
        ),
        (
            "InsufficientBalance",
            "The contract lacks the money to send.",
            _ROLE,
        ),
        (
            "DefaultInvalid",
            "A default has a limit or a validity, or breaks a floor.",
            _GOVERNOR,
        ),
        (
            "DefaultBetterThanTiers",
            "A default is better than some tier, in some number.",
            _GOVERNOR,
        ),
        (
            "TierWorseThanDefault",
            "A tier is worse than the default or the one announced, in some number.",
            _GOVERNOR,
        ),
        (
            "BandsInvalid",
            "These are no bands, or the strictest one's factor is another.",
            _GOVERNOR,
        ),
        (
            "NothingAnnounced",
            "Nothing is announced that could begin.",
            _GOVERNOR,
        ),
        (
            "MarketPending",
            "What was announced may not begin yet.",
            _NOTICE,
        ),
        (
            "FeedMissing",
            "A feed may be replaced, and not taken away.",
            _GOVERNOR,
        ),
        (
            "EngineInvalid",
            "An engine has code and reports a level from 1 to 3.",
            _GOVERNOR,
        ),
        (
            "EngineExists",
            "The engine is known already; also one that was switched off stays so.",
            _GOVERNOR,
        ),
        (
            "EngineUnknown",
            "Nobody registered this engine.",
            _ENGINE,
        ),
        (
            "EnginePending",
            "The engine does not report yet.",
            _NOTICE,
        ),
        (
            "EngineDisabled",
            "The engine was switched off.",
            _ENGINE,
        ),
        (
            "EngineReports",
            "The engine still reports: it is switched off before its reports are voided.",
            _GOVERNOR,
        ),
        (
            "ReportsAreVoided",
            "The engine's reports are void, or about to be.",
            _GOVERNOR,
        ),
        (
            "NothingVoid",
            "No engine whose reports are void raised the account's level.",
            _ENGINE,
        ),
        (
            "TooManyEngines",
            "A registry has 255 engines at most.",
            _ENGINE,
        ),
        (
            "LevelTooHigh",
            "The engine's word is not worth as much.",
            _ENGINE,
        ),
        (
            "OtherSubject",
            "The one never held the subject of the other's last grant.",
            _HOLDER,
        ),
        (
            "FeedInvalid",
            "A feed has too many decimals, or no heartbeat or one that is too long.",
            _GOVERNOR,
        ),
        (
            "TooLittleGasForFeed",
            "The call has too little gas left for the feed to answer.",
            _GAS,
        ),
    )
)
