"""
For every check that `mutants.SERVICE` finds above the proof, a credential, request or registration
that it alone stops.
"""

from __future__ import annotations

from functools import partial

from attacks.kit_prover import api_checks, consents, verifying
from attacks.kit_prover.consents import DOMAIN
from attacks.kit_prover.desk import (
    CHAIN_ID,
    MEMBERS,
    OTHER_FILES,
    POLICY,
    REGISTRY,
    VALID_UNTIL,
    asks,
    body,
    calls,
    false,
    posts,
    registers,
    root_file,
    shows,
)
from attacks.kit_prover.desk_steps import (
    A_FILE,
    COPY_OF_THE_KEY,
    LONE,
    NOBODY,
    RESTORED,
    STOLEN,
    STRANGERS,
    TAKEN,
    Client,
    compares,
    feeds,
    file,
    fit_to_submit,
    for_nobody,
    is_ready,
    joins_files,
    members_of,
    on_chain,
    onboards,
    puts,
    quorum,
    reads_files,
    recovers,
    root_of,
    rule_files,
    serves_everybody,
    set_of,
    sql,
    starts_unscoped,
    submits,
)
from attacks.kit_prover.disclosing import another_record, discloses, repeats_record
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.keeping import STORE
from attacks.kit_prover.onboarding_requests import ONBOARDINGS
from support.credential import FIRST_DAY

from algebra.interface import R
from attestor.generations import as_json
from attestor.signatures import SECP256K1_ORDER
from policies.attestor_set import MAX_GENERATIONS
from policies.signed_root import RootDomain
from verifier.ceremonies import ceremony_ids

SECOND = 1
LIMIT = 64 * 1024
ZERO_ADDRESS = "0x" + 40 * "0"


# -- one for each check ----------------------------------------------------------------------------
_request = "service.api.request"
_app, _service = "service.api.app.", "service.api.service.Service."
_credential = "service.api.credentials.credential: "
_address = "policies.address."
_body = "service.api.body.BodyCap."
_signature, _signed = "attestor.signatures.", "policies.signed_root."
_message, _domain = (f"{_signed}{name}.__post_init__: " for name in ("Root", "RootDomain"))
_set, _generation = (
    f"policies.attestor_set.{name}.__post_init__: " for name in ("AttestorSet", "Generation")
)
_files_made, _files_read, _files_joined = (
    f"policies.rule_files.RuleFiles.{name}: " for name in ("__post_init__", "parse", "together")
)
_set_rule, _root_rule = "policies.rules: SET_RULES ", "policies.rules: ROOT_RULES "
_quorum, _handovers = "attestor.quorum.verify_quorum: ", "attestor.generations."
_signers = f"{_handovers}signers_of: "
_check = "attestor.root_file.RootFile.check: "
_fed = "attestor.root_file.RootFile.check_feed: "
_documents = "tierproof.documents."
_credential_file = "policies.credential_file.CredentialFile.parse: "
_root_file = "attestor.root_file.RootFile.parse: "
_disclosed = "tierproof.disclosure.DisclosureFile."
_attestors_file = f"{_documents}load_attestors: "
_verify, _batch, _files = (
    "tierproof.verification.verify: ",
    "tierproof.verification.verify_batch: ",
    "tierproof.verification.",
)
_chain, _serving = "tierproof.onchain.", "tierproof.serving."
_client, _listing = "contracts.client.", "contracts.client.order.Listing.check"

