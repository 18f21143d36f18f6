"""Codes of what is missing outside this process, and of what nobody can help."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    # -- files and the system: algebra.system ------------------------------------------------------
    Row(
        "unavailable.file",
        "There is no file of this name.",
        "check the spelling of the path and the folder that the command runs in",
    ),
    Row(
        "unavailable.folder",
        "The folder that the file should go into does not exist.",
        "make the folder first, or give a path in one that exists",
    ),
    Row(
        "unavailable.not_a_file",
        "A folder stands where a file is wanted.",
        "name a file inside the folder",
    ),
    Row(
        "unavailable.not_a_folder",
        "A file stands where a folder is wanted.",
        "give the path of a folder, or of one that does not exist yet",
    ),
    Row(
        "unavailable.permission",
        "The system does not let this user read or write there.",
        "run it as the owner of the file, or have the owner allow it (chmod)",
    ),
    Row(
        "unavailable.read_only",
        "The disk can be read only.",
        "give a path on a disk that can be written",
    ),
    Row(
        "unavailable.space",
        "The disk or the user's share of it is full.",
        "make room there, or give a path on another disk",
        http=503,
    ),
    Row(
        "unavailable.write_limit",
        "The file is larger than the system lets this process write.",
        "raise the limit (ulimit -f), or give a path on another disk",
    ),
    Row(
        "unavailable.open_files",
        "This process may not open a further file.",
        "raise the limit (ulimit -n)",
        http=503,
    ),
    Row(
        "unavailable.path",
        "The path is too long, or leads in a circle.",
        "give a shorter path",
    ),
    Row(
        "unavailable.system",
        "The system refused to read or write.",
        "the message has the system's own words: put that right and run the command again",
    ),
    Row(
        "unavailable.output",
        "The answer could not be written to standard output.",
        "give the command an output that can be written; files that it named are written",
    ),
    Row(
        "unavailable.terminal",
        "There is no terminal to ask for the passphrase.",
        "give --passphrase-file FILE, or set TIERPROOF_PASSPHRASE",
    ),
    Row(
        "unavailable.port",
        "The port cannot be listened on: it is taken, or not this user's.",
        "give --port another number above 1023, or stop what listens there",
    ),
    # -- our own files that are not there ----------------------------------------------------------
    Row(
        "unavailable.vault",
        "There is no vault of this name.",
        "check the path; `tierproof identity --create --vault FILE --venue NAME` makes a new one",
    ),
    Row(
        "unavailable.setup",
        "The keys folder has no setup.",
        "make it: `tierproof setup --keys FOLDER` with --ptau FILE, or with --unsafe-development "
        "for a demo",
    ),
    Row(
        "unavailable.key",
        "There is no verifying key of this name.",
        "check the path; `tierproof setup --class N` writes key-N.json into the keys folder",
    ),
    Row(
        "unavailable.ptau",
        "There is no ceremony file of this name.",
        "check the path; ceremony files (.ptau) are downloaded from who ran the ceremony",
    ),
    Row(
        "unavailable.deployment",
        "There is no deployment file of this name.",
        "check the path; `tierproof deploy --out FILE` writes one",
    ),
    Row(
        "unavailable.ceremony_key",
        "The committed keys of the ceremony are not those of this checkout's circuit.",
        "make them again: `make contracts` where the ceremony's file is (TIERPROOF_DATA)",
    ),
    Row(
        "unavailable.artifact",
        "There is no compiled contract of this name.",
        "check the name; for a development verifier of another class run `python -m "
        "tierproof.verifier_contract --class N`, then `python -m contracts.build`",
    ),
    Row(
        "unavailable.python",
        "Python is older than the package needs.",
        "install the Python that the message names, or a later one",
    ),
    Row(
        "unavailable.native",
        "The native module is not built.",
        "build it with `make setup`",
    ),
    Row(
        "unavailable.compiler",
        "Node.js or the contract compiler is not installed.",
        "install it with `npm ci --prefix contracts`",
    ),
    Row(
        "unavailable.verifier",
        "The committed verifier was generated for another key.",
        "generate and compile it again with `make contracts`",
    ),
    # -- the chain ---------------------------------------------------------------------------------
    Row(
        "unavailable.node",
        "No Ethereum node answers at the URL, or its answer is of no use.",
        "check --rpc: the URL of a node that runs, such as http://127.0.0.1:8545 of a local anvil",
        http=503,
    ),
    Row(
        "unavailable.venue",
        "A venue's interface gives no whole answer, or says no.",
        "run the same command again later: what it answered is kept and not asked twice",
    ),
    Row(
        "unavailable.receipt",
        "The transaction was sent, but does not yet stand where it must.",
        "run the same command again: it goes on with this transaction and sends no second one",
    ),
    Row(
        "unavailable.replaced",
        "Another transaction of the sender took the place of the one that was sent.",
        "run the same command again: it asks the chain first what is done already",
    ),
    Row(
        "unavailable.step",
        "A step of a plan went through, and the chain's state does not show it.",
        "run the same command again; if it stays so, `tierproof deploy check` says what is there",
    ),
    Row(
        "unavailable.contract",
        "There is no such contract at the address on this chain.",
        "give --rpc a node of the chain that the deployment file names",
        http=503,
    ),
    Row(
        "unavailable.unchecked",
        "Nobody has read who holds the roles of this registry.",
        "run `tierproof deploy check` with this deployment file, and read what it prints",
    ),
    Row(
        "unavailable.events",
        "The node does not hand out all events of the chain, by which roles are read.",
        "give --rpc a node that answers eth_getLogs from the first block on",
    ),
    Row(
        "unavailable.market",
        "There is no market file of this name.",
        "check the path; docs/reference/formats.md says what stands in one",
    ),
    Row(
        "unavailable.event",
        "The receipt of a transaction lacks the event that the registry must have written.",
        "compare the registry's code with the deployment file",
    ),
    # -- the service -------------------------------------------------------------------------------
    Row(
        "unavailable.busy",
        "Too many proofs are waiting.",
        "try again after the seconds of Retry-After",
        http=503,
    ),
    Row(
        "unavailable.database",
        "The database does not answer, or its place cannot be written.",
        "check --database, and that its folder can be written; nothing was recorded",
        http=503,
    ),
    # -- neither kind ------------------------------------------------------------------------------
    Row("interrupted", "The command was stopped by the user.", "run it again from its start"),
    Row("http", "The address or method does not exist here.", "see /v1/openapi.json"),
    Row(
        "fault",
        "A mistake of ours.",
        "this should not happen: report the command and the version, without secrets",
    ),
    Row(
        "unavailable.extra",
        "A library is missing that this command needs.",
        "install the extra that the message names",
    ),
    Row(
        "unavailable.shtab",
        "The library that writes completions is missing.",
        "install shtab, or the package anew with its dependencies",
    ),
    Row(
        "unavailable.config",
        "The configuration file is not there or cannot be read.",
        "check the path after --config, or leave the option out",
    ),
    Row(
        "unavailable.measure",
        "The proof that measures this machine did not come to an end.",
        "look at the checks above, close other programs and run it again",
    ),
)
