"""
Webhooks: what happened is told to addresses that an operator registers (docs/guides/webhooks.md).

An event is written in the transaction of what it tells, and sent by a worker until it arrives, as
Standard Webhooks 1.0 has it. Checking a signature needs no library of the service.
"""
