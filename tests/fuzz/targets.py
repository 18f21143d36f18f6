"""
Every parser of bytes from outside, as a function of bytes that raises nothing but the errors which
it documents.

What a parser accepts goes on to the next thing that the program does with it, under the same rule.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attestor_world import Attestors, key, lagrange_basis, signed_binding, signed_owner, venue_owner
from fastapi.testclient import TestClient
from fuzz import audits, rounds
from ptau_builder import assemble, sections
from support.credential import CLASS, honest, world
from support.loopback import loopback_client
from support.small import SMALL, committed

from algebra.errors import Malformed, Refused, Rejected, TierproofError, Unavailable
from algebra.files import MAX_JSON_DEPTH, parse_json
from algebra.interface import R
from algebra.native_backend import native
from algebra.reference import reference
from attestor import attestation as attestations
from attestor import generations
from attestor.attest import Setup, attest
from attestor.bindings import BindingRegistry
from attestor.calendar import SignedCalendar
from attestor.complaints import LISTED
from attestor.consent import Consent
from attestor.log import build_log
from attestor.tree import Tree
from attestor.venues import hyperliquid_2023 as public_files
from attestor.venues import sample
from attestor.venues.statement_csv import (
    COLUMNS,
    INSTRUMENTS,
    OPTIONAL,
    STATEMENT,
    StatementFile,
)
from circuits.language.circuit import Circuit
from circuits.versions import known_circuit
from contracts.build.artifact import ARTIFACTS, read_artifact
from contracts.client.deployment import Deployment as DeploymentFile
from history.v2.record import Record, Records
from policies.feed import FeedDocument
from policies.margin import EXAMPLES as MARGIN
from policies.margin import MarginDocument
from policies.place import Place
from policies.policy import EXAMPLES, Policy, example
from prover import vault
from prover.ceremony_file import read_ceremony
from prover.prove import prove
from prover.setup import load_setup, save_setup, unsafe_dev_setup
from service.operations.sections import ServerSettings
from service.operations.settings import Settings
from service.store.store import Store
from tierproof import documents
from tierproof.attesting import read_key, run_job
from tierproof.consent_file import load_consent, write_consent
from tierproof.disclosure import DisclosureFile
from tierproof.documents import CredentialFile, RootFile
from tierproof.keys_folder import KeysFolder
from tierproof.serving import Registration, register, service_app
from tierproof.signing.draft import Draft
from verifier.key import VerifyingKey
from verifier.proof import parse_proof
from verifier.verify import verify

MAX_MESSAGE = 2_000
"""
Characters of an error, of each complaint where it lists several: what a stranger sends must not
fill a log.
"""
PARTS = b"\0--\0"
"""Stands between the files of a target that reads several."""
PASSPHRASE = "a passphrase for fuzzing"


@dataclass(frozen=True)
class Target:
    """
    Attributes
    ----------
    parse : the parser and what comes after it; its result does not matter
    errors : what it may raise
    kind : how inputs are best mutated: "bytes", "json" or "csv"
    seeds : inputs that it accepts, from the program's own writers
    repair : makes checksums right again, so that mutations get past them
    """

    parse: Callable[[bytes], object]
    errors: tuple[type[TierproofError], ...]
    kind: str
    seeds: Callable[[], list[bytes]]
    repair: Callable[[bytes], bytes] = bytes

    def run(self, data: bytes) -> str:
        """
        Parse; the code of the error, or `accepted`. Anything else that is raised is a finding.

        AssertionError: an error whose text is endless or cannot be printed.
        """
        try:
            self.parse(data)
        except self.errors as error:
            text = f"{error.code}{error.message}{error.fields}"
            listed: list[object] = error.fields.get("errors", [error])  # type: ignore[assignment]
            assert len(listed) <= LISTED and len(text) <= MAX_MESSAGE * len(listed), (
                f"{error.code}: a message of {len(text)} characters"
            )
            # fails on half a surrogate pair, and so would a terminal or a log
            error.message.encode()
            return error.code
        return "accepted"


# -- files -----------------------------------------------------------------------------------------
@cache
def folder() -> Path:
    """Of this process, gone when it ends."""
    made = Path(tempfile.mkdtemp(prefix="tierproof-fuzz-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def in_file(read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A parser of files as one of bytes."""

    def parse(data: bytes) -> object:
        path = folder() / "input"
        path.unlink(missing_ok=True)
        path.write_bytes(data)
        return read(path)

    return parse


