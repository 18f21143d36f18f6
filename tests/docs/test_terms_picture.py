"""The picture of effective terms is what the model draws."""

from __future__ import annotations

import re

from policies.effective.conduct import DAY
from policies.effective.glide import SPAN
from tests.docs.shell import ROOT
from tests.docs.terms_picture import EXPIRY, NEAR_DAY, PATH, STORM, picture, story


def test_the_committed_picture_is_current() -> None:
    assert PATH.read_text(encoding="utf-8") == picture()


def test_the_story_shows_what_it_says() -> None:
    """Each event raises opening at once and maintenance within a day."""
    terms = dict(story())
    for day in (NEAR_DAY, STORM, EXPIRY):
        before, at, after = (terms[day * DAY + s] for s in (-900, 0, SPAN))
        assert at.initial > before.initial and at.maintenance == before.maintenance
        assert after.maintenance > at.maintenance


def test_the_page_names_the_gas_that_is_counted() -> None:
    page = (ROOT / "docs" / "explanation" / "terms.md").read_text(encoding="utf-8")
    counted = (ROOT / "tests" / "contracts" / "grants" / "test_gas_of_terms.py").read_text()
    said = re.search(
        r"costs its caller ([\d,]+) gas .*?, ([\d,]+) with .*?, ([\d,]+) and ([\d,]+)", page
    )
    assert said is not None
    for number in said.groups():
        assert number.replace(",", "_") in counted
