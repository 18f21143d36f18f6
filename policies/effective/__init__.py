"""
Terms as they hold in a second: the tier's, the market's regime and conduct, and what glides between
them (docs/explanation/terms.md).

The same text as the contracts of `contracts/src/grants`, module by module, in whole numbers:
`glide` (the clock of a number that must not jump up), `regime` (bands of volatility), `conduct`
(what engines report) and `terms` (what holds). tests/contracts/grants compares the two.
"""