def fresh() -> Path:
    """Where a writer may make a file."""
    path = folder() / "output"
    path.unlink(missing_ok=True)
    return path


def written(write: Callable[[Path], object]) -> bytes:
    """What a writer puts into a file."""
    path = fresh()
    write(path)
    return path.read_bytes()


def in_folder(names: Sequence[str], read: Callable[[Path], object]) -> Callable[[bytes], object]:
    """A parser of a folder of files as one of their contents, `PARTS` between them."""

    def parse(data: bytes) -> object:
        for name, content in zip(names, [*data.split(PARTS), *[b""] * len(names)], strict=False):
            (folder() / name).write_bytes(content)
        return read(folder())

    return parse


# -- proofs and keys -------------------------------------------------------------------------------
@cache
def small() -> tuple[Any, Any, bytes]:
    """Key, circuit and proof of sixteen rows: a whole verification takes a millisecond."""
    of = committed(SMALL["record"](), native())
    found = of.key(native())
    return found, of, prove(found, of.witness, of.statement, algebra=native())


def parse_proofs(data: bytes) -> None:
    """As a credential's proof, then as one of the small circuit through the whole verifier."""
    found, of, _ = small()
    try:
        parse_proof(data, world().key.verifying.shape)
    except Malformed:
        verify(found.verifying, of.statement, data, algebra=native())


def proof_seeds() -> list[bytes]:
    return [small()[2], prove(world().key, honest().witness, honest().statement, algebra=native())]


def parse_statement(data: bytes) -> None:
    """Public words of a credential, 32 bytes each, through the verifier up to the pairing."""
    words = [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]
    verify(world().key.verifying, words, credential_bytes(), algebra=native())


@cache
def credential_bytes() -> bytes:
    return prove(world().key, honest().witness, honest().statement, algebra=native())


def statement_seeds() -> list[bytes]:
    return [b"".join(word.to_bytes(32, "big") for word in honest().statement)]


def any_circuit(name: str, size: int) -> Circuit:
    """The small circuit beside the known ones: its key has all parts and is read at once."""
    of = small()[1]
    return (
        of.circuit
        if (name, size) == (of.circuit.name, of.circuit.size)
        else known_circuit(name, size)
    )


def load_key(path: Path) -> None:
    found = VerifyingKey.load(path, any_circuit, native())
    assert VerifyingKey.from_json(found.to_json(), any_circuit, native()).digest == found.digest


def key_seeds() -> list[bytes]:
    return [written(found.verifying.save) for found in (small()[0], world().key)]


def repair_key(data: bytes) -> bytes:
    """The digest that belongs to the other fields, where they are numbers at all."""
    try:
        document = json.loads(data)
        (a, b), (c, d) = document["tau_g2"]
        made = VerifyingKey(
            any_circuit(document["circuit"], document["size"]),
            document["slots"],
            int(document["srs_id"], 16),
            ((int(a, 16), int(b, 16)), (int(c, 16), int(d, 16))),
            tuple((int(x, 16), int(y, 16)) for x, y in document["fixed"]),
        )
        return json.dumps({**document, "digest": made.digest.hex()}).encode()
    except Exception:  # not a key any more: nothing to repair
        return data


# -- setups ----------------------------------------------------------------------------------------
def setup_seeds() -> list[bytes]:
    return [
        written(lambda path, n=n: save_setup(unsafe_dev_setup(n, native()), path, native()))
        for n in (2, 5)
    ]  # type: ignore[misc]


def repair_setup(data: bytes) -> bytes:
    """The digest at the end of the file."""
    return data[:-32] + hashlib.sha256(data[:-32]).digest()


