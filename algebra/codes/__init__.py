"""
The catalogue of codes: what each means, what to do, and which status it has on the command line and
over HTTP.

Everything that leaves the project as an error has a row here, and nothing else has. The command
takes its hints from it, the service its titles and statuses; `python -m tierproof.docs_codes`
prints `docs/reference/codes.md` from it, and a test compares it with every raise of the product.

The first word of a code names its kind; the kind gives the exit status.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from algebra.codes import (
    audit,
    contract,
    grants,
    malformed,
    quorum,
    refused,
    rejected,
    service_access,
    service_api,
    service_follower,
    service_operations,
    service_relayer,
    service_store,
    service_webhooks,
    unavailable,
)
from algebra.codes.row import Row


@dataclass(frozen=True, slots=True)
class Kind:
    """
    Attributes
    ----------
    name : first word of the codes
    exit_status : of the command
    http : status of the service where a row names none
    meaning : one sentence
    """

    name: str
    exit_status: int
    http: int
    meaning: str


KINDS = {
    kind.name: kind
    for kind in (
        Kind("malformed", 2, 400, "Bytes, files or numbers that are not what they claim to be."),
        Kind("rejected", 1, 422, "Well formed and false: the one verdict besides acceptance."),
        Kind("refused", 2, 500, "Cannot be done as asked. `refused.tier` alone is a verdict: 1."),
        Kind("unknown", 2, 404, "The service does not know what the request names."),
        Kind("usage", 2, 400, "The command line asks for too little, too much or two things."),
        Kind("unavailable", 2, 500, "Something outside this process is missing or says no."),
        Kind("interrupted", 130, 500, "The user stopped the command."),
        Kind("http", 2, 400, "The answer of the web framework; the number is the status."),
        Kind("fault", 2, 500, "A mistake of ours: no verdict, nothing recorded."),
    )
}

_ROWS = (
    *malformed.ROWS,
    *rejected.ROWS,
    *contract.ROWS,
    *grants.ROWS,
    *refused.ROWS,
    *quorum.ROWS,
    *audit.ROWS,
    *service_follower.ROWS,
    *service_relayer.ROWS,
    *service_store.ROWS,
    *service_access.ROWS,
    *service_api.ROWS,
    *service_webhooks.ROWS,
    *unavailable.ROWS,
    *service_operations.ROWS,
)
CATALOGUE = MappingProxyType({row.code: row for row in _ROWS})
"""Every code with its row, in the order of the documentation."""
if len(CATALOGUE) != len(_ROWS):
    raise RuntimeError("a code stands twice in the catalogue")


def kind_of(code: str) -> Kind:
    """The kind of a code; a word that names none is a fault."""
    return KINDS.get(code.split(".")[0], KINDS["fault"])


def row_of(code: str) -> Row:
    """The row of a code; one without a row is shown as a fault."""
    if code.startswith("http."):
        return CATALOGUE["http"]
    return CATALOGUE.get(code, CATALOGUE["fault"])


def http_status(code: str) -> int:
    """Status of a code over HTTP: its row's, else its kind's."""
    return row_of(code).http or kind_of(code).http


def exit_status(code: str) -> int:
    """Status of the command for a code."""
    return row_of(code).exit_status or kind_of(code).exit_status
