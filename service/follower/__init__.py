"""
The chain as the service knows it: what a registry and its authority said, block by block, up to the
head and up to the last final block (docs/explanation/follower.md).
"""
