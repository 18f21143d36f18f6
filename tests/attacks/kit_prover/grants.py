"""
The registry of grants with a check taken out: every part of a condition before a refusal, every
modifier, every part of the rules for what may be registered, and every value that a scope, a
subject, a statement or a signed message binds.

Found in the sources, so that a new check cannot be forgotten; which tests stop a cheat is found by
running them (`taken_out.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attacks.kit_prover.brackets import closing, parts
from support.switched import SOURCES, Edit, compiled

from contracts.build.artifact import Artifact

GOVERNED = "Governed.sol"
RULES = (
    ("Series.sol", "nowhereBetter"),
    ("Series.sol", "_sensible"),
    ("Series.sol", "within"),
    ("Series.sol", "_fee"),
    ("Defaults.sol", "_sensible"),
    ("Oracle.sol", "sequencerUp"),
    ("Signatures.sol", "byKey"),
    ("Signatures.sol", "isDelegation"),
)
"""Functions whose answer is a conjunction of checks."""
REFUSING = {"Oracle.sol": "read", "Signatures.sol": "byContract", "Regime.sol": "valid"}
"""Functions that refuse by their answer."""
BOUND = (
    ("Attestors.sol", "register", r"keccak256\(abi\.encode\("),
    ("Attestors.sol", "rotate", r"abi\.encode\("),
    ("Claims.sol", "_statement", r"return \["),
    ("Consents.sol", "hashOf", r"abi\.encode\("),
    ("Grants.sol", "scopeOf", r"abi\.encode\("),
    ("Grants.sol", "subjectOf", r"abi\.encode\("),
    ("Roots.sol", "digest", r"abi\.encode\("),
)
"""Lists of values that are hashed or proven."""
ZERO = {
    "address(this)": "address(0)",
    "subject.account": "address(0)",
    "subject.from": "address(0)",
    "members.addresses": "new address[](0)",
    "terms.takerFeeCentiBp": "int24(0)",
    "terms.makerFeeCentiBp": "int24(0)",
    **dict.fromkeys(
        (
            "salt",
            "series",
            "subject.series",
            "attestorSet",
            "signed.attestorSet",
            "signed.rules",
            "keccak256(abi.encodePacked(members.addresses))",
        ),
        "bytes32(0)",
    ),
}
"""What stands for a value that is left out, where it is no number."""
SECOND_LINE: dict[str, str] = {}
"""Checks that another one stands before: why each of them is there all the same."""
HELPERS = """
    /// @dev As `restricted`, unless its switch is on.
    modifier restrictedUnless(bool off) {
        if (!off) _checkCanCall(_msgSender(), _msgData());
        _;
    }

    /// @dev As `whenOpen`, unless its switch is on.
    modifier whenOpenUnless(bool off) {
        if (!off) _requireOpen();
        _;
    }
