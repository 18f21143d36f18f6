"""Every failure at the door to a chain as an error of the project."""

from __future__ import annotations

from typing import Any

from algebra.errors import Refused, TierproofError, Unavailable
from algebra.extras import libraries
from contracts.build.artifact import known_errors
from contracts.client.answers import NodeRefused
from contracts.client.revert import rejected

with libraries("chain"):
    from requests.exceptions import RequestException
    from web3.middleware import Web3Middleware

SAID = 200
"""Characters of a node's own words in a message."""


class Answers(Web3Middleware):
    """
    What a node answers, before a library reads it.

    An error is raised as it came (`NodeRefused`). Of a block goes what chains of proof of authority
    fill otherwise than mainnet does and nobody here reads.
    """

    def response_processor(self, method: Any, response: Any) -> Any:
        """The answer, or `NodeRefused`."""
        if isinstance(response, dict):
            if response.get("error") is not None:
                raise NodeRefused(str(method), response["error"])
            block = response.get("result")
            if str(method).startswith("eth_getBlockBy") and isinstance(block, dict):
                kept = {name: value for name, value in block.items() if name != "extraData"}
                return {**response, "result": kept}
        return response


def explained(error: Exception) -> TierproofError:
    """The project's error for whatever a library raised about a node."""
    if isinstance(error, TierproofError):
        return error
    if isinstance(error, NodeRefused):
        return _refused(error)
    # The class only: the text of a connection error holds the URL, and that may hold an access key.
    cause = type(error).__name__
    if isinstance(error, (RequestException, OSError)):
        return Unavailable(
            "unavailable.node", f"no Ethereum node answers at the given RPC URL ({cause})"
        )
    return Unavailable(
        "unavailable.node", f"what the node answers, or is asked, is of no use ({cause})"
    )


def not_taken(said: str) -> TierproofError:
    """A transaction that the node does not take into a block, or a question it does not answer."""
    return Unavailable("unavailable.node", f"the node refused the request: {said[:SAID]}")


def _refused(error: NodeRefused) -> TierproofError:
    if error.no_funds:
        return Refused("refused.funds", f"the sender cannot pay: {error.said[:SAID]}")
    if error.too_much_gas:
        return Refused("refused.gas", f"the chain gives no such gas: {error.said[:SAID]}")
    if error.run_failed:
        return rejected(error.data, known_errors(), error.said[:SAID])
    return not_taken(error.said)