CHECKS: dict[str, Forgery] = {
    # the form of a request: one credential, one request
    f'{_request}.parse_hex32: not re.fullmatch(r"0x[0-9a-fA-F]{{64}}", text, re.ASCII)': stops(
        lambda m: m.request.parse_hex32("0x1", "nullifier")
    ),
    **api_checks.CHECKS,
    **STORE,
    **verifying.CHECKS,
    # bodies
    f"{_body}__call__: self._check_stated_length(scope, limit)": stops(
        posts(content_length=str(LIMIT + 1))
    ),
    f"{_body}_check_stated_length: not value.isdigit()": stops(
        posts(content_length="many"), expect=CRASH
    ),
    f"{_body}_check_stated_length: len(value) > 18": stops(posts(content_length=f"{1:019}")),
    f"{_body}_check_stated_length: int(value) > limit": stops(posts(content_length=str(LIMIT + 1))),
    f"{_body}__call__: _check_framing(scope)": stops(posts(transfer_encoding="chunked")),
    "service.api.body._check_framing: TWO_LENGTHS <= names": stops(
        posts(transfer_encoding="chunked")
    ),
    f"{_body}_read: length > limit": stops(posts(lambda: iter([body(), b" " * LIMIT]))),
    # the service
    f"{_service}load_keys: hex32(key.digest) != digest": stops(asks(before=sql(COPY_OF_THE_KEY))),
    f"{_service}key: key is None": stops(asks(key_digest=f"0x{5:064x}"), expect=CRASH),
    f"{_service}key: reason := why_not(key.srs_id, self.settings.server.allow_setup)": stops(
        asks(config={"allow_setup": None})
    ),
    f"{_service}facts: file.tier >= len(policy.tiers)": stops(asks(tier=2), expect=CRASH),
    f"{_service}check: standing is not None and not credential.follows(standing)": stops(
        asks(partial(body, false), replayed=True), expect="rejected.equation"
    ),
    f"{_app}create_app: check_scopes(resource.router)": stops(starts_unscoped),
    **ONBOARDINGS,
    # what is not ready, or was put back from a backup
    "service.store.credentials.accept: require_released(session)": stops(
        asks(before=sql(RESTORED))
    ),
    "service.store.store.Store.require_released: require_released(session)": stops(
        is_ready(before=sql(RESTORED))
    ),
    f"{_service}require_keys: all(why_not(key.srs_id, allowed) for key in self._keys.values())": (
        stops(is_ready(allow_setup=None))
    ),
    "service.api.health.ready: missing": stops(is_ready(before=sql(RESTORED))),
    f"{_credential}1 <= value": stops(
        calls(lambda client: client.get(f"/v1/credentials/0x{0:064x}")), expect="unknown.credential"
    ),
    f"{_credential}value < R": stops(
        calls(lambda client: client.get(f"/v1/credentials/0x{R:064x}")), expect="unknown.credential"
    ),
    f"{_credential}found is None": stops(
        calls(lambda client: client.get(f"/v1/credentials/0x{1:064x}")), expect=CRASH
    ),
    # signatures
    f"{_signature}recover: len(signature) != SIGNATURE_BYTES": stops(
        recovers(lambda r, s, v: (r, s, v), b"\0")
    ),
    f"{_signature}recover: 0 < r": stops(
        recovers(lambda r, s, v: (0, s, v)), expect="rejected.signature"
    ),
    f"{_signature}recover: r < SECP256K1_ORDER": stops(
        recovers(lambda r, s, v: (SECP256K1_ORDER, s, v)), expect="rejected.signature"
    ),
    f"{_signature}recover: 0 < s": stops(
        recovers(lambda r, s, v: (r, 0, v)), expect="rejected.signature"
    ),
    f"{_signature}recover: s <= SECP256K1_ORDER // 2": stops(
        recovers(lambda r, s, v: (r, SECP256K1_ORDER - s, 55 - v))
    ),
    f"{_signature}recover: v not in (27, 28)": stops(recovers(lambda r, s, v: (r, s, v - 27))),
    f"{_signature}recover: key is None": stops(recovers(lambda r, s, v: (5, s, v)), expect=CRASH),
    # addresses
    f"{_address}check_address: _LOWER.fullmatch(address) is None": stops(
        lambda m: m.address.check_address(REGISTRY.upper().replace("X", "x"), "registry")
    ),
    f"{_address}check_address: int(address, 16) == 0": stops(
        lambda m: m.address.check_address(ZERO_ADDRESS, "registry")
    ),
    f"{_address}address: not isinstance(value, str)": stops(
        lambda m: m.address.address(5, "registry"), expect=CRASH
    ),
    f"{_address}address: _ANY_CASE.fullmatch(value) is None": stops(
        lambda m: m.address.address("0x1234", "registry")
    ),
    f"{_address}address: digits not in (lower, digits.upper(), spelled)": stops(
        lambda m: m.address.address("0x" + "aB" * 20, "registry")
    ),
    # attestor sets and the roots that they sign
    "policies.rules.check: not rule.holds(subject)": stops(root_of(root=0)),
    f"{_generation}check_address 'attestor set: member'": stops(
        members_of((ZERO_ADDRESS,), 1), also=(f"{_set_rule}least step between members least",)
    ),
    f"{_generation}check 'attestor set'": stops(members_of((REGISTRY,), 0)),
    f"{_set}_NAME.fullmatch(self.name) is None": stops(set_of(*MEMBERS.generations, name="a b")),
    f"{_set}1 <= len(self.generations)": stops(set_of()),
    f"{_set}len(self.generations) <= MAX_GENERATIONS": stops(
        set_of(*MEMBERS.generations, *[TAKEN] * MAX_GENERATIONS)
    ),
    f"{_set}bool(each.handover) != (i > 0)": stops(set_of(*MEMBERS.generations * 2)),
    f"{_set_rule}number of members greatest": stops(
        members_of(tuple(f"0x{i:040x}" for i in range(1, 34)), 17)
    ),
    f"{_set_rule}threshold least": stops(members_of((REGISTRY,), 0)),
    f"{_set_rule}threshold greatest": stops(members_of((REGISTRY,), 2)),
    f"{_set_rule}least step between members least": stops(members_of((REGISTRY, REGISTRY), 2)),
    f"{_domain}check_address 'root: registry'": stops(
        lambda m: m.signed_root.RootDomain(1, ZERO_ADDRESS)
    ),
    f"{_domain}0 < self.chain_id": stops(lambda m: m.signed_root.RootDomain(0, REGISTRY)),
    f"{_domain}self.chain_id < WORD_LIMIT": stops(
        lambda m: m.signed_root.RootDomain(1 << 256, REGISTRY)
    ),
    f"{_message}len(self.attestor_set) != 32": stops(root_of(attestor_set=b"x")),
    f"{_message}not any(self.attestor_set)": stops(root_of(attestor_set=bytes(32))),
    f"{_message}check 'root'": stops(root_of(root=0)),
    f"{_signed}Root.check_submittable: check 'root'": stops(fit_to_submit),
    f"{_root_rule}root least": stops(root_of(root=0)),
    f"{_root_rule}root greatest": stops(root_of(root=R)),
    f"{_root_rule}generation least": stops(root_of(generation=0)),
    f"{_root_rule}generation greatest": stops(root_of(generation=1 << 32)),
    f"{_root_rule}first_day least": stops(root_of(first_day=-1)),
    f"{_root_rule}first_day greatest": stops(root_of(first_day=3)),
    f"{_root_rule}last_day greatest": stops(root_of(last_day=1 << 16)),
    f"{_root_rule}valid_until least": stops(root_of(valid_until=-1)),
    f"{_root_rule}valid_until greatest": stops(root_of(valid_until=1 << 64)),
    f"{_root_rule}feed least": stops(root_of(feed=0)),
    f"{_root_rule}feed greatest": stops(root_of(feed=R)),
    f"{_root_rule}rules least": stops(root_of(rules=bytes(32))),
    f"{_message}len(self.rules) != 32": stops(root_of(rules=b"x")),
    f"{_files_made}len(self.files) > MAX_FILES": stops(
        rule_files(*((f"marks/{number:03}", bytes(32)) for number in range(257)))
    ),
    f"{_files_made}_NAME.fullmatch(name) is None": stops(rule_files(("rules/a", bytes(32)))),
    f"{_files_made}len(digest) != 32": stops(rule_files(("marks/a", bytes(31)))),
    f"{_files_made}after <= before": stops(
        rule_files(("marks/a", bytes(32)), ("marks/a", bytes(32)))
    ),
    f"{_files_joined}found.setdefault(name, digest) != digest": stops(
        joins_files((("margin/a", bytes(32)),), (("margin/a", b"\1" * 32),))
    ),
    f"{_files_read}not isinstance(value, list)": stops(reads_files({})),
    f"{_files_read}not isinstance(item, dict)": stops(
        reads_files([["name", "digest"]]), expect=CRASH
    ),
    f'{_files_read}set(item) != {{"name", "digest"}}': stops(reads_files([{**A_FILE, "more": 1}])),
    f'{_files_read}not isinstance(item["name"], str)': stops(
        reads_files([{**A_FILE, "name": 5}]), expect=CRASH
    ),
    f"{_files_read}not isinstance(digest, str)": stops(
        reads_files([{**A_FILE, "digest": 5}]), expect=CRASH
    ),
    f"{_files_read}_DIGEST.fullmatch(digest) is None": stops(
        reads_files([{**A_FILE, "digest": "0x" + "AA" * 32}])
    ),
    f"{_quorum}root.attestor_set != attestor_set.id": stops(
        quorum(0, 1, attestor_set=STRANGERS.id)
    ),
    f"{_quorum}root.generation != attestor_set.generation": stops(quorum(0, 1, generation=2)),
    f"{_quorum}check_handovers(attestor_set)": stops(quorum(3, members=STOLEN)),
    f"{_signers}len(signatures) < generation.threshold": stops(quorum(0)),
    f"{_signers}signers and signer <= signers[-1]": stops(quorum(0, 0)),
    f"{_signers}signer not in generation.members": stops(quorum(*sorted([0, 3]))),
    # files
    f"{_credential_file}keys 'proof'": stops(file("CredentialFile.load", puts(more=1))),
    f"{_credential_file}file.header(FORMAT, VERSION)": stops(
        file("CredentialFile.load", puts(format="another"))
    ),
    f"{_credential_file}len(proof) > MAX_PROOF_BYTES": stops(
        file("CredentialFile.load", puts(proof="0x" + "00" * 32_769))
    ),
    f"{_root_file}keys 'signatures'": stops(file("RootFile.load", puts(more=1))),
    f"{_root_file}file.header(FORMAT, VERSION)": stops(
        file("RootFile.load", puts(format="another"))
    ),
    f"{_root_file}keys 'last'": stops(file("RootFile.load", puts("days", more=1))),
    f"{_handovers}child: part.keys(*NAMES)": stops(
        file("RootFile.load", puts("attestor_set", more=1))
    ),
    f"{_handovers}_generation: keys 'handover'": stops(
        file("RootFile.load", puts("attestor_set", "generations", 0, more=1))
    ),
    f"{_handovers}parse: check_handovers(made)": stops(
        file("load_attestors", puts(generations=as_json(STOLEN)["generations"]))
    ),
    f"{_root_file}keys 'registry'": stops(file("RootFile.load", puts("domain", more=1))),
    # records shown to an auditor
    f"{_disclosed}load: file.header(FORMAT, VERSION)": stops(
        file("DisclosureFile.load", puts(format="another"))
    ),
    f"{_disclosed}load: keys 'proof'": stops(file("DisclosureFile.load", puts(more=1))),
    f"{_disclosed}load: keys 'record'": stops(
        file("DisclosureFile.load", puts("records", 0, more=1))
    ),
    f"{_disclosed}load: 0 < len(shown)": stops(file("DisclosureFile.load", puts(records=[]))),
    f"{_disclosed}load: len(shown) <= MAX_SHOWN": stops(
        file("DisclosureFile.load", repeats_record(1_001)),
        also=(f"{_disclosed}load: list(rows) != sorted(set(rows))",),
    ),
    f"{_disclosed}load: list(rows) != sorted(set(rows))": stops(
        file("DisclosureFile.load", repeats_record(2))
    ),
    f"{_disclosed}load: Records.decode(list(words)).check()": stops(
        file("DisclosureFile.load", puts("records", 0, record="0x" + "ff" * 21))
    ),
    "tierproof.disclosure._point: not isinstance(pair, list)": stops(
        file("DisclosureFile.load", puts(proof=[5, 5])), expect=CRASH
    ),
    "tierproof.disclosure._point: len(pair) != 2": stops(
        file("DisclosureFile.load", puts(proof=[["0x" + "00" * 32] * 3] * 2)), expect=CRASH
    ),
    f"{_disclosed}check: reason := why_not(key.srs_id, allow_setup)": stops(
        discloses(allowed=False)
    ),
    f"{_disclosed}check: self.leaf.srs_id != key.srs_id": stops(discloses(srs_id=7)),
    f"{_disclosed}check: not shown.follows(attestor_set) and not attestor_set.follows(shown)": (
        stops(discloses(STRANGERS))
    ),
    f"{_disclosed}check: domain is not None and self.root.domain != domain": stops(
        discloses(domain=RootDomain(1, REGISTRY))
    ),
    f"{_disclosed}check: self.leaf.first_day != signed.first_day": stops(
        discloses(root={"first_day": FIRST_DAY - 1})
    ),
    f"{_disclosed}check: self.leaf.last_day != signed.last_day": stops(
        discloses(root={"last_day": POLICY.last_day + 1})
    ),
    f"{_disclosed}check: verify_records_opening(self.leaf.commitment, 1 << self.leaf.size_class, "
    "self.rows, self.words, self.proof, key.tau_g2, algebra)": stops(
        lambda m: discloses(words=another_record())(m)
    ),
    f"{_disclosed}check: verify_path(signed.root, self.leaf.digest(), self.index, self.path)": (
        stops(discloses(index=0))
    ),
    f"{_disclosed}check: verify_quorum(signed, self.root.domain, self.root.signatures, shown)": (
        stops(discloses(root={"signers": (0,)}))
    ),
    f"{_attestors_file}file.header(ATTESTORS_FORMAT, VERSION)": stops(
        file("load_attestors", puts(version=2))
    ),
    f"{_attestors_file}file.keys('format', 'version', *generations.NAMES)": stops(
        file("load_attestors", puts(more=1))
    ),
    f"{_check}self.attestor_set.id != policy.attestor_set": stops(
        shows(root={"members": LONE, "signers": (3,)})
    ),
    f"{_check}not any(policy.attestor_set)": stops(
        shows(for_nobody, policy=NOBODY, policy_id=NOBODY.policy_id),
        also=(f"{_check}self.attestor_set.id != policy.attestor_set",),
    ),
    f"{_check}self.domain != domain": stops(shows(root={"domain": (CHAIN_ID + 1, REGISTRY)})),
    f"{_check}self.root.first_day != policy.first_day": stops(
        shows(root={"first_day": FIRST_DAY - 1})
    ),
    f"{_check}self.root.last_day != policy.last_day": stops(
        shows(root={"last_day": POLICY.last_day + 1})
    ),
    f"{_check}self.files.rules != self.root.rules": stops(shows(root={"rules": b"\1" * 32})),
    f"{_check}not policy.accepts(self.files, self.root.feed)": stops(
        shows(root={"files": OTHER_FILES})
    ),
    f"{_check}self.root.valid_until < now": stops(shows(now=VALID_UNTIL + SECOND)),
    f"{_check}verify_quorum(self.root, self.domain, self.signatures, self.attestor_set)": stops(
        shows(root={"signers": ()})
    ),
    f"{_fed}feed.first_day != self.root.first_day": stops(feeds(root={"first_day": FIRST_DAY - 1})),
    f"{_fed}feed.last_day != self.root.last_day": stops(
        feeds(root={"last_day": POLICY.last_day + 1})
    ),
    f"{_fed}(feed.name, feed.digest) not in self.files.files": stops(
        feeds(root={"files": OTHER_FILES})
    ),
    f"{_fed}feed.feed.digest() != self.root.feed": stops(feeds(root={"feed": 5})),
    # verification of files
    f"{_verify}_require_ceremony(key, allow_setup)": stops(shows(allow=False)),
    f"{_verify}_require_quorum(root, policy, place, now)": stops(shows(root={"signers": (0,)})),
    f"{_verify}_require_root(credential, root)": stops(shows(root={"root": 7})),
    f"{_verify}verify_proof(key, words, credential.proof, algebra=algebra)": stops(shows(false)),
    f"{_batch}_require_ceremony(key, allow_setup)": stops(shows(allow=False, batch=True)),
    f"{_batch}_require_quorum(root, policy, place, now)": stops(
        shows(root={"signers": (0,)}, batch=True)
    ),
    f"{_batch}_require_root(credential, root)": stops(shows(root={"root": 7}, batch=True)),
    f"{_files}_require_ceremony: reason := why_not(key.srs_id, allow_setup)": stops(
        shows(allow=False)
    ),
    f"{_files}_statement: credential.policy_id != policy.policy_id": stops(
        shows(policy_id=bytes(32))
    ),
    f"{_files}_statement: credential.tier >= len(policy.tiers)": stops(shows(tier=2), expect=CRASH),
    f"{_files}_statement: credential.key_digest != key.digest": stops(shows(key_digest=bytes(32))),
    f"{_files}_statement: credential.srs_id != key.srs_id": stops(shows(srs_id=ceremony_ids()[0])),
    f"{_files}_statement: credential.chain_id != place.chain_id": stops(
        shows(chain_id=CHAIN_ID + 1)
    ),
    f"{_files}_statement: credential.registry != place.registry": stops(
        shows(registry="0x" + "ac" * 20)
    ),
    f"{_files}_require_quorum: root.check(policy=policy, domain=place.domain, now=now)": stops(
        shows(root={"signers": (0,)})
    ),
    f"{_files}_require_root: root.root.root != credential.root": stops(shows(root={"root": 7})),
    # the protocol's own steps
    **consents.CHECKS,
    f"{_listing}: self.policy.attestor_set != self.attestor_set.id": stops(on_chain(STRANGERS)),
    f"{_listing}: PolicyRegistration(self.policy, ()).check()": stops(on_chain(tiers=())),
    f"{_chain}register_policy: listing.check()": stops(on_chain(STRANGERS)),
    f"{_client}registered._compare: _require_same('policy', found, expected)": stops(
        compares(tiers=1)
    ),
    f"{_client}registered._require_same: differing": stops(compares(first_day=0)),
    f'{_client}registered.check_policy: held["disabled_at"]': stops(compares(disabled_at=1)),
    f'{_client}registered.check_policy: not held["serial"]': stops(compares(serial=0)),
    f"{_client}registered.has_series: _require_same('series', held, "
    "{name: getattr(series, name) for name in names})": stops(
        lambda m: m.registered.has_series(Client(), POLICY.series)
    ),
    f"{_chain}submit_root: root.root.check_submittable()": stops(submits),
    f"{_chain}onboarding_of: credential.policy_id != policy.policy_id": stops(
        onboards(policy_id=bytes(32))
    ),
    f"{_chain}onboarding_of: credential.tier >= len(policy.tiers)": stops(
        onboards(tier=2), expect=CRASH
    ),
    f"{_chain}onboarding_of: given.require_for(client.domain, claim.account, claim.nullifier, "
    "policy.series.id)": stops(
        onboards(lambda m: m.grant_consent_file.SignedConsent(consents.made(m), DOMAIN, bytes(65)))
    ),
    "service.registration.register_root.quorum: "
    "verify_quorum(signed, domain, signatures, root.attestor_set)": stops(
        registers(lambda m, store: m.serving.register_root(store, root_file(m, (0,))))
    ),
    f"{_serving}serve: require_keys(taken, store.database)": stops(serves_everybody),
    f"{_serving}service_app.check: verify_proof(key, statement, proof, algebra=algebra)": stops(
        asks(partial(body, false))
    ),
}

UNREACHABLE = {
    f"{_chain}onboard_batch: except Rejected": "the registry has refused; it says whose proof it is"
}
"""Checks that something else stands before."""