# -- attestations ----------------------------------------------------------------------------------
ROWS = 64
NOW = 1_800_000_000


@cache
def basis() -> Any:
    return lagrange_basis(ROWS, native())


@cache
def attested() -> tuple[Attestors, list[Any]]:
    """An attestor set, and attestations of two owners."""
    attestors = Attestors()
    owners = [
        signed_owner(attestors, 501 + i, [key(f"fuzz {i} {j}") for j in range(1 + i)])
        for i in range(2)
    ]
    made = attest(
        owners,
        bindings=attestors.bindings,
        setup=Setup(basis(), 0xABCDEF, 40),
        algebra=native(),
        attestor_set=attestors.set,
        signers=attestors.keys[:2],
        domain=attestors.domain,
        valid_until=1_900_000_000,
        now=NOW,
    )
    return attestors, list(made)


def load_attestation(path: Path) -> None:
    attestations.check(attestations.load(path), basis(), native(), 501)


def load_root(path: Path) -> None:
    attestors, made = attested()
    signed = made[0].signed_root
    RootFile.load(path).check(
        policy=replace(
            example("standard"),
            attestor_set=attestors.set.id,
            first_day=signed.first_day,
            last_day=signed.last_day,
        ),
        domain=attestors.domain,
        now=NOW,
    )


def run_attest_job(path: Path) -> None:
    out = folder() / "attested"
    shutil.rmtree(out, ignore_errors=True)
    run_job(path, attested()[0].keys[:2], keys(), out, now=NOW)


@cache
def draft() -> Draft:
    """Of the two owners."""
    return rounds.drafts(attested()[1])[0]


def consent() -> Consent:
    owner = venue_owner(77)
    return owner.consent(owner.binding(key("fuzz job").address.lower(), b"\x07" * 32, CSV_FIRST))


def job_seeds() -> list[bytes]:
    """A job of one owner, with the files that it names beside it."""
    attestors, account = attested()[0], key("fuzz job")
    wallet, bindings = account.address.lower(), BindingRegistry(attestors.set.id)
    bindings.announce(attestors.calendar(CSV_FIRST, 2), CSV_FIRST - 1)
    owner = venue_owner(77, sample.VENUE)
    binding = owner.binding(wallet, attestors.set.id, CSV_FIRST - 5)
    bindings.bind(signed_binding(account, binding, owner), today=CSV_FIRST - 5)
    bindings.save(folder() / "bindings.json")
    (folder() / "statements").mkdir(exist_ok=True)
    contents = statement_csv_seeds()[0].replace(WALLET.encode(), wallet.encode()).split(PARTS)
    for name, content in zip((STATEMENT, INSTRUMENTS), contents, strict=True):
        (folder() / "statements" / name).write_bytes(content)
    job = {
        "format": "tierproof/attest-job",
        "version": 1,
        "venue": "tierproof-sample",
        "adapter": "csv",
        "statements": "statements",
        "bindings": "bindings.json",
        "first_day": "2026-01-01",
        "last_day": "2026-01-02",
        "size": CLASS,
        "attestor_set": generations.as_json(attestors.set),
        "domain": {"chain_id": attestors.domain.chain_id, "registry": attestors.domain.registry},
        "valid_until": 1_900_000_000,
        "owners": [{"owner_tag": f"{owner.tag:#066x}", "wallets": [wallet]}],
    }
    return [json.dumps(job).encode()]


# -- statements and policies -----------------------------------------------------------------------
def load_policy(data: bytes) -> None:
    policy = Policy.parse(data)
    policy.advice()
    assert Policy.parse(policy.document()).policy_id == policy.policy_id
    for tier in policy.tiers:
        assert all(0 <= word < R for word in tier.thresholds.words())


def load_margin(data: bytes) -> None:
    document = MarginDocument.from_bytes(data)
    for rules in document.versions:
        assert document.at(rules.since) is rules
        assert all(rules.linear_of(each.name) is each for each in rules.linear)


