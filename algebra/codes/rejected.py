"""Codes of what is well formed and false."""

from __future__ import annotations

from algebra.codes.row import Row

_ATTESTATION = "ask the attestor for the attestation that was made for you, or for a new one"

ROWS = (
    Row(
        "rejected.equation",
        "The pairing equation does not hold: the proof does not show the statement.",
        "there is nothing to mend: whoever made the credential must prove again",
    ),
    Row(
        "rejected.challenge",
        "A challenge of the proof hit a pole, which happens to no honest prover.",
        "there is nothing to mend: whoever made the credential must prove again",
    ),
    Row(
        "rejected.policy",
        "The credential or attestor set is of another policy, or of a tier that it does not have.",
        "give the policy file that the credential was made for",
    ),
    Row(
        "rejected.key",
        "The credential was made for another verifying key.",
        "give the key of the class, profile and setup that the credential was made with",
    ),
    Row(
        "rejected.place",
        "The credential counts on another chain or at another registry.",
        "compare --chain-id and --registry with what `tierproof inspect` shows of it",
    ),
    Row(
        "rejected.rules",
        "The root's logs were made by documents, or a market feed, that the policy does not take.",
        "have the attestors use the documents and the index that the policy names",
    ),
    Row(
        "rejected.feed",
        "The feed document is not the one that the root was signed with.",
        "give the document of the root's attestors, unchanged; if it is, they signed other values",
    ),
    Row(
        "rejected.root",
        "The root is of another set, place or window, has expired, or is not the credential's.",
        "give the root.json of the attestation that the credential was made from",
    ),
    Row(
        "rejected.quorum",
        "A root, calendar or handover is not signed by a quorum of its attestor set.",
        "get a root.json with the signatures of enough members",
    ),
    Row(
        "rejected.signature",
        "A signature recovers to no key.",
        "get the signed file again from who signed it",
    ),
    Row(
        "rejected.setup",
        "The key's setup is no known ceremony's: proofs for it may prove nothing.",
        "add --allow-setup development to look at a demo, or --allow-setup with the srs id of a "
        "ceremony that you have judged yourself",
    ),
    Row(
        "rejected.path",
        "The leaf of the attestation is not under its root.",
        _ATTESTATION,
    ),
    Row(
        "rejected.binding",
        "A binding is signed by another key than the wallet's.",
        "have the wallet itself sign the binding, with its own key",
    ),
    Row(
        "rejected.consent",
        "The owner of the tag did not consent to this binding: another key signed it.",
        "take a consent from the tag's owner, made for this very document by identity --bind",
    ),
    Row(
        "rejected.disclosure",
        "The records shown are not those of the log, or their root is not the one asked for.",
        "there is nothing to mend: what is shown is not what the set attested there",
    ),
    Row(
        "rejected.demo",
        "A step of the demo came out otherwise than it must.",
        "report the command and its output: this is a mistake of the project",
    ),
    *(
        Row(f"rejected.attestation.{part}", meaning, hint)
        for part, meaning, hint in (
            (
                "setup",
                "The attestation was made on another setup than the keys folder's.",
                "give --keys the folder of the setup that the attestor uses",
            ),
            (
                "class",
                "The attestation is of another class than the basis or than its records need.",
                "give --keys a folder with keys of the attestation's class",
            ),
            (
                "owner",
                "The attestation was made for another owner.",
                "give --vault the vault whose owner tag the attestation names",
            ),
            (
                "attestor_set",
                "The attestation is signed by another attestor set than the policy trusts.",
                "give the policy that trusts these attestors, or ask those of the policy to attest",
            ),
            (
                "feed",
                "The attestation's market feed is not the one that was signed with its root.",
                "get the attestation again from the attestor",
            ),
            (
                "domain",
                "The root of the attestation is signed for another chain or registry.",
                _ATTESTATION,
            ),
            (
                "records",
                "The records of the attestation are not those of its leaf.",
                _ATTESTATION,
            ),
            (
                "reconciliation",
                "Opening and records of the attestation do not give its closing.",
                _ATTESTATION,
            ),
            (
                "commitment",
                "The records of the attestation do not give its commitment.",
                _ATTESTATION,
            ),
        )
    ),
)
