"""For every check of the service's store, what it alone stops (`mutants.SERVICE`)."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from attacks.kit_prover.desk import (
    CHAIN_ID,
    NOW,
    OTHER_FILES,
    POLICY,
    VALID_UNTIL,
    Step,
    asks,
    registers,
    root_file,
)
from attacks.kit_prover.desk_steps import (
    again,
    end_generation,
    later,
    of_generations,
    policy,
    revoke,
    root_row,
    sql,
    store_at,
    take,
)
from attacks.kit_prover.judging import CRASH, Forgery, stops
from attacks.kit_prover.mutants import Attempt, Verifier
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from support.credential import FIRST_DAY, world

SECOND = 1


# -- the database ----------------------------------------------------------------------------------
def at(url: str) -> Attempt:
    """A database of this URL is asked for; nothing is opened."""
    return lambda m: m.url.database_url(url)


def file_of(content: bytes) -> Attempt:
    """A store whose file holds something before."""

    def attempt(m: Verifier) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "s.sqlite"
            path.write_bytes(content)
            m.url.make_file(m.url.database_url(f"sqlite:///{path}"))

    return attempt


def in_a_folder_that_cannot_be_written(m: Verifier) -> None:
    """Root may write anywhere: the system is asked, and says no."""
    with TemporaryDirectory() as folder, patch("os.access", lambda *_: False):
        m.url.make_file(m.url.database_url(f"sqlite:///{folder}/s.sqlite"))


def while_another_writes(m: Verifier, store: Any) -> None:
    """The turn is another thread's, which does not give it back."""
    store.database._turn.acquire()
    with patch.object(m.database, "WAIT_SECONDS", 0.01):
        end_generation(m, store)


def while_another_changes(m: Verifier, store: Any) -> None:
    """The same, of a session that is asked for."""
    store.database._turn.acquire()
    with patch.object(m.database, "WAIT_SECONDS", 0.01), store.database.writing():
        pass


def fails_once(error: SQLAlchemyError) -> Step:
    """A transaction that the database refuses for good, and would take when asked again."""

    def step(m: Verifier, store: Any) -> None:
        errors = [error]

        def once(_: Any) -> None:
            if errors:
                raise errors.pop()

        store.database.transact(once)

    return step


def says(how: str) -> Step:
    """A statement that is none, in a session that reads or writes."""

    def step(m: Verifier, store: Any) -> None:
        with getattr(store.database, how)() as session:
            session.execute(text("no statement"))

    return step


def of_version(version: str, then: str = "migrate") -> Step:
    """A database whose tables are said to be of another version, or of none."""

    def step(m: Verifier, store: Any) -> None:
        said = f"UPDATE alembic_version SET version_num = '{version}'"
        sql(said if version else "DELETE FROM alembic_version")(m, store)
        if then == "migrate":
            m.schema.migrate(store.database)
        elif then == "downgrade":
            m.schema.downgrade(store.database, "base")
        else:
            with store.database.reading() as session:
                m.schema.require_current(session)

    return step


def unsigned(m: Verifier, store: Any) -> None:
    m.serving.register_root(store, root_file(m, (0,)))


def development_key(m: Verifier, store: Any) -> None:
    store.register_key(world().key.verifying)