def load_feed(data: bytes) -> None:
    document = FeedDocument.from_bytes(data)
    again = (document.index, document.source, document.first_day, document.last_day)
    made = FeedDocument.make(*again, document.closes)
    assert made.feed == document.feed
    assert FeedDocument.from_bytes(made.data) == made


def feed_seeds() -> list[bytes]:
    closes = [[4_499, 4_500], [], [6_000], [5_999] * 24]
    return [FeedDocument.make("vol", "made up", CSV_FIRST, CSV_FIRST + 2, closes).data]


CSV_DAY = "2026-01-01"
SAMPLE_KEY = Path(__file__).resolve().parents[2] / "examples" / "sample" / "key-8192.json"
MARGIN_EXAMPLES = Path(__file__).resolve().parents[2] / "policies" / "examples" / "margin"
COLLECTED = Path(__file__).resolve().parents[2] / "docs/reference/examples/collected.json"
CSV_FIRST = 20_454
WALLET = "0x" + "a" * 40


def read_statement(where: Path) -> None:
    build_log(
        StatementFile.load(where, "fuzz").statement([WALLET], CSV_FIRST, CSV_FIRST + 1)
    ).check()


def statement_csv_seeds() -> list[bytes]:
    rows: list[dict[str, str]] = [
        {"kind": "opening", "wallet": WALLET, "amount": "1000"},
        {
            "kind": "position",
            "wallet": WALLET,
            "instrument": "BTC",
            "side": "buy",
            "size": "1",
            "price": "90",
        },
        {"kind": "mark", "instrument": "BTC", "price": "100"},
        {"kind": "mark", "instrument": "CALL", "price": "5", "delta": "0.5"},
        {
            "kind": "fill",
            "wallet": WALLET,
            "instrument": "BTC",
            "side": "sell",
            "size": "0.5",
            "price": "110",
            "fee": "-0.01",
            "liquidity": "maker",
            "id": "t1",
            "start_position": "1",
            "closed_pnl": "10",
        },
        {
            "kind": "liquidation",
            "wallet": WALLET,
            "instrument": "CALL",
            "side": "sell",
            "size": "2",
            "price": "4",
            "fee": "0",
            "liquidity": "taker",
        },
        {"kind": "transfer", "wallet": WALLET, "amount": "-20.5", "id": "x"},
        {"kind": "carry", "wallet": WALLET, "amount": "0.25"},
        {"kind": "reward", "wallet": WALLET, "amount": "3", "id": "programme"},
        {"kind": "vote", "wallet": WALLET, "id": "proposal"},
        {"kind": "trade", "instrument": "BTC", "size": "3", "price": "101", "id": "p1"},
        {"kind": "closing", "wallet": WALLET, "amount": "992.76"},
        {"kind": "holding", "wallet": WALLET, "instrument": "BTC", "side": "buy", "size": "0.5"},
        {"kind": "holding", "wallet": WALLET, "instrument": "CALL", "side": "sell", "size": "2"},
        {"kind": "value", "wallet": WALLET, "amount": "995.76"},
    ]
    for row in rows[-4:]:
        row["time"] = f"{CSV_DAY}T00:04:00Z"
    rows += [{**mark, "time": "2026-01-02T00:00:00Z"} for mark in rows[2:4]]
    lines = [",".join(COLUMNS)]
    for number, row in enumerate(rows):
        filled = {"time": f"{CSV_DAY}T00:{number // 3:02d}:00Z", "sequence": str(number + 1), **row}
        lines.append(",".join(filled.get(column, "") for column in COLUMNS))
    instruments = "name,underlying,expiry\nBTC,,\nCALL,BTC,2026-01-31T08:00:00Z\n"
    return [
        ("\n".join(lines) + "\n").encode() + PARTS + instruments.encode(),
        inverse_csv_seed(),
    ]


