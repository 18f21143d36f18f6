"""
The typed client of the verification service: `Client` and `AsyncClient`.

What is asked and what is made of answers stands once (`calls`), without a socket; the two clients
carry it out (`transport`).
"""

from tierproof.client.transport import AsyncClient, Client

__all__ = ["AsyncClient", "Client"]
