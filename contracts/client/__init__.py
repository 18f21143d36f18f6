"""
The registry on a chain as Python functions: the chain, deployments, calls, and what a revert says.
"""
