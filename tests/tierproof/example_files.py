"""
The example files of docs/reference/formats.md, made by the commands themselves:

    python -m tests.tierproof.example_files

They belong together: the credential is proven from the attestation, for the deployment. Wallet,
attestor, vault and setup are made up, so nothing of it is worth anything. Proofs are blinded: made
again they are other bytes, and a test asks that they hold, not what they are.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_account import Account
from sqlalchemy.orm import Session
from support.clock import clock_at
from support.project import ROOT

from contracts.client.deployment import Birth, DeployedVerifier, Deployment
from contracts.client.factory import KNOWN
from policies.effective.regime import Band
from policies.market_rules import MarketRules
from policies.terms import Terms
from tierproof.cli import main
from tierproof.starter import TEMPLATES

FOLDER = ROOT / "docs" / "reference" / "examples"
ACCOUNT, PLACEHOLDER = "0x" + "ac" * 20, "0x" + "11" * 20
WALLET = Account.from_key("0x" + "5a" * 32)
UNSAFE_KEY = "0x" + "7b" * 32
SIZE = 8192
NOW = 1_770_076_800
"""2026-02-03: the window is settled, and the root counts."""
MARKET = MarketRules(
    Terms(5_000, 2_500, 1_000, 500, 2, 0, 0),
    (Band(0, 0, 10_000), Band(8_000, 7_000, 13_000), Band(12_000, 10_500, 20_000)),
)


def said(*arguments: object) -> dict[str, Any]:
    """The document of a command that must succeed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        status = main([*map(str, arguments), "--json"])
    assert status == 0, out.getvalue()
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def edited(source: Path, target: Path, **change: object) -> None:
    target.write_text(json.dumps(json.loads(source.read_text()) | change, indent=2) + "\n")


