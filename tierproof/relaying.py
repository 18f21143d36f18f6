"""
A relayer over a registry, for the service: the key comes from a file (`attesting.read_key`) or from
a signer of one's own, and goes nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from algebra.errors import Refused
from algebra.extras import libraries
from policies.place import Place

with libraries("chain"):
    from eth_account.signers.local import LocalAccount

    from contracts.client.registry import RegistryClient
    from contracts.client.relaying import KeySigner, Relay, TransactionSigner
with libraries("service"):
    from service.relayer.relaying import Relaying
    from service.relayer.requests import Onboardings
    from service.relayer.settings import RelayerSettings
    from service.relayer.worker import Relayer

if TYPE_CHECKING:
    from service.relayer.requests import Transactions


def relaying(
    client: RegistryClient,
    key: LocalAccount | TransactionSigner,
    settings: RelayerSettings,
    database: Transactions,
) -> Relaying:
    """
    What `service.api.app.create_app` takes.

    Parameters
    ----------
    client : of the registry, its code compared with the committed artifacts (`onchain.at`)
    key : pays and signs; for nothing else, for a nonce that is spent elsewhere stops it
    database : of the service

    Raises
    ------
    Refused
        `refused.finalized`: the settings ask for finalized blocks, and the node knows none.
    """
    if settings.finalized and client.chain.finalized_block() is None:
        raise Refused(
            "refused.finalized", f"the node of chain {client.chain.chain_id} finalizes no block"
        )
    signer = KeySigner(key) if isinstance(key, LocalAccount) else key
    worker = Relayer(database, Relay(client, signer), settings)
    place = Place(client.chain.chain_id, client.address.lower())
    return Relaying(place, Onboardings(database), worker)
