"""
Feed documents: the market feed of a window as data, from the hourly closes of a volatility index
(docs/explanation/metrics.md B5).

`FeedDocument.load` reads one strictly, `FeedDocument.make` writes one; `attestor.candles` reads the
closes of an index.
"""

from policies.feed.document import FORMAT, VERSION, FeedDocument, check_index

__all__ = ["FORMAT", "VERSION", "FeedDocument", "check_index"]
