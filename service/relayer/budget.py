"""
Gas of a day, by API key and by account: a contract account can pass the trial and fail in the
block, and its sender pays.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from service.relayer.settings import DAY, RelayerSettings
from service.relayer.tables import GasRow, OnboardingRow


def fits(
    session: Session, row: OnboardingRow, gas: int, beside: int, now: int, limits: RelayerSettings
) -> bool:
    """
    Whether a request may take so much gas today, where others of its key are to take `beside` with
    it; what was signed counts, in blocks or not.
    """
    of_key = _used(session, now // DAY, "key", row.owner) + beside + gas
    of_account = _used(session, now // DAY, "account", row.account) + gas
    return of_key <= limits.key_gas and of_account <= limits.account_gas


def charge(session: Session, row: OnboardingRow, gas: int, now: int) -> None:
    """Count gas that is about to be signed for, on the day of `now`."""
    row.gas, row.gas_day = 0, now // DAY
    settle(session, row, gas)


def settle(session: Session, row: OnboardingRow, gas: int) -> None:
    """What it took instead of what was counted; the same again changes nothing."""
    for kind, who in (("key", row.owner), ("account", row.account)):
        held = session.get(GasRow, (row.gas_day, kind, who))
        if held is None:
            held = GasRow(day=row.gas_day, kind=kind, who=who, gas=0)
            session.add(held)
        held.gas = max(0, held.gas + gas - row.gas)
    row.gas = gas
    session.flush()


def _used(session: Session, day: int, kind: str, who: str) -> int:
    held = session.get(GasRow, (day, kind, who))
    return 0 if held is None else held.gas