_url, _database = "service.store.url.", "service.store.database.Database."
_schema = "service.store.schema."
_OPENING: dict[str, Forgery] = {
    f"{_url}database_url: except (ArgumentError, KeyError)": stops(
        at("no such database://"), expect=CRASH
    ),
    f'{_url}database_url: path in ("", ":memory:")': stops(at("sqlite:///:memory:")),
    f'{_url}database_url: path.startswith("file:")': stops(at("sqlite:///file:a")),
    f"{_url}database_url: url.query": stops(at("sqlite:////a?mode=ro")),
    f"{_url}database_url: url.host": stops(at("sqlite://a/b")),
    f"{_url}make_file: except OSError": stops(
        store_at(lambda folder: f"sqlite:///{folder}/none/s.sqlite"), expect=CRASH
    ),
    f'{_url}make_file: head not in (b"", _MAGIC)': stops(file_of(b"another file, of some length")),
    f"{_url}make_file: _require_writable(path.parent)": stops(in_a_folder_that_cannot_be_written),
    f"{_url}_require_writable: not os.access(folder, os.W_OK | os.X_OK)": stops(
        in_a_folder_that_cannot_be_written
    ),
    f"{_database}_transaction: not taken": stops(registers(while_another_changes)),
    f"{_database}transact: not taken": stops(registers(while_another_writes)),
    f"{_database}reading: except SQLAlchemyError": stops(registers(says("reading")), expect=CRASH),
    f"{_database}writing: except SQLAlchemyError": stops(registers(says("writing")), expect=CRASH),
    f"{_database}transact: isinstance(job.error, SQLAlchemyError)": stops(
        registers(fails_once(IntegrityError("", {}, Exception()))), expect=CRASH
    ),
    f"{_schema}_upgrade: _require_known(heads, script)": stops(
        registers(of_version("9")), expect=CRASH
    ),
    f"{_schema}downgrade.down: _require_known(_heads(session.connection()), script)": stops(
        registers(of_version("9", "downgrade")), expect=CRASH
    ),
    f"{_schema}_require_known: unknown": stops(registers(of_version("9")), expect=CRASH),
    f"{_schema}require_current: _require_known(heads, script)": stops(
        registers(of_version("9", "read")), expect="refused.database_behind"
    ),
    f"{_schema}require_current: heads != set(script.get_heads())": stops(
        registers(of_version("", "read"))
    ),
    f"{_schema}_upgrade: not heads and strangers": stops(
        registers(of_version("")), expect="unavailable.database"
    ),
}


# -- what it holds ---------------------------------------------------------------------------------
_policies, _keys, _roots = (f"service.store.{name}." for name in ("policies", "keys", "roots"))
_store, _credentials = "service.store.store.Store.", "service.store.credentials."
_accept, _register, _require = (
    f"{_credentials}accept: ",
    f"{_roots}register: ",
    f"{_roots}require: ",
)

STORE: dict[str, Forgery] = {
    **_OPENING,
    # policies and keys
    f"{_store}register_policy: policy.check_registrable()": stops(policy(tiers=())),
    f"{_policies}get: row is None": stops(asks(policy_id=f"0x{5:064x}"), expect=CRASH),
    f"{_policies}deployment: row is None": stops(asks(chain_id=CHAIN_ID + 1), expect=CRASH),
    f"{_store}register_key: keys.check_setup(key, allow_setup)": stops(registers(development_key)),
    f"{_keys}check_setup: reason := why_not(key.srs_id, allow_setup)": stops(
        registers(development_key)
    ),
    # roots
    f"{_store}register_root: quorum(signed, domain, signatures)": stops(registers(unsigned)),
    f"{_store}register_root: roots.check(signed, files, self.database.now)": stops(
        root_row(rules=b"\1" * 32)
    ),
    f"{_roots}check: files.rules != signed.rules": stops(root_row(rules=b"\1" * 32)),
    f"{_roots}check: signed.valid_until < now": stops(root_row(valid_until=NOW - 1)),
    f"{_register}each.revoked": stops(again(revoked=True)),
    f"{_register}not _ended(session, known)": stops(again(valid_until=VALID_UNTIL + 1)),
    f"{_register}_require_live(session, row)": stops(of_generations(1, ended=1)),
    f"{_register}_require_newest(session, row)": stops(of_generations(2, 1)),
    f"{_roots}_require_live: _ended(session, row)": stops(of_generations(1, ended=1)),
    f"{_roots}_require_newest: newest is not None and row.generation < newest": stops(
        of_generations(2, 1)
    ),
    f"{_roots}revoke: not known": stops(registers(revoke)),
    # what a request may rest on
    f"{_require}row is None": stops(asks(root={"root": 7}), expect=CRASH),
    f"{_require}row.first_day != policy.first_day": stops(asks(root={"first_day": FIRST_DAY - 1})),
    f"{_require}row.last_day != policy.last_day": stops(
        asks(root={"last_day": POLICY.last_day + 1})
    ),
    f"{_require}row.revoked": stops(asks(before=revoke)),
    f"{_require}_require_live(session, row)": stops(asks(before=end_generation)),
    f"{_require}not policy.accepts(_files(row), int(row.feed, 16))": stops(
        asks(root={"files": OTHER_FILES})
    ),
    f"{_require}int(row.valid_until) < now": stops(asks(before=later(VALID_UNTIL - NOW + SECOND))),
    # what is written
    f"{_accept}roots.require(session, policy, accepted.place, accepted.root, now)": stops(
        asks(during=revoke)
    ),
    f"{_accept}written is None": stops(asks(during=take())),
}
