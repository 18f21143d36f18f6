"""
The names in Derive's answers: what must be there, and what may be and is not read.

Of another name nothing is known, so a row that has one is refused: a fee in another token would be
one. The names are those of version 2 of the interface; older answers lack some.
"""

from __future__ import annotations

from typing import NamedTuple

from attestor.collect.item import Item


class Fields(NamedTuple):
    """The names of an object."""

    needed: tuple[str, ...]
    known: tuple[str, ...] = ()

    def check(self, item: Item) -> None:
        """Malformed (`malformed.statement`): a name is missing or unknown."""
        item.only(self.needed, self.known)


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


TRADE = Fields(
    _names("""
        direction index_price instrument_name is_transfer label liquidity_role mark_price order_id
        quote_id realized_pnl subaccount_id timestamp trade_amount trade_fee trade_id trade_price
        tx_hash tx_status"""),
    _names("wallet expected_rebate extra_fee realized_pnl_excl_fees rfq_id transaction_id"),
)
FUNDING = Fields(_names("funding instrument_name pnl subaccount_id timestamp"))
INTEREST = Fields(_names("interest subaccount_id timestamp"))
SETTLEMENT = Fields(
    _names("amount expiry instrument_name settlement_price subaccount_id"),
    _names("option_settlement_pnl option_settlement_pnl_excl_fees"),
)
DEPOSIT = Fields(
    _names("amount asset timestamp transaction_id tx_hash tx_status"), _names("error_log")
)
WITHDRAWAL = Fields(_names("amount asset timestamp tx_hash tx_status"), _names("error_log"))
TRANSFER = Fields(
    _names("""
        amount asset counterparty_subaccount_id is_outgoing subaccount_id timestamp tx_hash""")
)
AUCTION = Fields(
    _names("""
        auction_id auction_type bids end_timestamp fee start_timestamp subaccount_id tx_hash""")
)
BID = Fields(
    _names("""
        amounts_liquidated cash_received discount_pnl percent_liquidated positions_realized_pnl
        positions_realized_pnl_excl_fees realized_pnl realized_pnl_excl_fees timestamp tx_hash""")
)
ACCOUNT = Fields(
    _names("""
        collaterals is_under_liquidation margin_type positions subaccount_id subaccount_value"""),
    _names("""
        collaterals_initial_margin collaterals_maintenance_margin collaterals_value currency
        initial_margin label maintenance_margin open_orders open_orders_margin
        positions_initial_margin positions_maintenance_margin positions_value
        projected_margin_change"""),
)
POSITION = Fields(
    _names("amount index_price instrument_name mark_price pending_funding"),
    _names("""
        amount_step average_price average_price_excl_fees creation_timestamp cumulative_funding
        delta gamma initial_margin instrument_type leverage liquidation_price maintenance_margin
        mark_value net_settlements open_orders_margin realized_pnl realized_pnl_excl_fees theta
        total_fees unrealized_pnl unrealized_pnl_excl_fees vega"""),
)
COLLATERAL = Fields(
    _names("amount asset_name asset_type mark_price pending_interest"),
    _names("""
        amount_step average_price average_price_excl_fees creation_timestamp cumulative_interest
        currency delta delta_currency initial_margin maintenance_margin mark_value
        open_orders_margin realized_pnl realized_pnl_excl_fees total_fees unrealized_pnl
        unrealized_pnl_excl_fees"""),
)
VALUE = Fields(
    _names("margin_type subaccount_value timestamp"),
    _names("currency delayed_maintenance_margin initial_margin maintenance_margin"),
)
TICKER = Fields(_names("A B I M a b maxp minp stats t"), _names("f option_pricing"))
PRICING = Fields(_names("d i"), _names("ai bi df f g m r t v"))
SPOT = Fields(_names("price timestamp"), _names("timestamp_bucket"))
