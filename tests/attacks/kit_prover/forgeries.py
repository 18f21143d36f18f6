"""
For every check that `mutants.checks` finds in the source of the verifier, a forgery that this check
alone stops.
"""

from __future__ import annotations

from attacks.kit_prover.forged_input import (
    bad_words,
    coordinates,
    credential,
    first_fixed,
    first_word,
    key_file,
    no_bits,
    no_json,
    no_loss,
    no_loss_without_feed,
    no_word,
    not_increasing,
    one_day,
    other_bytes,
    public_words,
    put_field,
    rule,
    scope,
    steady,
    threshold,
    too_many_days,
    uncanonical,
)
from attacks.kit_prover.forged_rounds import ALGORITHM, DOMAIN, Known, at_row, batch_of_one, fixed
from attacks.kit_prover.judging import CRASH, Forgery, plain
from attacks.kit_prover.liar import Liar
from attacks.kit_prover.targets import Lenient, lie, shows, told
from support.credential import honest

from algebra.interface import P, R
from history.v2.thresholds import LAYOUT
from prover.srs import multiple_of_g2
from verifier.ceremonies import ceremony_ids
from verifier.key import GENERATOR_G2

OTHER_G2 = coordinates(multiple_of_g2(12345))
"""[tau]_2 of no known tau."""

_false = plain(lambda: shows(*told(Liar(), "bus", lie("bus"))))
_point, _read, _key = (
    "verifier.proof.parse_proof.point: ",
    "verifier.verify.read: ",
    "verifier.key.VerifyingKey.",
)
_json, _number = f"{_key}from_json: ", f"{_key}from_json.number: "
_place, _word = "policies.place.Place.__post_init__: ", "policies.abi._word: "
_words = "verifier.statement.statement_words: "
_value, _rule = (
    "verifier.loader.StatementReader.value: ",
    "circuits.credential.v2.statement.derive: require_less ",
)
_handler = f"{_json}except (KeyError, TypeError, ValueError)"
_in_domain = (fixed("xi", DOMAIN),)
_steps = "verify_steps(loader, key.circuit, key.slots, plan=key.plan, interpret=loader.interpret)"

