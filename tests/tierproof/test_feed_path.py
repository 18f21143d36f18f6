"""
The market feed from the attestor to the chain, by the commands: a tier that asks M2, M24 by
volatility, M25 and a score, proven, verified and granted; and the same proof under another feed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from algebra.errors import Refused, TierproofError
from attestor.attestation import Attestation, load
from attestor.cosigning import sign_root
from attestor.venues import sample
from history.v2.metrics.losses import REGIME
from history.v2.metrics.score import FEATURES
from history.v2.thresholds import Thresholds
from policies.feed import FeedDocument
from policies.policy import Policy, Tier
from policies.rule_files import RuleFiles
from policies.score_model import ScoreModel
from prover.vault import open_vault
from tests.contracts.anvil_node import start_anvil
from tests.tierproof.conftest import (
    PASSPHRASE,
    SIZE,
    Desk,
    attest_desk,
    attestors,
    recent_window,
    run,
    sample_policy,
    write_private,
)
from tierproof.backends import fast_algebra
from tierproof.documents import RootFile, attestors_document
from tierproof.institution import estimate, prove
from tierproof.keys_folder import KeysFolder

pytestmark = pytest.mark.evm
Capture = pytest.CaptureFixture[str]
HOLDER = Account.from_key("0x" + "6c" * 32)
ACCOUNT = HOLDER.address.lower()
FIRST_DAY = recent_window()
WEIGHTS = {feature.name: 7 * place - 30 for place, feature in enumerate(FEATURES)}
MODEL = ScoreModel.make("steady", "a low score says that the desk is steady", "made up", WEIGHTS)
ASKED = Thresholds(
    1_000, 1_000_000, asked=frozenset({2, 11, 24, 25, 26}), regime_sharpe=1, mean_equity=10_000,
    worst_days=2, shortfall=5_000, shortfall_mode=REGIME, volatility_sensitivity=(1 << 24) - 1,
    weight=MODEL.weights, score_limit=20_000,
)  # fmt: skip


def policy() -> Policy:
    """One tier by volatility, over a window that a registry takes."""
    plain = sample_policy(FIRST_DAY)
    named = RuleFiles(tuple(sorted((*plain.documents.files, *MODEL.files.files))))
    tiers = (Tier("steady", ASKED, plain.tiers[0].terms),)
    return replace(plain, index="vol", documents=named, tiers=tiers)


def feed(step: int) -> FeedDocument:
    """An index that swings between calm and storm; `step` moves what it closes at."""
    closes = [[4_000 + 1_000 * (day % 4) + step * (day % 3)] for day in range(sample.DAYS + 1)]
    last = FIRST_DAY + sample.DAYS - 1
    return FeedDocument.make("vol", "made up", FIRST_DAY, last, closes)


@dataclass(frozen=True)
class Fed:
    """
    A desk attested with a feed, its credential, and the same tree signed with another feed and
    with none.
    """

    desk: Desk
    chain: tuple[object, ...]
    feed: Path
    other_root: Path
    bare_root: Path

    def verify(self, *more: object, root: Path | None = None) -> int:
        desk, deployment = self.desk, self.chain[-1]
        files = ("--key", desk.key, "--policy", desk.policy, "--root", root or desk.root)
        place = ("--deployment", deployment, "--allow-setup", "development", "--json")
        return run("verify", desk.credential, *files, *place, *more)


@pytest.fixture(scope="module")
def fed(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fed]:
    process, url = start_anvil()
    folder = tmp_path_factory.mktemp("fed")
    asked, members, deployment = (
        folder / f"{name}.json" for name in ("asked", "attestors", "deployment")
    )
    policy().save(asked)
    members.write_text(json.dumps(attestors_document(attestors())))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TIERPROOF_PASSPHRASE", PASSPHRASE)
            verifier = ("--verifier", f"TierproofVerifier{SIZE}", "--out", deployment)
            about = ("--policy", asked, "--attestors", members)
            assert run("deploy", "--rpc", url, *verifier, *about) == 2, "the model is not given"
            MODEL.write(folder / "model.json")
            about = (*about, "--model", folder / "model.json")
            assert run("deploy", "--rpc", url, *verifier, *about) == 0
            where = json.loads(deployment.read_text())
            place = (where["chain_id"], where["registry"])
            bare = attest_desk(folder, desk.keys, *place, first_day=FIRST_DAY)
            _attest(bare, folder / "fed", feed(0))
            done = replace(
                bare,
                policy=asked,
                attestation=folder / "fed" / bare.attestation.name,
                root=folder / "fed" / "root.json",
            )
            given = ("--vault", done.vault, "--policy", asked, "--keys", done.keys)
            where_to = ("--deployment", deployment, "--account", ACCOUNT)
            out = ("--tier", "steady", "--out", done.credential)
            assert run("prove", done.attestation, *given, *where_to, *out) == 0
        chain = ("--rpc", url, "--deployment", deployment)
        other = folder / "other.json"
        _signed_with(feed(7), load(done.attestation)).write(other)
        yield Fed(done, chain, folder / "fed.json", other, bare.root)
    finally:
        process.terminate()
        process.wait(20)


def _attest(bare: Desk, out: Path, market: FeedDocument) -> None:
    """The desk's job once more, with a feed document that lies beside it."""
    name = f"{out.name}.json"
    market.write(bare.folder / name)
    job = bare.folder / f"job-{out.name}.json"
    job.write_text(json.dumps(json.loads(bare.job.read_text()) | {"feed": name}))
    keys = [("--key-file", bare.folder / f"attestor-{index}.key") for index in (0, 2)]
    assert run("attest", job, *keys[0], *keys[1], "--keys", bare.keys, "--out", out) == 0


