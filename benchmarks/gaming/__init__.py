"""
Tricks that raise what a history shows, played with the rule against each and without it
(docs/explanation/gaming.md). `python -m benchmarks.gaming FOLDER` plays all on real data.
"""
