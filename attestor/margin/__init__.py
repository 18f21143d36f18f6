"""
Maintenance margin and distance to liquidation (docs/explanation/margin.md).

A `Valuer` has a venue's margin document and the terms of its options; `Valuer.at` gives a `Moment`,
the prices of one instant; `distance.state` says how far an account is from liquidation at it,
`walk.worst` over many. Money is in u' = 1e-36 USD, sizes and prices in 1e-18, times in
microseconds; only integers are used, so every machine has the same answer.
"""
