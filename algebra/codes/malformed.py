"""Codes of what is not what it claims to be."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    # -- files that people exchange ----------------------------------------------------------------
    Row(
        "malformed.credential",
        "The file is no credential of this version.",
        "give the file that `tierproof prove --out FILE` wrote, unchanged",
    ),
    Row(
        "malformed.rule_files",
        "A list of rule files has a name or a digest of another form.",
        "give margin/, feed/, marks/ or model/ and a name, each with 0x and the 64 digits of its "
        "keccak256",
    ),
    Row(
        "malformed.feed",
        "A market feed has a day without a value, or a value out of range.",
        "correct the day that the message names in the feed document",
    ),
    Row(
        "malformed.score_model",
        "The score model is none, or has a weight that is missing or out of range.",
        "correct the field that the message names; tierproof show tells what was read",
    ),
    Row(
        "malformed.root",
        "The signed root is none of this version, or a part of it is out of range.",
        "give the root.json that `tierproof attest --out FOLDER` wrote, unchanged",
    ),
    Row(
        "malformed.attestation",
        "The file is no attestation of this version.",
        "give an attestation-....json that `tierproof attest --out FOLDER` wrote, unchanged",
    ),
    Row(
        "malformed.disclosure",
        "The file is no disclosure of this version.",
        "give the file that `tierproof disclose --out FILE` wrote, unchanged",
    ),
    Row(
        "malformed.pending",
        "A file of the outbox holds no transaction on its way.",
        "look the transaction of the file's name up, then remove the file",
    ),
    Row(
        "malformed.deployment",
        "The file is no deployment of this version.",
        "give the file that `tierproof deploy --out FILE` wrote, unchanged",
    ),
    Row(
        "malformed.key",
        "The file is no verifying key of a circuit that this version knows, or it was changed.",
        "give the key-N.json that `tierproof setup --keys FOLDER` wrote, unchanged",
    ),
    Row(
        "malformed.job",
        "The job file of an attestor has a part that is missing, unknown or out of range.",
        "correct the part that the message names; docs/reference/interfaces.md 2.3 has them all",
    ),
    Row(
        "malformed.bindings",
        "The bindings file is none of this version, or was changed by hand.",
        "put back the last copy that the attestor's own program saved",
    ),
    Row(
        "malformed.attestors",
        "The list of attestors has a part that is missing or out of range.",
        'write {"members": [addresses, ascending], "threshold": k}',
    ),
    Row(
        "malformed.artifact",
        "The file is no compiled contract.",
        "name a contract such as TierproofVerifier8192, or give the .json file of the compiler",
    ),
    Row(
        "malformed.verifier",
        "The contract does not answer as a verifier of credentials does.",
        "name a verifier, such as TierproofVerifier8192",
    ),
    Row(
        "malformed.key_file",
        "The file holds no private key.",
        "write the key of one account into it: 0x and 64 hexadecimal digits, nothing else",
    ),
    Row(
        "malformed.file_size",
        "The file is larger than any of its kind can be.",
        "check that the path names the file that is meant",
    ),
    # -- policies ----------------------------------------------------------------------------------
    Row(
        "malformed.policy.json",
        "The policy file is no JSON document.",
        "write the policy as one JSON object; policies/examples has two to start from",
    ),
    Row(
        "malformed.policy.format",
        "The document is no policy of this version.",
        "give the policy file; its first name is format",
    ),
    Row(
        "malformed.policy.key",
        "The policy has a name too many or too few.",
        "correct the name that the message gives; the message lists those that are taken",
    ),
    Row(
        "malformed.policy.type",
        "A value of the policy is of another type than it must be.",
        "correct the value that the message names",
    ),
    Row(
        "malformed.policy.asked",
        "The list of metrics asked for is not increasing within 1..21.",
        "list each metric once, the smallest first",
    ),
    Row(
        "malformed.policy.date",
        "A date is not of the form 2026-01-31.",
        "write the date as year-month-day with two digits each for month and day",
    ),
    Row(
        "malformed.grant_consent",
        "The consent to a grant lacks a field, or has a number out of range.",
        "have the account sign another one, or copy the file again",
    ),
    Row(
        "malformed.market",
        "A market file lacks a number, or has one that is none.",
        "correct the field that the message names",
    ),
    Row(
        "malformed.margin",
        "A margin document has a gap, a rate of 0, parts out of order or a value out of range.",
        "correct the field that the message names; policies/examples/margin has some to start from",
    ),
    Row(
        "malformed.thresholds",
        "The threshold words are not those of any policy.",
        "take the words from the policy document",
    ),
    # -- an attestor's inputs ----------------------------------------------------------------------
    Row(
        "malformed.statement",
        "A line of an account statement, or a word of a proof's statement, cannot be read.",
        "correct the line or word that the message names, or export the statement again",
    ),
    Row(
        "malformed.answer",
        "What a venue answered is no JSON, or of another shape than was asked for.",
        "check --url; if it is the venue's own, its interface changed, and so must the collector",
    ),
    Row(
        "malformed.collected",
        "A collected folder has an answer that was changed, is no JSON or is on no list.",
        "collect again into another folder; its files are the venue's words and are not edited",
    ),
    Row(
        "malformed.window",
        "The window of days is empty, too long or out of range.",
        "give a first day that is before the last one, within 2 to 366 days",
    ),
    Row(
        "malformed.wallets",
        "The list of wallets is empty, has one twice, or has one that is no address.",
        "list each wallet once, as 0x and 40 lower-case hexadecimal digits",
    ),
    Row(
        "malformed.date",
        "A date is not of the form 2026-01-31.",
        "write the date as year-month-day with two digits each for month and day",
    ),
    Row(
        "malformed.venue",
        "The name of the venue is not of lower-case ASCII letters, digits and ._- alone.",
        "give the venue's name as the attestor spells it",
    ),
    Row(
        "malformed.binding",
        "A binding has a part that is out of range.",
        "correct the part that the message names and have the wallet sign again",
    ),
    Row(
        "malformed.attestor_set",
        "The attestor set has no name, no members or members out of order, or an impossible "
        "threshold or generation.",
        "list the members ascending, each once, and a threshold of at most their number",
    ),
    Row(
        "malformed.commitment",
        "The commitment of a log is the point at infinity.",
        "import the setup again: this one is broken",
    ),
    Row(
        "malformed.leaf",
        "A number of an attested leaf is out of range.",
        "have the attestor make the attestation again",
    ),
    Row(
        "malformed.record",
        "The columns of a log are not of equal length or not of 64-bit integers.",
        "build the records with history.v2.record.Records",
    ),
    Row(
        "malformed.record.range",
        "A field of a record is out of range.",
        "have the attestor make the attestation again",
    ),
    Row(
        "malformed.record.kind",
        "A record has bits that do not go together.",
        "have the attestor make the attestation again",
    ),
    Row(
        "malformed.record.word",
        "A record is no integer of the record's width.",
        "have the attestor make the attestation again",
    ),
    # -- numbers -----------------------------------------------------------------------------------
    Row(
        "malformed.address",
        "An address is not 20 bytes, or its checksum does not match.",
        "copy the address again: 0x and 40 hexadecimal digits",
    ),
    Row(
        "malformed.digest",
        "A digest or identifier is not 32 bytes.",
        "copy it again: 0x and 64 lower-case hexadecimal digits",
    ),
    Row(
        "malformed.word",
        "A number does not fit its word.",
        "copy the number again from the file that it came from",
    ),
    Row(
        "malformed.range",
        "A public word of a credential is out of range.",
        "copy the number again from the file that it came from",
    ),
    Row(
        "malformed.place",
        "Chain id or registry is out of range: no credential can count there.",
        "take chain id and registry from the deployment file",
    ),
    Row(
        "malformed.signature",
        "A signature is not 65 canonical bytes.",
        "give r, low s and v of 27 or 28, as wallets make them",
    ),
    # -- proofs ------------------------------------------------------------------------------------
    Row(
        "malformed.length",
        "The proof has another length than those of this key.",
        "take the key of the class and profile that the proof was made with",
    ),
    Row(
        "malformed.point",
        "A point of the proof is not on the curve, or not written in its one way.",
        "make the credential again: these bytes are no proof",
    ),
    Row(
        "malformed.scalar",
        "A number of the proof is not below the field's order.",
        "make the credential again: these bytes are no proof",
    ),
    Row("malformed.proof", "The proof is not bytes.", "give the proof as bytes"),
    # -- keys folder and ceremony ------------------------------------------------------------------
    Row(
        "malformed.bases",
        "A Lagrange basis of the keys folder is not that of its setup, or has infinity in it.",
        "delete the file that the message names; it is made again",
    ),
    Row(
        "malformed.srs_id",
        "The srs id beside a key's [tau]_2 is that of another tau.",
        "take the key again from who made it, or make it from the setup",
    ),
    Row(
        "malformed.proving_key",
        "Proofs made with the files of the keys folder do not verify, or would show their secrets.",
        "delete the keys folder and make it again with `tierproof setup`",
    ),
    *(
        Row(f"malformed.setup.{what}", meaning, "delete setup.bin and run `tierproof setup` again")
        for what, meaning in (
            ("magic", "The file is no setup file of this program."),
            ("version", "The setup file is of another version."),
            ("header", "The header of the setup file contradicts itself."),
            ("length", "The setup file is shorter or longer than its header says."),
            ("digest", "The setup file was altered or damaged."),
            ("point", "A point of the setup file is not in its group, or is infinity."),
            ("identity", "The id of the setup file is not that of its points."),
            ("tau", "The points of the setup file belong to different secrets."),
            ("chain", "The points of the setup file are not powers of one secret."),
            ("order", "A power of the setup's secret is one: commitments would not hide."),
        )
    ),
    *(
        Row(f"malformed.ptau.{what}", meaning, "download the ceremony file again, or take another")
        for what, meaning in (
            ("magic", "The file is no ceremony file: not .ptau, arkworks' or compressed points."),
            ("version", "The ceremony file is of another version."),
            ("section", "A section of the ceremony file is missing, unknown or there twice."),
            ("length", "The ceremony file is shorter or longer than its header says."),
            ("prime", "The ceremony file is of another curve."),
            ("power", "The ceremony file names a power that none can have."),
            ("point", "A point of the ceremony file is not in its group."),
            ("generator", "The first power is not the generator, or nobody has contributed."),
            ("order", "A power of the ceremony's secret is one: commitments would not hide."),
            ("g2", "A point of the ceremony file is not in the subgroup."),
            ("pairing", "The powers of the ceremony file are not of one secret."),
            ("ceremony", "The file is of another ceremony than the committed keys."),
            ("contributions", "The contributions of the ceremony file do not make its points."),
        )
    ),
    # -- requests to the service -------------------------------------------------------------------
    Row(
        "malformed.json",
        "The body is no JSON document, has a name twice or a number out of range.",
        "send one JSON object, as /v1/openapi.json describes it",
    ),
    Row(
        "malformed.request",
        "A part of the request is missing, unknown or out of range.",
        "correct the part that the answer names; /v1/openapi.json describes it",
    ),
    Row(
        "malformed.duration",
        "A duration is out of range; it may be in milliseconds.",
        "give seconds",
    ),
    Row(
        "malformed.config",
        "What tierproof.toml says is wrong: a name, a type or a place.",
        "correct the line of tierproof.toml that the message names",
    ),
    Row(
        "malformed.format",
        "The file does not say which format it is of, or says one that nobody here knows.",
        "give a file that this program wrote or reads; docs/reference/formats.md lists them",
    ),
    Row(
        "malformed.calendar",
        "The calendar is none of this version, or has a part that is out of range.",
        "correct the part that the message names, and have the attestors announce it again",
    ),
    Row(
        "malformed.consent",
        "The consent is none of this version, or of another owner than the binding's.",
        "have the owner make it again with tierproof identity --bind, from the binding's own vault",
    ),
    Row(
        "malformed.binding_request",
        "The document to sign is not the one that joins a wallet to an owner.",
        "make it again with tierproof identity --bind, and sign it unchanged",
    ),
)