def inverse_csv_seed() -> bytes:
    """All columns: a coin, an inverse contract with a margin of its own."""
    traded = {"wallet": WALLET, "instrument": "INV", "side": "sell", "size": "500", "price": "100"}
    paid = {"fee": "0.01", "liquidity": "taker", "index": "101"}
    rows: list[dict[str, str]] = [
        {"kind": "mark", "instrument": "BTC", "price": "100"},
        {"kind": "mark", "instrument": "INV", "price": "100"},
        {"kind": "opening", "wallet": WALLET, "amount": "0"},
        {**traded, "kind": "position", "side": "buy", "amount": "1"},
        {"kind": "transfer", "wallet": WALLET, "amount": "9", "instrument": "BTC", "price": "100"},
        {"kind": "isolated", "wallet": WALLET, "instrument": "INV", "amount": "2"},
        {**traded, **paid, "kind": "fill", "order": "1", "mark": "100"},
        {**traded, "kind": "delivery", "index": "99"},
        {"kind": "mark", "instrument": "BTC", "price": "90", "time": "2026-01-02T00:00:00Z"},
        {"kind": "mark", "instrument": "INV", "price": "90", "time": "2026-01-02T00:00:00Z"},
    ]
    columns = [*COLUMNS, *OPTIONAL]
    lines = [",".join(columns)]
    for number, row in enumerate(rows):
        minute = max(0, number - 3)
        filled = {"time": f"{CSV_DAY}T00:0{minute}:00Z", "sequence": str(number + 1), **row}
        lines.append(",".join(filled.get(column, "") for column in columns))
    instruments = "name,underlying,expiry,strike,right,coin\nBTC,,,,,\nINV,,,,,BTC\n"
    return ("\n".join(lines) + "\n").encode() + PARTS + instruments.encode()


def read_venue(where: Path) -> None:
    build_log(
        public_files.History.load(where).statement([WALLET], CSV_FIRST, CSV_FIRST + 1)
    ).check()


def venue_seeds() -> list[bytes]:
    at = f"{CSV_DAY}T01:00:0"
    trades = (
        "time,user,coin,side,px,sz,crossed\n"
        f"{at}1Z,{WALLET},BTC,Bid,100.5,0.25,true\n{at}3Z,{WALLET},BTC,Ask,99,0.25,false\n"
    )
    ledger = f"time,user,delta_usd\n{at}0Z,{WALLET},1000\n{at}2Z,{WALLET},-20.25\n"
    ends = (
        "time,user,liquidated_ntl_pos,liquidated_account_value,leverage_type\n"
        f"{at}3Z,{WALLET},24.75,900.1,Cross\n"
    )  # fmt: skip
    return [PARTS.join(text.encode() for text in (trades, ledger, ends))]


def decode_records(data: bytes) -> None:
    """Words of 21 bytes, as an attestation file holds them."""
    records = Records.decode(
        [int.from_bytes(data[i : i + 21], "big") for i in range(0, len(data), 21)]
    )
    records.check()
    assert Records.decode(records.encode()) == records


def record_seeds() -> list[bytes]:
    rows = [
        Record(3, 0, 5, 1, 9000, 1000, -7),
        Record(9, 1, 1439, 4095, -(1 << 23), (1 << 48) - 1, 1 - (1 << 47)),
    ]
    return [b"".join(word.to_bytes(21, "big") for word in Records.from_rows(rows).encode())]


# -- vault and other files -------------------------------------------------------------------------
def open_vault(path: Path) -> None:
    vault.open_vault(path, PASSPHRASE, max_memory_kib=64)


def vault_seeds() -> list[bytes]:
    return [written(lambda path: vault.create_vault(path, PASSPHRASE, cost=vault.Cost(8, 1, 1)))]


def deployment_seeds() -> list[bytes]:
    return [(COLLECTED.parent / "deployment.json").read_bytes()]


def artifact_seeds() -> list[bytes]:
    document = json.loads((ARTIFACTS / "TierGrants.json").read_text())
    return [
        json.dumps(
            {
                **document,
                "abi": document["abi"][:2],
                "bytecode": "0x6001",
                "deployedBytecode": "0x6002",
            }
        ).encode()
    ]


