"""
What runs the service: its settings, logs, metrics and health, and what is kept for a bad day
(docs/guides/service-runbook.md).
"""