"""


def sites() -> list[Edit]:
    """Every check of every contract of `contracts/src/grants`."""
    found = []
    for path in sorted(SOURCES.glob("*.sol")):
        text = path.read_text(encoding="utf-8")
        found += [*_conditions(path.name, text), *_others(path.name, text)]
        found += [*_modifiers(path.name, text)]
        found += [*_calls(path.name, text), *_rules(path.name, text), *_bound(path.name, text)]
    return _numbered(sorted(found, key=lambda site: (site.file, site.start)))


def unlisted() -> list[str]:
    """Refusals that stand behind no condition that a site is in."""
    places = [(site.file, site.start) for site in sites()]
    out = []
    for path in sorted(SOURCES.glob("*.sol")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"\brevert [\w.]+\(", text):
            before = max(text.rfind("if (", 0, match.start()), 0)
            if not any(f == path.name and before < start <= match.start() for f, start in places):
                out.append(f"{path.name}: {match.group()}")
    return out


def _conditions(file: str, text: str) -> Iterator[Edit]:
    """Parts of conditions before a refusal, and of those that answer no."""
    for match in re.finditer(r"\bif \(", text):
        opening = match.end() - 1
        end = closing(text, opening)
        refuses = r"\)\s*(\{\s*)?revert\b"
        if REFUSING.get(file) == _function_at(text, match.start()):
            refuses += r"|\)\s*(\{\s*)?return (false|\(false)"
        if not re.match(refuses, text[end:]):
            continue
        condition = text[opening + 1 : end]
        pieces = [(0, condition)] if " && " in _outside(condition) else _operands(condition)
        for offset, piece in pieces:
            yield _site(file, text, opening + 1 + offset, piece, f"(!ON && ({piece}))")


def _others(file: str, text: str) -> Iterator[Edit]:
    """Refusals of whatever is left over, and of what another contract refused."""
    for match in re.finditer(r"(?:\belse |\bcatch[^{}]*\{\s*)(revert [^;]*;)", text):
        new = f"if (!ON) {match[1]}"
        yield _site(file, text, match.start(1), match[1], new)


def _modifiers(file: str, text: str) -> Iterator[Edit]:
    for match in re.finditer(r"(?<=[\s)])(restricted|whenOpen)(?=\s+(\{|returns))", text):
        yield _site(file, text, match.start(), match[1], f"{match[1]}Unless(ON)")


def _calls(file: str, text: str) -> Iterator[Edit]:
    """Calls of what refuses, and of the verifier."""
    for match in re.finditer(r"(?<=\n)[ ]+((?:\w+\.)?_?require[A-Z]\w*\([^;{]*\);)", text):
        yield _site(file, text, match.start(1), match[1], f"if (!ON) {{ {match[1]} }}")
    for match in re.finditer(
        r"facts\.verifier\s*\.verify(?=\()|(?<=        )_check(?=\(signed\);)", text
    ):
        yield _site(file, text, match.start(), match.group(), f"if (!ON) {match.group()}")


def _rules(file: str, text: str) -> Iterator[Edit]:
    for name in [name for where, name in RULES if where == file]:
        begin = text.index(f"function {name}(")
        start = text.rindex("return", begin, text.index("\n    }", begin)) + len("return")
        start += len(text[start:]) - len(text[start:].lstrip())
        condition = re.sub(r"\s", " ", text[start : text.index(";", start)])
        for offset, piece in _operands(condition, " && "):
            old = text[start + offset : start + offset + len(piece)]
            yield _site(file, text, start + offset, old, f"(ON || ({old}))")


def _bound(file: str, text: str) -> Iterator[Edit]:
    for name, before in [(name, before) for where, name, before in BOUND if where == file]:
        found = re.compile(before).search(text, text.index(f"function {name}("))
        if found is None:
            raise ValueError(f"{file} {name}: nothing reads {before}")
        start = found.end()
        for offset, piece in _operands(text[start : closing(text, start - 1)], ","):
            if piece.isupper() or piece.endswith("TYPEHASH"):  # a type hash binds no value
                continue
            new = f"(ON ? {ZERO.get(piece, '0')} : {piece})"
            yield _site(file, text, start + offset, piece, new, f"without {piece}")


def _operands(condition: str, operator: str = " || ") -> Iterator[tuple[int, str]]:
    """Offset and text of the operands, without the space around them."""
    flat = re.sub(r"\s", " ", condition)
    for offset, piece in parts(flat, operator):
        bare = piece.strip()
        start = offset + len(piece) - len(piece.lstrip())
        yield start, condition[start : start + len(bare)]


def _outside(condition: str) -> str:
    """The condition without what stands in brackets."""
    out, depth = [], 0
    for char in re.sub(r"\s", " ", condition):
        depth -= char in ")]"
        if depth == 0:
            out.append(char)
        depth += char in "(["
    return "".join(out)


def _site(file: str, text: str, start: int, old: str, new: str, name: str = "") -> Edit:
    said = re.sub(r" (?=\.)", "", " ".join((name or old).split()))
    where = f"{file.removesuffix('.sol')}.{_function_at(text, start)}"
    return Edit(f"{where}: {said}", file, start, old, new)


def _function_at(text: str, place: int) -> str:
    names = re.findall(r"(?:function|modifier) (\w+)|(constructor)\(", text[:place])
    return "".join(names[-1]) if names else ""


def _numbered(found: list[Edit]) -> list[Edit]:
    """Ids that stand twice get a number."""
    count: dict[str, int] = {}
    out = []
    for site in found:
        count[site.id] = count.get(site.id, 0) + 1
        name = site.id if count[site.id] == 1 else f"{site.id} ({count[site.id]})"
        out.append(Edit(name, site.file, site.start, site.old, site.new))
    return out


def switched_checks() -> dict[str, Artifact]:
    """Artifacts with a switch at every check, in the order of `sites`."""
    return compiled(sites(), {GOVERNED: _with_modifiers})


def _with_modifiers(text: str) -> str:
    """Modifiers that a switch takes off, and the body of the one that is written there."""
    head, body = text.split("    modifier whenOpen() {\n", 1)
    body, rest = body.split("        _;\n    }\n", 1)
    opened = f"""    modifier whenOpen() {{
        _requireOpen();
        _;
    }}

    /// @dev The body of `whenOpen`.
    function _requireOpen() private view {{
{body}    }}
"""
    return f"{head}{opened}{HELPERS}{rest}"
