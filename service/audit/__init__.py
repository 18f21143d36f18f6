"""
The audit log: what the service decided and was told, so that none of it can be changed unseen
(docs/explanation/audit.md).

Append-only Merkle log (RFC 9162) in the service's database, its checkpoints signed (C2SP signed
notes), witnessed and anchored. Reading an export needs no database library.
"""