def candles() -> str:
    """A made-up index by the hour, from the day before the window; one day has no data."""
    hours = [hour for hour in range(6 * 24) if hour // 24 != 3]
    points = [4_290 + 17 * hour - 3 * (hour % 7) ** 2 for hour in hours]
    begin = (datetime(2025, 12, 31, tzinfo=UTC).timestamp() // 3_600) * 3_600_000
    lines = [
        f"{int(begin) + hour * 3_600_000},{point // 100}.{point % 100:02}"
        for hour, point in zip(hours, points, strict=True)
    ]
    return "\n".join(["timestamp,close", *lines, ""])


def make_feed(folder: Path) -> None:
    """The candles of an index and the feed document of the window, which are always the same."""
    (folder / "index.csv").write_text(candles())
    said(
        "feed", folder / "index.csv", "--index", "example-vol", "--source", "made up",
        "--first-day", "2026-01-01", "--last-day", "2026-01-05", "--out", folder / "feed.json",
    )  # fmt: skip


def make_model(folder: Path) -> None:
    """A score model whose weights are made up."""
    from history.v2.metrics.score import FEATURES
    from policies.score_model import ScoreModel

    weights = dict(zip((f.name for f in FEATURES), (4, -6, 0, 2, -3, 5, -8, 8, 2, 20), strict=True))
    ScoreModel.make(
        "example", "a high score says that the account may need help", "made up", weights
    ).write(folder / "score-model.json")


def make_collected(folder: Path) -> None:
    """The list of a folder with three answers of a venue that has nothing to tell."""
    from attestor.collect.writer import Collecting
    from history.dates import day_number

    wallet, came = WALLET.address.lower(), 1_767_830_400_000_000
    days = (day_number("2026-01-01"), day_number("2026-01-05"))
    made = Collecting(folder / "collected", "hyperliquid", *days, [wallet])
    fills = {"type": "userFillsByTime", "user": wallet, "aggregateByTime": False}
    for second, (request, body) in enumerate((
        ({"type": "meta"}, b'{"universe": []}'),
        ({**fills, "startTime": 0, "endTime": came // 1_000}, b"[]"),
        ({**fills, "startTime": 1, "endTime": came // 1_000}, b"[]"),
    )):  # fmt: skip
        made.keep(request, body, came + second * 1_000_000)
    made.finish({wallet: ()})
    (folder / "collected" / "collected.json").rename(folder / "collected.json")


def make_member(folder: Path, member: str) -> None:
    """
    Keystore and journal of the attestor, whose key and passphrase everybody knows; at a price that
    tests pay.
    """
    key = Account.encrypt(UNSAFE_KEY, os.environ["TIERPROOF_PASSPHRASE"], "scrypt", 1 << 12)
    keystore = folder / "unsafe-attestor.keystore.json"
    keystore.write_text(json.dumps(key, indent=1) + "\n")
    keystore.chmod(0o600)
    journal = ("--journal", folder / "journal.jsonl")
    said("attestor", "init", "--address", member, *journal)


def make_round(folder: Path) -> None:
    """Draft, signature and signed root: a round of one member."""
    keys, job = ("--keys", folder / "keys"), folder / "job.json"
    said("draft", job, *keys, "--out", folder / "round")
    said(
        "cosign", folder / "round", "--job", job, *keys, "--journal", folder / "journal.jsonl",
        "--key-file", folder / "unsafe-attestor.keystore.json",
        "--out", folder / "cosignature.json",
    )  # fmt: skip
    made = said(
        "combine", folder / "round", "--signature", folder / "cosignature.json",
        "--out", folder / "attested",
    )  # fmt: skip
    (folder / "round" / "draft.json").rename(folder / "draft.json")
    Path(made["attestations"][0]).rename(folder / "attestation.json")
    Path(made["root_file"]).rename(folder / "root.json")


def make_audit(folder: Path) -> None:
    """A log with an entry of each kind and an anchor that is made up, under a key that all know."""
    from service.audit.tables import AnchorRow
    from tests.service.audit import log_world

    (folder / "unsafe-audit.key").write_text(log_world.SIGNER.private_text() + "\n")
    (folder / "unsafe-audit.key").chmod(0o600)
    engine = log_world.database(folder / "audit.sqlite")
    log_world.fill(engine, 4)
    database = ("--database", f"sqlite:///{folder / 'audit.sqlite'}")
    key = ("--key-file", folder / "unsafe-audit.key")
    said("audit", "checkpoint", *database, *key, "--out", folder / "audit-log.checkpoint")
    with Session(engine) as session, session.begin():
        place = {"chain_id": "31337", "contract": "0x" + "ab" * 20, "sender": "0x" + "cd" * 20}
        session.add(AnchorRow(**place, size=4, salt="5a" * 32))
    engine.dispose()
    said("audit", "export", *database, "--out", folder / "audit-log.json")


def make(folder: Path) -> None:
    """Every example, into a folder."""
    make_feed(folder)
    make_model(folder)
    make_collected(folder)
    make_audit(folder)
    (folder / "unsafe-attestor.key").write_text(UNSAFE_KEY + "\n")
    (folder / "unsafe-attestor.key").chmod(0o600)
    (folder / "wallet.key").write_text(f"0x{bytes(WALLET.key).hex()}\n")
    (folder / "wallet.key").chmod(0o600)
    member = said("show", folder / "unsafe-attestor.key")["address"].lower()
    first = {"members": [member], "threshold": 1, "handover": []}
    templates = TEMPLATES / "protocol"
    edited(templates / "attestors.json", folder / "attestors.json", generations=[first])
    set_id = said("show", folder / "attestors.json")["id"]
    make_member(folder, member)
    edited(templates / "policy.json", folder / "policy.json", attestor_set=set_id)
    key = said("setup", "--unsafe-development", "--keys", folder / "keys")
    MARKET.save(folder / "market.json")
    judge = DeployedVerifier(
        f"TierproofVerifier{SIZE}",
        "0x" + "cd" * 20,
        key["key_digest"],
        "0x" + "0" * 14 + key["srs_id"][2:],
    )
    Deployment(
        chain_id=31337,
        registry="0x" + "ab" * 20,
        authority="0x" + "ae" * 20,
        birth=Birth(KNOWN, "0x" + "de" * 20, bytes(32), 0, MARKET),
        libraries={"Roots": "0x" + "af" * 20},
        verifiers=(judge,),
    ).write(folder / "deployment.json")
    vault = ("--vault", folder / "v", "--venue", "tierproof-sample")
    tag = said("identity", "--create", *vault)["owner_tag"]
    asked = ("--bind", WALLET.address, "--bound-day", "2026-01-01", "--attestor-set", set_id)
    consent = ("--consent", folder / "consent.json")
    said("identity", *vault, *asked, *consent, "--out", folder / "request.json")
    signed = said("sign", folder / "request.json", "--key-file", folder / "wallet.key")
    bindings = ("--bindings", folder / "bindings.json", "--today", "2025-12-31")
    said(
        "windows", "announce", "--series", "example", "--first-day", "2026-01-01",
        "--length", 28, "--count", 4,
        "--attestors", folder / "attestors.json", "--key-file", folder / "unsafe-attestor.key",
        "--out", folder / "calendar.json", *bindings,
    )  # fmt: skip
    signature = ("--signature", signed["signature"])
    said("bindings", "add", folder / "request.json", *signature, *consent, *bindings)
    wallet, attestor = WALLET.address.lower(), TEMPLATES / "attestor"
    (folder / "statements").mkdir()
    for path in (attestor / "statements").iterdir():
        text = path.read_text().replace(PLACEHOLDER, wallet)
        (folder / "statements" / path.name).write_text(text)
    said("init", "attestor", folder / "attestor")
    edited(
        folder / "attestor" / "job.json",
        folder / "job.json",
        attestor_set={"name": "attestors", "generations": [first]},
        domain={"chain_id": 31337, "registry": "0x" + "ab" * 20},
        owners=[{"owner_tag": tag, "wallets": [wallet]}],
    )
    keys = ("--keys", folder / "keys")
    make_round(folder)
    place = ("--deployment", folder / "deployment.json")
    said(
        "prove", folder / "attestation.json", *keys, *vault[:2], *place, "--tier", "member",
        "--policy", folder / "policy.json", "--account", ACCOUNT,
        "--out", folder / "credential.json",
    )  # fmt: skip
    said(
        "consent", folder / "credential.json", "--policy", folder / "policy.json",
        "--deadline", NOW + 30 * 86_400, "--key-file", folder / "wallet.key",
        "--out", folder / "grant-consent.json",
    )  # fmt: skip
    said(
        "disclose", folder / "attestation.json", "--row", 0, *keys, "--out", folder / "record.json"
    )
    (folder / "keys" / f"key-{SIZE}.json").rename(folder / f"key-{SIZE}.json")
    config = (TEMPLATES / "institution" / "tierproof.toml").read_text()
    (folder / "tierproof.toml").write_text(
        config.replace('# account = "0x..."', f'account = "{ACCOUNT}"')
    )


def write() -> None:
    """Make them anew and put them where the page points."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["TIERPROOF_PASSPHRASE"] = "a passphrase that everybody knows"
        os.chdir(name)
        with clock_at(NOW):
            make(Path(name))
        for path in sorted(Path(name).rglob("*")):
            relative = path.relative_to(name)
            made = relative.parts[0] not in ("attestor", "collected", "round")
            known = {".json", ".jsonl", ".csv", ".toml", ".checkpoint"} if made else set()
            if path.suffix in known or relative.name.startswith("unsafe-"):
                (FOLDER / relative).parent.mkdir(parents=True, exist_ok=True)
                (FOLDER / relative).write_bytes(path.read_bytes())


if __name__ == "__main__":
    write()
