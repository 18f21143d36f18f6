"""Commands of an attestor set: its birth, the next generation of its members, the end of one."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from algebra.errors import Refused
from tierproof.commands import chains
from tierproof.commands.attestor import ATTESTOR_KEYS
from tierproof.commands.command import Audience, command
from tierproof.commands.options import CHAIN, OPEN_KEY_FILE, PASSPHRASE_FILE, SENDER, Option
from tierproof.commands.reading import private_key, sender
from tierproof.console import Console

MEMBER = Option("--member", "address of a member", "ADDRESS", many=True)
THRESHOLD = Option("--threshold", "how many of them must sign", "K", "number", required=True)


@command(
    "attestor set",
    "make the document of a new attestor set, whose id outlives its members",
    Audience.ATTESTOR,
    Option("--name", "part of the set's id: 1 to 64 letters, digits or @._:/-", required=True),
    MEMBER,
    THRESHOLD,
    Option("--out", "the set's document", "FILE", "file", default="attestors.json"),
)
def make(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The set as `show` tells it; it is written to `--out`, where nothing may stand
    (`refused.attestors`).
    """
    from policies.attestor_set import AttestorSet
    from tierproof.documents import attestors_document
    from tierproof.formats.views import set_in_words
    from tierproof.institution import write_json

    path = Path(options.out)
    if path.exists():
        raise Refused(
            "refused.attestors", f"{path.name}: is there already; a new set needs a file of its own"
        )
    made = AttestorSet.of(options.member, options.threshold, options.name)
    write_json(path, attestors_document(made))
    return {"attestors": options.out, **set_in_words(made)}


@command(
    "attestor rotate",
    "hand an attestor set over to its next members, and say what the governor must send",
    Audience.ATTESTOR,
    Option("attestors", "the set as it is", "FILE", "file", setting="attestors", required=True),
    MEMBER,
    THRESHOLD,
    ATTESTOR_KEYS,
    PASSPHRASE_FILE,
    OPEN_KEY_FILE,
    Option("--signature", "of another member: what his --sign printed", "HEX", many=True),
    Option("--sign", "print the signatures of these keys, and write nothing", switch=True),
    Option("--out", "the document; without it the same file", "FILE", "file"),
)
def rotate(options: Namespace, console: Console) -> dict[str, Any]:
    """
    The set in its next generation, signed by a quorum of the last one (`rejected.quorum`), and the
    data of the transaction that starts it in a registry; or, with `--sign`, signatures alone.
    """
    from algebra.written import written_signature
    from attestor.generations import rotated
    from attestor.signatures import sign
    from contracts.client.calls import ROTATE, rotation
    from policies.attestor_set import Generation
    from tierproof.documents import attestors_document, load_attestors
    from tierproof.formats.views import set_in_words
    from tierproof.institution import write_json

    path = Path(options.attestors)
    running = load_attestors(path)
    following = Generation.of(options.member, options.threshold)
    if (following.members, following.threshold) == (running.members, running.threshold):
        raise Refused("refused.attestors", "rotate: these members and this threshold are running")
    message = running.message(following)
    keys = [private_key(options, key) for key in options.key_file]
    strangers = [key.address for key in keys if key.address.lower() not in running.members]
    if strangers:
        raise Refused("refused.quorum", f"rotate: {strangers[0]} is no member of the running set")
    made_here = [sign(key, message) for key in keys]
    if options.sign:
        number = running.generation + 1
        return {
            "id": "0x" + running.id.hex(),
            "generation": number,
            "members": list(following.members),
            "signatures": ["0x" + each.hex() for each in made_here],
        }
    given = [written_signature(each, "--signature") for each in options.signature]
    made = rotated(running, following, [*made_here, *given])
    out = path if options.out is None else Path(options.out)
    write_json(out, attestors_document(made))
    return {
        "attestors": str(out),
        **set_in_words(made),
        "transaction": {
            "call": ROTATE,
            "from": "the governor",
            "data": "0x" + rotation(made).hex(),
        },
    }


@command(
    "attestor end-generation",
    "end a generation, with its roots and the grants that rest on them; the guardian alone may",
    Audience.PROTOCOL,
    *CHAIN,
    *SENDER,
    Option("attestors", "the set", "FILE", "file", setting="attestors", required=True),
    Option("--generation", "which of them, from 1", "N", "number", required=True),
)
def end_generation(options: Namespace, console: Console) -> dict[str, Any]:
    """
    What the registry says of the generation afterwards, and which one runs. It is for good: the
    roots that it signed count no more, and the next generation may sign the same ones again.
    """
    from tierproof.documents import load_attestors

    known, number = load_attestors(Path(options.attestors)), options.generation
    client, _ = chains.registry(options, console)
    guardian = sender(options, client.chain)
    client.send(client.calls.end_generation(known.id, number), sender=guardian)
    return {
        "id": "0x" + known.id.hex(),
        "generation": number,
        "ended": client.generation_of(known.id, number)["ended_at"] != 0,
        "running": client.running_generation(known.id),
        **chains.standing(client.chain),
    }
