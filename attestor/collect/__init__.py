"""
What a venue's account interface answered, kept as it came (docs/explanation/attestation.md 2.5).

Collecting asks and keeps; an adapter reads what was kept, and asks nobody.
"""