CHECKS: dict[str, Forgery] = {
    # the bytes of a proof
    "verifier.proof.parse_proof: len(data) != shape.length": Forgery(
        plain(other_bytes, lambda proof: proof + b"\0")
    ),
    f"{_point}x >= P": Forgery(plain(uncanonical, "stage1", 0, P)),
    f"{_point}y >= P": Forgery(plain(uncanonical, "stage1", 1, P)),
    f"{_point}(y * y - x * x * x - 3) % P": Forgery(plain(no_bits)),
    "verifier.proof.parse_proof: value >= R": Forgery(plain(uncanonical, "values", 2, R)),
    f"{_read}not isinstance(proof, bytes | bytearray | memoryview)": Forgery(
        plain(other_bytes, list)
    ),
    # the public words
    f"{_read}len(words) != len(key.circuit.statement)": Forgery(
        lambda _: credential(honest(), [*honest().statement, 7])
    ),
    f"{_read}not isinstance(word, int)": Forgery(
        plain(bad_words, lambda w: (w[0], float(w[1]))), expect=CRASH
    ),
    f"{_read}0 <= word": Forgery(plain(first_word, -R), also=(f"{_value}0 <= word",), expect=CRASH),
    f"{_read}word < 1 << 256": Forgery(
        plain(first_word, 1 << 256), also=(f"{_value}word < R",), expect=CRASH
    ),
    f"{_value}0 <= word": Forgery(plain(first_word, -R), also=(f"{_read}0 <= word",), expect=CRASH),
    f"{_value}word < R": Forgery(plain(first_word, R)),
    "verifier.loader.StatementReader.require_less: not _number(left) < _number(right)": Forgery(
        rule(3, lambda _: 0)
    ),
    f"{_rule}'the account is zero'": Forgery(rule(3, lambda _: 0)),
    f"{_rule}'the account is not an address'": Forgery(
        rule(3, lambda account: account + (1 << 160))
    ),
    f"{_rule}'the window has more than two days'": Forgery(rule(4, lambda days: days + (1 << 48))),
    f"{_rule}'the window has less than two days'": Forgery(one_day),
    f"{_rule}'the window has more than 366 days'": Forgery(
        too_many_days, expect="rejected.equation"
    ),
    f"{_rule}'a threshold word has unused bits'": Forgery(rule(5, lambda word: word + (1 << 252))),
    f"{_rule}'the mask has unused bits'": Forgery(rule(9, lambda word: word + (1 << 150))),
    f"{_rule}'a spare limb of the threshold words is set'": Forgery(
        rule(8, lambda word: word + (1 << 12 * 3))
    ),
    f"{_rule}f'no tier can ask for M{{metric}}'": Forgery(threshold("mask", 1 << 3)),
    f"{_rule}'M24 is asked of no day'": Forgery(threshold("worst_days", 0, no_loss)),
    f"{_rule}'M24 is asked of more days than there are'": Forgery(
        threshold("worst_days", 8, no_loss)
    ),
    f"{_rule}'M24 has no such mode'": Forgery(threshold("shortfall_mode", 3, no_loss)),
    f"{_rule}'M24 by volatility is asked without a feed'": Forgery(
        threshold("shortfall_mode", 2, no_loss_without_feed)
    ),
    f"{_rule}'the floor is zero'": Forgery(threshold("floor", 0)),
    f"{_rule}'the activity line is zero'": Forgery(
        threshold("activity", 0, lambda: steady(366, activity=1))
    ),
    f"{_rule}'M5 is above the near line'": Forgery(
        threshold(
            "near_line", LAYOUT["near_line"].offset + 2000, lambda: steady(7, [5], distance=3000)
        )
    ),
    f"{_rule}'the numbers of M8 do not increase'": Forgery(not_increasing(0)),
    # challenges and the equation
    f"{ALGORITHM}.verify_steps: require_nonzero 'xi is not in the domain'": Forgery(
        plain(at_row, 7, "recurrence", 0), given=_in_domain
    ),
    "verifier.loader.ProofLoader.require_nonzero: value.number == 0": Forgery(
        plain(at_row, 7, "recurrence", 0), given=_in_domain
    ),
    "verifier.loader.ProofLoader.inverse: require_nonzero 'a challenge meets a pole'": Forgery(
        plain(lambda: shows(*told(Known(xi=0), "bus"))), given=(fixed("xi", 0),), expect=CRASH
    ),
    f"{ALGORITHM}.verify_steps: "
    "L.require_pairing(L.sum(terms), L.points('opening_fold')[0])": Forgery(_false),
    f"verifier.verify.verify: {_steps}": Forgery(_false),
    f"verifier.batch.equation_of: {_steps}": Forgery(plain(batch_of_one), expect=CRASH),
    "verifier.loader.IntegerLoader.require_pairing: not self.algebra.pairing_check("
    "[(left, GENERATOR_G2), (negated(right), self.key.tau_g2)])": Forgery(_false),
    "verifier.batch.require_batch: error is not None": Forgery(plain(batch_of_one)),
    # keys
    f"{_key}load: except ValueError": Forgery(lambda _: no_json, expect=CRASH),
    f"{_number}not isinstance(text, str)": Forgery(
        plain(key_file, first_fixed(lambda x, y: [5, y]), sign=False),
        also=(_handler,),
        expect=CRASH,
    ),
    f'{_number}not re.fullmatch(r"0x[0-9a-f]{{1,64}}", text)': Forgery(
        plain(key_file, first_fixed(lambda x, y: [x.upper().replace("X", "x"), y]))
    ),
    f"{_number}value >= P": Forgery(
        plain(key_file, first_fixed(lambda x, y: [hex(int(x, 16) + P), y]), algebra=Lenient())
    ),
    f"{_json}require_format 'key'": Forgery(plain(key_file, put_field(format="another"))),
    f'{_json}type(data.get("version")) is not int': Forgery(
        plain(key_file, put_field(version=True))
    ),
    f'{_json}data["version"] != VERSION': Forgery(plain(key_file, put_field(version=2))),
    f"{_json}unknown": Forgery(plain(key_file, put_field(another=1))),
    f"{_json}type(data.get(name)) is not kind": Forgery(
        plain(key_file, put_field(slots="4")), expect=CRASH
    ),
    _handler: Forgery(
        plain(key_file, lambda data: {**data, "fixed": None}, sign=False), expect=CRASH
    ),
    f"{_json}1 <= key.slots": Forgery(
        plain(key_file, put_field(slots=0), sign=False), expect=CRASH
    ),
    f"{_json}key.slots <= 64": Forgery(plain(key_file, put_field(slots=65))),
    f"{_json}0 <= key.srs_id": Forgery(
        plain(key_file, put_field(srs_id="-1"), sign=False), expect=CRASH
    ),
    f"{_json}key.srs_id < 1 << 200": Forgery(
        plain(key_file, put_field(srs_id=f"{1 << 200:x}", tau_g2=OTHER_G2))
    ),
    f"{_json}len(fixed) != sum(pack.stage == FIXED for pack in packs(circuit, key.slots))": Forgery(
        plain(key_file, lambda data: {**data, "fixed": [*data["fixed"], ["0x1", "0x2"]]})
    ),
    f"{_json}key.digest.hex() != stated": Forgery(
        plain(key_file, first_fixed(lambda x, y: ["0x1", "0x2"]), sign=False)
    ),
    f"{_json}require_own_id(key.srs_id, key.tau_g2)": Forgery(
        plain(key_file, put_field(srs_id=f"{ceremony_ids()[0]:050x}"))
    ),
    f"{_key}__post_init__: self.tau_g2 == GENERATOR_G2": Forgery(
        plain(key_file, put_field(srs_id="1", tau_g2=coordinates(GENERATOR_G2)))
    ),
    f"{_key}__post_init__: None in self.fixed": Forgery(
        plain(key_file, put_field(fixed=[["0x0", "0x0"]]))
    ),
    f"{_json}except ValueError": Forgery(
        plain(key_file, first_fixed(lambda x, y: [x, "0x1"])), expect=CRASH
    ),
    # what a caller computes for itself
    f"{_place}check_address 'place: registry'": Forgery(scope(registry=f"0x{0:040x}")),
    f"{_place}0 < self.chain_id": Forgery(scope(chain_id=0)),
    f"{_place}self.chain_id < WORD_LIMIT": Forgery(
        scope(chain_id=1 << 256), expect="malformed.word"
    ),
    f"{_word}len(value) != 32": Forgery(scope(series_id=bytes(31))),
    f"{_word}0 <= value": Forgery(no_word(-1), expect=CRASH),
    f"{_word}value < WORD_LIMIT": Forgery(no_word(1 << 256), expect=CRASH),
    f"{_words}1 <= value": Forgery(public_words(nullifier=0)),
    f"{_words}value < limit": Forgery(public_words(account=1 << 160)),
}

UNREACHABLE: dict[str, str] = {
    "verifier.batch.equation_of: loader.equation is None": "no input leads there: it says that "
    "the text of the steps is broken"
}
"""Checks that guard the code against itself."""
