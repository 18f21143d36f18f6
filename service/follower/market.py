"""The market, engines, pause and close, from their events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from policies.effective.glide import ONE
from policies.effective.regime import NO_FEED
from service.follower.catalogue import Catalogue, terms_of
from service.follower.fitting import Missing, require_known
from service.follower.tables import AnnouncedRow, EngineRow, MarketRow, SwitchesRow

PAUSE_FREE_SECONDS = 21 * 86_400
"""After a pause none may be called for so long."""
_ONE = {"one": 1}


class Markets(Catalogue):
    """Handlers named after the events, with their arguments."""

    def Opened(self, notice: int, ceremonies: Sequence[int]) -> None:
        """The registry is there; its first default and bands follow, as every later one."""
        if self.rows.find(SwitchesRow, **_ONE) is not None:
            raise Missing("it opened before")
        self.rows.put(SwitchesRow, _ONE, notice=notice, ceremonies=tuple(ceremonies))
        self.rows.put(MarketRow, _ONE, factor_from=ONE, factor_to=ONE, stale_at=NO_FEED)

    def MarketAnnounced(self, rules: Sequence[Any], decimals: int, beginsAt: int) -> None:
        """Another default, bands or feed hold after the notice, once somebody begins them."""
        terms, bands, source, heartbeat, sequencer = rules
        self.rows.put(
            AnnouncedRow,
            _ONE,
            **terms_of(terms),
            bands=bands,
            source=source.lower(),
            decimals=decimals,
            heartbeat=heartbeat,
            sequencer=sequencer.lower(),
            begins_at=beginsAt,
        )

    def MarketWithdrawn(self) -> None:
        """What was announced last will not begin."""
        self.rows.put(AnnouncedRow, _ONE, begins_at=0)

    def MarketBegan(self, maintenanceFrom: int, maintenanceSince: int) -> None:
        """What was announced last holds."""
        told = require_known(self.rows.find(AnnouncedRow, **_ONE), "what was announced")
        self.rows.put(
            MarketRow,
            _ONE,
            initial_margin_bp=told.initial_margin_bp,
            maintenance_from=maintenanceFrom,
            maintenance_to=told.maintenance_margin_bp,
            maintenance_since=maintenanceSince,
            taker_fee_centi_bp=told.taker_fee_centi_bp,
            maker_fee_centi_bp=told.maker_fee_centi_bp,
            max_leverage=told.max_leverage,
            source=told.source,
            decimals=told.decimals,
            heartbeat=told.heartbeat,
            bands=told.bands,
            sequencer=told.sequencer,
        )
        self.rows.put(AnnouncedRow, _ONE, begins_at=0)

    def Poked(
        self, usable: bool, band: int, seenAt: int, factorFrom: int, factor: int, factorSince: int,
        staleAt: int,
    ) -> None:  # fmt: skip
        """The feed was read."""
        self.rows.put(
            MarketRow,
            _ONE,
            factor_from=factorFrom,
            factor_to=factor,
            factor_since=factorSince,
            stale_at=staleAt,
            band=band,
            seen_at=seenAt,
        )

    # -- engines -----------------------------------------------------------------------------------
    def EngineRegistered(self, engine: str, index: int, mostLevel: int, enabledFrom: int) -> None:
        """An engine reports from `enabledFrom` on."""
        self.rows.put(
            EngineRow,
            {"engine": engine.lower()},
            number=index,
            most_level=mostLevel,
            enabled_from=enabledFrom,
        )

    def EngineSwitchedOff(self, engine: str) -> None:
        """
        An engine reports no more, and what it reported stays; again for the same engine, a voiding
        of its reports that waited is off.
        """
        key = {"engine": engine.lower()}
        held = require_known(self.rows.find(EngineRow, **key), "the engine")
        if held.disabled_at == 0:
            self.rows.put(EngineRow, key, disabled_at=self.time)
        else:  # a second time: a voiding that waited is off
            self.rows.put(EngineRow, key, voided_from=0)

    def ReportsVoided(self, engine: str, **told: int) -> None:
        """What an engine reported counts no more, wherever anybody takes it back."""
        key = {"engine": engine.lower()}
        require_known(self.rows.find(EngineRow, **key), "the engine")
        self.rows.put(EngineRow, key, voided_from=told["from"])

    # -- switches ----------------------------------------------------------------------------------
    def Paused(self, by: str, until: int) -> None:
        """Roots and grants stop."""
        self.rows.put(
            SwitchesRow, _ONE, paused_until=until, pause_free_from=until + PAUSE_FREE_SECONDS
        )

    def Unpaused(self, by: str, until: int) -> None:
        """The pause ends earlier."""
        self.rows.put(SwitchesRow, _ONE, paused_until=until)

    def Closed(self, successor: str, end: int) -> None:
        """No new grant from now on; all end at `end`."""
        self.rows.put(SwitchesRow, _ONE, successor=successor.lower(), closed_at=end)
        self.alarm()
