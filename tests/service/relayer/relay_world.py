"""A relayer before a registry on anvil, with a clock and a database of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from registry_world import GOLD, POLICY_ID, PROOF, ROOT, World
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from contracts.client.calls import NO_CONSENT
from contracts.client.chain import Chain
from contracts.client.registry import RegistryClient
from contracts.client.relaying import KeySigner, Relay
from policies.place import Place
from service.relayer.asked import Asked
from service.relayer.requests import Onboardings
from service.relayer.settings import RelayerSettings
from service.relayer.worker import Relayer
from service.store.base import Base

SETTINGS = RelayerSettings(confirmations=2, finalized=False, lease_seconds=30, replace_seconds=60)
KEY_DIGEST = bytes(32)


class SqliteFile:
    """What the service's database is to the relayer; the clock is a file's, so forks share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._engine: Engine = create_engine(
            f"sqlite:///{folder / 'relayer.sqlite'}", connect_args={"timeout": 15}
        )
        Base.metadata.create_all(self._engine)
        if not self._clock.exists():
            self.set(1_800_000_000)

    @property
    def _clock(self) -> Path:
        return self.folder / "clock"

    @property
    def now(self) -> int:
        return int(self._clock.read_text())

    def set(self, now: int) -> None:
        self._clock.write_text(str(now))

    def wait(self, seconds: int) -> None:
        self.set(self.now + seconds)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self._engine) as session, session.begin():
            session.execute(text("BEGIN IMMEDIATE"))
            yield session


@dataclass
class Desk:
    """A key of its own before the shared registry; `made` counts claims."""

    url: str
    world: World
    folder: Path
    key: LocalAccount = field(default_factory=Account.create)

    def __post_init__(self) -> None:
        self.database = SqliteFile(self.folder)
        self.onboardings = Onboardings(self.database)
        self.rpc("anvil_setBalance", self.key.address, hex(10**20))

    def rpc(self, method: str, *arguments: Any) -> Any:
        answer = self.world.chain.web3.provider.make_request(method, list(arguments))  # type: ignore[arg-type]
        assert "error" not in answer, answer
        return answer["result"]

    def relay(self, url: str | None = None) -> Relay:
        """A connection of a process of its own."""
        client = RegistryClient(Chain.connect(url or self.url), self.world.client.address)
        return Relay(client, KeySigner(self.key))

    def relayer(
        self, settings: RelayerSettings = SETTINGS, url: str | None = None, **changes: Any
    ) -> Relayer:
        """Of a process of its own; a database too."""
        given = settings.model_copy(update=changes)
        return Relayer(SqliteFile(self.folder), self.relay(url), given)

    def ask(self, signed: bool = True, owner: str = "desk", **changes: Any) -> str:
        """A request for a new account by a new nullifier; its id."""
        return str(self.onboardings.add(self.asked(signed, **changes), owner)["id"])

    def asked(self, signed: bool = True, **changes: Any) -> Asked:
        account = Account.create()
        nullifier = int.from_bytes(account.key[:30], "big")
        fields: dict[str, Any] = {
            "place": Place(self.world.chain.chain_id, self.world.client.address.lower()),
            "policy_id": POLICY_ID,
            "tier": 1,
            "last_day": self.world.last_day,
            "root": ROOT,
            "nullifier": nullifier,
            "account": account.address.lower(),
            "key_digest": self.world.client.verifier_of(0)["key_digest"],
            "thresholds": GOLD.thresholds,
            "proof": PROOF,
            "of_account": self.world.consent(account, nullifier=nullifier)
            if signed
            else NO_CONSENT,
            "of_holder": NO_CONSENT,
            **changes,
        }
        return Asked(**fields)

    def state(self, id: str) -> tuple[str, str | None]:
        found = self.onboardings.get(id, None)
        assert found["granted"] == (found["state"] == "final")
        return found["state"], found["code"]

    def spent(self) -> int:
        """Transactions of the key that stand in blocks."""
        return self.world.chain.courier.count(self.key.address, "latest")

    def status(self, id: str) -> str:
        account = self.onboardings.get(id, None)["account"]
        return self.world.client.effective_terms(account).status
