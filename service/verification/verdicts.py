"""
The narrow door for what comes back from the verifier: a verdict is None, Malformed or Rejected, and
nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from algebra.errors import Malformed, Rejected
from service.api.problem import Problem, from_exception
from service.store.keys import Key

Item = tuple[Key, Sequence[int], bytes]
"""Key, public words and proof."""

Verify = Callable[[Key, Sequence[int], bytes], None]
"""
Raises Malformed or Rejected, returns None if it accepts. `verifier.verify.verify` with its algebra
bound.
"""

VerifyBatch = Callable[[Sequence[Item]], Sequence[object]]
"""
For each item None, or the error that `Verify` raises for it. `verifier.batch.verify_batch` with its
algebra bound.
"""

Verdict = Malformed | Rejected | Problem | None
"""None: accepted. A Problem is none about the proof: the verifier failed."""

log = logging.getLogger("tierproof.service")


class Judge:
    """
    Verdicts of many proofs.

    Parameters
    ----------
    verify : of one proof.
    verify_batch : of many; without it they are verified one by one.
    """

    def __init__(self, verify: Verify, verify_batch: VerifyBatch | None = None) -> None:
        self.verify, self.verify_batch = verify, verify_batch

    def verdicts(self, items: Sequence[Item]) -> list[Verdict]:
        """
        One for each item, in their order. Where the batch fails, or says what is no verdict, each
        is verified by itself, so that one proof cannot take the verdict of another.
        """
        if len(items) > 1 and self.verify_batch is not None:
            try:
                return self._together(items, self.verify_batch)
            except BaseException as error:  # a panic of the native module is a BaseException
                log.error("batch of %d: verifier failed: %s", len(items), type(error).__name__)
        return [self._verdict(item) for item in items]

    def _together(self, items: Sequence[Item], verify_batch: VerifyBatch) -> list[Verdict]:
        found = list(verify_batch(items))
        if len(found) != len(items) or not all(map(_is_verdict, found)):
            raise TypeError("it returned what is no verdict")
        return found  # type: ignore[return-value]

    def _verdict(self, item: Item) -> Verdict:
        try:
            self._alone(item)
        except (Malformed, Rejected) as error:
            return error
        except BaseException as error:
            log.error("verifier failed: %s", type(error).__name__)
            return from_exception(error)
        return None

    def _alone(self, item: Item) -> None:
        returned: object = self.verify(*item)
        if returned is not None:  # a flag must not be taken for acceptance
            raise TypeError("it returned a value; it must raise or return None")


def _is_verdict(found: object) -> bool:
    return found is None or isinstance(found, Malformed | Rejected)
