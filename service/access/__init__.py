"""
Who may ask the service what, how often, and over which connections: API keys and their scopes, the
rule of loopback, limits and quotas, idempotency keys (docs/reference/service-access.md).
"""