def _signed_with(market: FeedDocument, made: Attestation) -> RootFile:
    """The root of an attestation with another feed, signed by the same quorum."""
    files = RuleFiles.together([made.files.margin, RuleFiles.of({market.name: market.data})])
    root = replace(made.signed_root, feed=market.feed.digest(), rules=files.rules)
    signers = sample.unsafe_attestors(3)[:2]
    signatures = sign_root(root, made.domain, signers, made.attestor_set)
    return RootFile(root, made.attestor_set, made.domain, signatures, files)


def told(capsys: Capture) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    return said


def test_verified_and_granted(fed: Fed, capsys: Capture) -> None:
    capsys.readouterr()
    assert fed.verify("--feed", fed.feed) == 0
    assert told(capsys)["tier"] == "steady"
    desk = fed.desk
    key = write_private(desk.folder / "account.key", f"0x{bytes(HOLDER.key).hex()}")
    consent = ("--consent", desk.folder / "grant-consent.json")
    agreed = ("--policy", desk.policy, "--key-file", key, "--out", consent[1], "--json")
    assert run("consent", desk.credential, *agreed) == 0
    assert told(capsys)["account"] == ACCOUNT
    about = ("--policy", desk.policy, "--root", desk.root, *consent, *fed.chain, "--json")
    assert run("onboard", desk.credential, *about) == 0
    assert told(capsys)["tier"] == "steady"
    assert run("terms", ACCOUNT, *fed.chain, "--json") == 0


def test_another_feed_of_the_same_tree_is_another_statement(fed: Fed, capsys: Capture) -> None:
    """All that differs is the feed: the same leaves, index and quorum."""
    right, other = RootFile.load(fed.desk.root), RootFile.load(fed.other_root)
    assert right.root.root == other.root.root and right.root.feed != other.root.feed
    capsys.readouterr()
    assert fed.verify(root=fed.other_root) == 1
    assert told(capsys)["error"]["code"] == "rejected.equation"
    assert fed.verify("--feed", fed.feed, root=fed.other_root) == 1
    assert told(capsys)["error"]["code"] == "rejected.feed"


def test_a_root_without_a_feed_is_not_the_policys(fed: Fed, capsys: Capture) -> None:
    capsys.readouterr()
    assert fed.verify(root=fed.bare_root) == 1
    assert told(capsys)["error"]["code"] == "rejected.rules"


def test_the_institution_is_told_before_the_work(fed: Fed) -> None:
    """An attestation of no feed, of another index, and one whose values were changed."""
    keys, identity = (
        KeysFolder(fed.desk.keys, fast_algebra()),
        open_vault(fed.desk.vault, PASSPHRASE),
    )
    made = load(fed.desk.attestation)
    bare = load(fed.bare_root.parent / fed.desk.attestation.name)
    asked = Policy.load(fed.desk.policy)
    place = {"account": ACCOUNT, "keys": keys, "place": _place(fed)}
    for attestation, of, code in (
        (bare, asked, "refused.rules"),
        (made, replace(asked, index="another"), "refused.rules"),
        (replace(made, market=feed(7).feed), asked, "rejected.attestation.feed"),
    ):
        with pytest.raises(TierproofError) as caught:
            prove(attestation, identity, of, "steady", **place)
        assert caught.value.code == code
    with pytest.raises(Refused) as refused:
        estimate(bare, asked)
    assert refused.value.code == "refused.rules"
    assert estimate(made, asked).best == "steady"


def _place(fed: Fed) -> Any:
    from contracts.client.deployment import Deployment
    from policies.place import Place

    where = Deployment.read(Path(str(fed.chain[-1])))
    return Place(where.chain_id, where.registry)


def test_a_tier_by_volatility_needs_an_index() -> None:
    """Each of the three metrics; M24 in its other modes does not."""
    good = policy()
    good.check()
    good = replace(good, documents=good.documents.margin)  # no score is asked below
    for number in (2, 24, 25):
        alone = ASKED.changed(asked=frozenset({number, 11}))
        tier = replace(good.tiers[0], thresholds=alone)
        replace(good, tiers=(tier,)).check()
        with pytest.raises(Refused, match=f"tier steady: M{number}: .* market feed") as caught:
            replace(good, tiers=(tier,), index="").check()
        assert caught.value.code == "refused.policy.metric"
    by_day = ASKED.changed(asked=frozenset({11, 24}), shortfall_mode=0)
    replace(good, tiers=(replace(good.tiers[0], thresholds=by_day),), index="").check()