def credential_seeds() -> list[bytes]:
    made = CredentialFile(
        CLASS,
        True,
        b"\1" * 32,
        b"\2" * 32,
        1,
        11,
        22,
        "0x" + "ab" * 20,
        31337,
        "0x" + "cd" * 20,
        bytes(range(64)),
    )
    return [written(made.write)]


@cache
def keys() -> KeysFolder:
    return KeysFolder.create(folder() / "keys", native(), size=CLASS, unsafe_development=True)


def load_disclosure(path: Path) -> None:
    shown = DisclosureFile.load(path)
    key = documents.load_key(SAMPLE_KEY, native())  # of the development setup, as the folder's
    shown.check(key, attested()[0].set, native(), allow_setup="development")


def disclosure_seeds() -> list[bytes]:
    attestation = attested()[1][0]
    commitment = attestations.commit_log(attestation.records, keys().log_basis(CLASS), native())
    leaf = replace(
        attestation.leaf, size_class=13, srs_id=keys().setup.srs_id, commitment=commitment
    )
    tree = Tree.build([leaf], native())
    made = replace(attestation, leaf=leaf, index=0, path=tree.path(0), root=tree.root)
    made = made.signed_for(made.domain, list(attested()[0].keys[:2]))
    shown = DisclosureFile.of(made, [1], keys().setup.g1, native())
    return [json.dumps(shown.as_json()).encode()]


# -- the native module -----------------------------------------------------------------------------
def native_points(data: bytes) -> None:
    """Both backends take the same bytes for points; what they take pairs without a fault."""
    found = []
    for algebra in (native(), reference()):
        try:
            found.append(algebra.points_to_bytes(algebra.points_from_bytes(data, check=True)))
        except ValueError:
            found.append(b"refused")
    assert found[0] == found[1], "the backends differ"
    assert found[0] in (data, b"refused")


def native_points_seeds() -> list[bytes]:
    setup = unsafe_dev_setup(3, native())
    return [native().points_to_bytes(setup.g1), bytes(64)]


def native_pairing(data: bytes) -> None:
    """A point of each group, 192 bytes: the backends give one verdict."""
    words = [int.from_bytes(data[i : i + 32], "big") for i in range(0, 192, 32)]
    left = None if words[:2] == [0, 0] else (words[0], words[1])
    right = (words[2], words[3]), (words[4], words[5])
    found: list[object] = []
    for algebra in (native(), reference()):
        try:
            found.append(algebra.pairing_check([(left, right)]))
        except ValueError:
            found.append("refused")
    assert found[0] == found[1], f"the backends differ: {found}"


def native_pairing_seeds() -> list[bytes]:
    (a, b), (c, d) = unsafe_dev_setup(2, native()).tau_g2
    return [b"".join(word.to_bytes(32, "big") for word in (1, 2, a, b, c, d))]


# -- the service -----------------------------------------------------------------------------------
PLACE = Place(31337, "0x" + "cd" * 20)


@cache
def client() -> TestClient:
    """
    The service over the real verifier, in this process; a fault inside comes out as an exception.
    """
    attestors, _ = attested()
    policy = replace(example(EXAMPLES[0]), attestor_set=attestors.set.id)
    store = Store(f"sqlite:///{folder()}/service.sqlite")
    places = Registration([policy], [PLACE], [], [])
    allowed = f"0x{world().key.verifying.srs_id:050x}"
    register(store, places, algebra=native(), allow_setup=allowed)
    store.register_key(world().key.verifying, allow_setup=allowed)
    server = ServerSettings(allow_setup=allowed)
    app = service_app(Settings(server=server), native(), store)
    return loopback_client(app)


