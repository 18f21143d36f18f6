"""
The statements of an attestor's job read again, to say of which line a record is
(docs/explanation/attestation.md 9.5).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from algebra.errors import Refused
from attestor.attestation import Attestation
from attestor.origins import Origin, origins
from attestor.statement import Statement
from attestor.venues.adapter import VenueFiles
from attestor.venues.registry import adapter_of
from tierproof.attest_job import AttestJob, read_job


@dataclass(frozen=True, slots=True)
class Reread:
    """A job and its venue's files, which are read once."""

    job: AttestJob
    files: VenueFiles

    @classmethod
    def of(cls, path: Path) -> Reread:
        """As `read_job`, whenever its window is, and `Adapter.open`."""
        job = read_job(path, None)
        return cls(job, adapter_of(job.adapter).open(job.statements, job.venue))

    @property
    def wallets(self) -> dict[int, frozenset[str]]:
        """By owner tag."""
        found: dict[int, frozenset[str]] = {}
        for tag, wallets in self.job.owners:
            found[tag] = found.get(tag, frozenset()) | frozenset(wallets)
        return found

    def statement(self, wallets: Collection[str]) -> Statement:
        """Of these wallets, in the job's window."""
        return self.files.statement(sorted(wallets), self.job.first_day, self.job.last_day)

    def origins(self, attestation: Attestation) -> list[Origin | None]:
        """
        Of each record of an owner's log (`attestor.origins`).

        Raises
        ------
        Malformed, Refused
            `refused.other_statement`: no owner of the job with this tag has this log; what refuses
            a statement refuses here too.
        """
        wrong = Refused(
            "refused.other_statement",
            f"job: no owner of the tag 0x{attestation.leaf.owner_tag:064x}",
        )
        for tag, wallets in self.job.owners:
            if tag == attestation.leaf.owner_tag:
                try:
                    return origins(self.statement(wallets), attestation.records)
                except Refused as error:
                    if error.code != "refused.other_statement":
                        raise
                    wrong = error
        raise wrong
