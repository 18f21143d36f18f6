"""Codes of the webhooks: addresses that are told, their secrets, and what a receiver checks."""

from __future__ import annotations

from algebra.codes.row import Row

ROWS = (
    Row(
        "malformed.webhook",
        "What came is no webhook: a header is missing, twice or ill-formed, or the body no event.",
        "hand over headers and body as they came, before anything reads or changes the body",
    ),
    Row(
        "malformed.webhook_secret",
        "The text is no secret of webhooks.",
        "give it as it was shown when the address was added: whsec_ and Base64",
    ),
    Row(
        "malformed.webhook_key",
        "The file holds no key that seals secrets of webhooks.",
        "give the file that the command webhooks keygen wrote",
    ),
    Row(
        "malformed.webhook_url",
        "The URL is none that a webhook can be sent to.",
        "give https, a host, and a path and query whose marks are encoded; no user, no fragment",
    ),
    Row(
        "malformed.webhook_kind",
        "There is no such kind of event, or one is named twice.",
        "name the kinds that docs/guides/webhooks.md lists, or none for all of them",
    ),
    Row(
        "malformed.webhook_keep",
        "An old secret cannot be kept so long.",
        "keep it 0 seconds to 7 days",
    ),
    Row(
        "rejected.webhook_time",
        "The webhook was signed for another time: it comes late, or comes again.",
        "set the receiver's clock; answer within seconds, so that nothing has to wait",
    ),
    Row(
        "rejected.webhook_signature",
        "The webhook is signed by none of the secrets.",
        "check the body as it came, with the secret of this very address",
    ),
    Row(
        "refused.webhook_address",
        "The host is not on the internet, or may not be told.",
        "give a host whose addresses are all public; loopback is for development alone",
        http=403,
    ),
    Row(
        "refused.webhook_port",
        "The port is none that a webhook may have.",
        "use port 443, or have the operator allow the port in the settings",
        http=403,
    ),
    Row(
        "refused.webhook_key",
        "Secrets of webhooks are known that the key does not open, or there is no key.",
        "give the key file that they were sealed with, or remove the addresses",
    ),
    Row(
        "refused.webhook_key_file",
        "A file stands where a key or a secret of webhooks would be written.",
        "give another path; who loses a key loses every address with it, so none is replaced",
    ),
    Row(
        "refused.webhook_count",
        "There are as many addresses as there can be.",
        "remove one that is told no more",
        http=409,
    ),
    Row(
        "refused.webhook_off",
        "The address is switched off.",
        "mend what it answers, then enable it",
        http=409,
    ),
    Row(
        "refused.webhooks",
        "The service has no key for webhooks, so it tells no address anything.",
        "make a key with the command webhooks keygen and name it in the settings",
        http=409,
    ),
    Row(
        "refused.webhooks_absent",
        "The database has no tables of webhooks.",
        "give the URL of the service's own database; a service makes them when it starts",
    ),
    Row(
        "unknown.webhook",
        "There is no such address.",
        "list them; an id begins with ep_",
    ),
)