def ask_service(data: bytes) -> None:
    """
    First byte: which request. The rest is its body, or the part of its address.

    Never 5xx, always JSON, and no more than a page.
    """
    which, rest = (data[0] if data else 0) % 10, data[1:]
    json_body = {"content-type": "application/json"}
    if which == 0:
        answer = client().post("/v1/verifications", content=rest, headers=json_body)
    elif which == 1:
        answer = client().get("/v1/credentials/" + quote(rest[:2000]))
    elif which == 2:
        content_type, _, body = rest.partition(b"\n")
        answer = client().post(
            "/v1/verifications", content=body, headers={"content-type": content_type.strip()[:200]}
        )
    elif which == 3:
        answer = client().request("PUT", "/v1/" + quote(rest[:2000]), content=rest)
    elif which == 4:
        answer = client().post("/v1/verifications/batch", content=rest, headers=json_body)
    elif which == 5:
        answer = client().get("/v1/roots", params={"cursor": rest[:2000].decode("latin-1")})
    else:
        path = "/v1/admin/" + ("policies", "roots", "revocations", "generations/ends")[which - 6]
        answer = client().post(path, content=rest, headers=json_body)
    assert answer.status_code < 500, (answer.status_code, answer.text[:200])
    assert len(answer.content) <= 1 << 16
    json.loads(answer.content)


def service_seeds() -> list[bytes]:
    policy = replace(example(EXAMPLES[0]), attestor_set=attested()[0].set.id)
    body = {
        "format": "tierproof/credential",
        "version": 2,
        "size": world().key.verifying.size,
        "srs_id": f"0x{world().key.verifying.srs_id:050x}",
        "policy_id": "0x" + policy.policy_id.hex(),
        "key_digest": "0x" + world().key.verifying.digest.hex(),
        "tier": 0,
        "root": f"0x{11:064x}",
        "nullifier": f"0x{22:064x}",
        "account": "0x" + "ab" * 20,
        "chain_id": PLACE.chain_id,
        "registry": PLACE.registry,
        "proof": "0x" + bytes(3040).hex(),
    }
    text = json.dumps(body).encode()
    return [
        b"\0" + text,
        b"\1" + b"0x" + b"11" * 32,
        b"\2application/json; charset=utf-8\n" + text,
        b"\3keys",
        b"\4" + b'{"credentials": [' + text + b", " + text + b"]}",
        b"\5WyJyb290cyIsIjB4MDAiLCIweDAwIiwiMSIsIjB4MDAiXQ",
        b"\6" + b'{"policy": ' + policy.document() + b', "deployments": []}',
        b"\7" + json.dumps(RootFile.of(attested()[1][0]).as_json()).encode(),
        b"\10" + json.dumps({"attestor_set": f"0x{1:064x}", "root": f"0x{2:064x}"}).encode(),
        b"\11" + json.dumps({"attestor_set": f"0x{1:064x}", "generation": 1}).encode(),
    ]


def read_json_value(data: bytes) -> None:
    """The one reader of JSON below all formats: a value or ValueError, whatever the nesting."""
    try:
        value = parse_json(data)
    except ValueError:
        return
    assert depth(value) <= MAX_JSON_DEPTH


def depth(value: object) -> int:
    inside = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    )
    return 0 if inside is None else 1 + max(map(depth, inside), default=0)


def json_seeds() -> list[bytes]:
    return [b'{"a": [1, -2.5e3, "\\u00e9\\n", true, null, {"b": []}]}', b"[" * 32 + b"]" * 32]


FORM, HOLDS, JOB = (Malformed,), (Malformed, Rejected), (Malformed, Refused)

