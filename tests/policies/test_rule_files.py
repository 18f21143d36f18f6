"""What a root says of the files by which its logs were made, and which of them a policy accepts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_utils.crypto import keccak

from algebra.errors import Malformed, Refused
from history.v2.feed import NO_FEED
from policies.policy import Policy, example
from policies.rule_files import MAX_FILES, NO_FILES, RuleFiles

CONTENTS = {
    "marks/2026-q1.csv": b"time,instrument,price\n",
    "margin/venue-b.json": b'{"b": 1}',
    "margin/venue-a.json": b'{"a": 1}',
    "feed/volatility.json": b"[]",
}
FILES = RuleFiles.of(CONTENTS)
FEED = 5


def accepting(**contents: bytes) -> Policy:
    """A policy that names these margin documents."""
    named = {f"margin/{name}.json": content for name, content in contents.items()}
    return replace(example("standard"), documents=RuleFiles.of(named))


def test_rules_are_the_digest_of_the_digests_in_the_order_of_names() -> None:
    ordered = [keccak(CONTENTS[name]) for name in sorted(CONTENTS)]
    assert FILES.rules == keccak(b"".join(ordered))
    assert next(name for name, _ in FILES.files) == "feed/volatility.json"
    assert NO_FILES.rules == keccak(b"") and not NO_FILES.files
    assert FILES.margin == RuleFiles.of({n: c for n, c in CONTENTS.items() if "margin" in n})


@pytest.mark.parametrize("name", CONTENTS)
def test_every_file_counts(name: str) -> None:
    others = {
        RuleFiles.of({**CONTENTS, name: b"another"}).rules,
        RuleFiles.of({n: c for n, c in CONTENTS.items() if n != name}).rules,
    }
    assert len(others) == 2 and FILES.rules not in others


def test_json_reads_back() -> None:
    assert RuleFiles.parse(FILES.as_json(), "x") == FILES
    assert RuleFiles.parse([], "x") == NO_FILES


ENTRY = {"name": "marks/a", "digest": "0x" + "11" * 32}


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        "marks/a",
        [5],
        [{}],
        [{"name": "marks/a"}],
        [{**ENTRY, "more": 1}],
        [{**ENTRY, "name": None}],
        [{**ENTRY, "name": "a"}],
        [{**ENTRY, "name": "marks/"}],
        [{**ENTRY, "name": "marks/../margin/a"}],
        [{**ENTRY, "name": "marks/ä"}],
        [{**ENTRY, "name": "rules/a"}],
        [{**ENTRY, "name": "marks/" + "a" * 65}],
        [{**ENTRY, "digest": None}],
        [{**ENTRY, "digest": "0x11"}],
        [{**ENTRY, "digest": "0x" + "AA" * 32}],
        [ENTRY, ENTRY],
        [ENTRY, {**ENTRY, "name": "feed/a"}],
        [{**ENTRY, "name": f"marks/{i:03}"} for i in range(MAX_FILES + 1)],
    ],
)
def test_what_is_no_list_of_files(value: Any) -> None:
    with pytest.raises(Malformed) as caught:
        RuleFiles.parse(value, "root.files")
    assert caught.value.code == "malformed.rule_files"


def test_a_policy_accepts_the_margin_documents_that_it_names() -> None:
    policy = accepting(**{"venue-a": b'{"a": 1}', "venue-b": b'{"b": 1}', "venue-c": b"{}"})
    assert policy.accepts(FILES, FEED)  # one venue of three is not used
    marks = {n: c for n, c in CONTENTS.items() if not n.startswith("margin")}
    assert policy.accepts(RuleFiles.of({**CONTENTS, "marks/2026-q1.csv": b"others"}), FEED)
    for used in (
        {**CONTENTS, "margin/venue-a.json": b'{"a": 2}'},  # another version
        {**CONTENTS, "margin/venue-d.json": b"{}"},  # one that the policy does not know
        {**marks, "margin/venue-x.json": CONTENTS["margin/venue-a.json"]},  # another name
        marks,  # none at all
        {},
    ):
        assert not policy.accepts(RuleFiles.of(used), FEED)
    nothing = example("standard")
    assert nothing.accepts(NO_FILES, FEED) and nothing.accepts(RuleFiles.of(marks), FEED)
    assert not nothing.accepts(FILES, FEED)


def test_a_policy_that_names_an_index_wants_its_feed() -> None:
    policy = replace(example("standard"), index="volatility.json")
    fed = RuleFiles.of({"feed/volatility.json": b"[]"})
    assert fed.feeds == ("volatility.json",) and FILES.feeds == fed.feeds
    assert policy.accepts(fed, FEED)
    for name in ("feed/volatility", "feed/volatility.json2", "marks/volatility.json"):
        assert not policy.accepts(RuleFiles.of({name: b"[]"}), FEED)
    two = RuleFiles.of({"feed/other": b"[]", "feed/volatility.json": b"[]"})
    assert not policy.accepts(two, FEED)  # which of the two is the root's?
    assert not policy.accepts(fed, NO_FEED) and not policy.accepts(NO_FILES, FEED)
    indifferent = example("standard")
    assert all(indifferent.accepts(files, FEED) for files in (fed, two, NO_FILES))
    assert indifferent.accepts(NO_FILES, NO_FEED)


def test_the_index_is_a_part_of_the_policy() -> None:
    plain = example("standard")
    policy = replace(plain, index="volatility.json")
    policy.check()
    assert Policy.parse(policy.document()) == policy and policy.policy_id != plain.policy_id
    assert "index" not in plain.as_json()
    for index in ("a/b", "a b", "v" * 65):
        with pytest.raises(Refused) as caught:
            replace(plain, index=index).check()
        assert caught.value.code == "refused.policy.index"
    for index in ("", None, 5, "v" * 65):
        with pytest.raises(Malformed):
            Policy.from_json(plain.as_json() | {"index": index})


def test_a_policy_names_margin_documents_alone() -> None:
    policy = accepting(a=b"{}")
    assert Policy.parse(policy.document()) == policy
    assert policy.policy_id != example("standard").policy_id
    for name in ("marks/a", "feed/a"):
        with pytest.raises(Refused) as caught:
            replace(policy, documents=RuleFiles.of({name: b""})).check()
        assert caught.value.code == "refused.policy.documents"