TARGETS: dict[str, Target] = {
    "proof": Target(parse_proofs, HOLDS, "bytes", proof_seeds),
    "statement": Target(parse_statement, HOLDS, "bytes", statement_seeds),
    "key": Target(in_file(load_key), FORM, "json", key_seeds, repair_key),
    "ptau": Target(
        in_file(lambda path: read_ceremony(path, native())),
        JOB,
        "bytes",
        lambda: [assemble(sections(1, 7))],
    ),
    "setup": Target(
        in_file(lambda path: load_setup(path, native())), FORM, "bytes", setup_seeds, repair_setup
    ),
    "attestation": Target(
        in_file(load_attestation),
        HOLDS,
        "json",
        lambda: [written(made.write) for made in attested()[1]],
    ),
    "root": Target(
        in_file(load_root), HOLDS, "json", lambda: [written(RootFile.of(attested()[1][0]).write)]
    ),
    "job": Target(
        in_file(run_attest_job), (Malformed, Refused, Rejected, Unavailable), "json", job_seeds
    ),
    "calendar": Target(
        in_file(SignedCalendar.load),
        (Malformed, Rejected, Refused),
        "json",
        lambda: [written(attested()[0].calendar(20_454, 92, 4).write)],
    ),
    "audit_log": Target(in_file(audits.verify_export), HOLDS, "json", audits.export_seeds),
    "note": Target(audits.read_note, HOLDS, "bytes", audits.note_seeds),
    "note_key": Target(audits.read_key, FORM, "bytes", audits.key_seeds),
    "collected": Target(in_file(rounds.shown), FORM, "json", lambda: [COLLECTED.read_bytes()]),
    "consent": Target(
        in_file(load_consent), FORM, "json", lambda: [written(partial(write_consent, consent()))]
    ),
    "draft": Target(
        in_file(lambda path: rounds.load_draft(path, draft())),
        (Malformed, Rejected, Refused),
        "json",
        lambda: [each.data for each in rounds.drafts(attested()[1])],
        rounds.repair_draft,
    ),
    "cosignature": Target(
        in_file(lambda path: rounds.load_cosignature(path, draft())),
        HOLDS,
        "json",
        lambda: [written(rounds.cosignature(draft(), attested()[0]).write)],
    ),
    "journal": Target(
        in_file(lambda path: rounds.load_journal(path, draft())),
        JOB,
        "json",
        lambda: rounds.journal_seeds(fresh(), draft(), attested()[0]),
        rounds.repair_journal,
    ),
    "keystore": Target(
        in_file(lambda path: rounds.load_keystore(path, PASSPHRASE)),
        JOB,
        "json",
        lambda: rounds.keystore_seeds(fresh(), PASSPHRASE),
    ),
    "bindings": Target(
        in_file(BindingRegistry.load),
        (Malformed, Rejected, Refused),
        "json",
        lambda: [written(attested()[0].bindings.save)],
    ),
    "policy": Target(
        load_policy, JOB, "json", lambda: [example(name).document() for name in EXAMPLES]
    ),
    "margin": Target(
        load_margin,
        FORM,
        "json",
        lambda: [(MARGIN_EXAMPLES / f"{name}.json").read_bytes() for name in MARGIN],
    ),
    "feed": Target(load_feed, FORM, "json", feed_seeds),
    "vault": Target(in_file(open_vault), (Refused,), "bytes", vault_seeds),
    "credential": Target(in_file(CredentialFile.load), FORM, "json", credential_seeds),
    "disclosure": Target(in_file(load_disclosure), HOLDS, "json", disclosure_seeds),
    "deployment": Target(in_file(DeploymentFile.read), FORM, "json", deployment_seeds),
    "artifact": Target(in_file(read_artifact), FORM, "json", artifact_seeds),
    "statement_csv": Target(
        in_folder((STATEMENT, INSTRUMENTS), read_statement), JOB, "csv", statement_csv_seeds
    ),
    "venue_csv": Target(
        in_folder(
            (public_files.TRADES, public_files.LEDGER, public_files.LIQUIDATIONS),
            read_venue,
        ),
        JOB,
        "csv",
        venue_seeds,
    ),
    "records": Target(decode_records, FORM, "bytes", record_seeds),
    "key_file": Target(
        in_file(partial(read_key, allow_open=True)),
        (Malformed, Unavailable),
        "bytes",
        lambda: [b"0x" + b"11" * 32],
    ),
    "native_points": Target(native_points, (), "bytes", native_points_seeds),
    "native_pairing": Target(native_pairing, (), "bytes", native_pairing_seeds),
    "service": Target(ask_service, (), "json", service_seeds),
    "json": Target(read_json_value, (), "json", json_seeds),
}
