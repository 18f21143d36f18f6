"""Migrations: what they make, many that start at once, and versions that do not fit."""

from __future__ import annotations

import multiprocessing
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from support import first_migration
from support.project import ROOT

from service.audit.database import whole
from service.store import schema
from service.store.database import Database
from tests.service.store import store_world as world
from tests.service.store.store_world import POLICY, said

FORK = multiprocessing.get_context("fork")
SECOND = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("credentials", sa.Column("note", sa.Text(), nullable=True))
    op.execute("UPDATE credentials SET note = 'from before'")
    {last}


def downgrade() -> None:
    op.drop_column("credentials", "note")
"""


@pytest.fixture
def further(tmp_path: Path) -> Path:
    """The migrations, and one more."""
    return with_second(tmp_path / "further")


def with_second(folder: Path, last: str = "pass") -> Path:
    shutil.copytree(schema.MIGRATIONS, folder)
    (folder / "versions" / "v0002_second.py").write_text(SECOND.format(last=last))
    return folder


def version(database: Database) -> str | None:
    with database.reading() as session:
        return MigrationContext.configure(session.connection()).get_current_revision()


# ---- what they make ------------------------------------------------------------------------------
def test_the_migrations_make_the_tables_of_the_metadata(url: str) -> None:
    with closing(world.opened(url)) as store, store.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, schema.metadata()) == []


def test_every_part_with_tables_is_migrated() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / "service").glob("*/tables.py")}
    parts = {part.__name__.replace(".", "/") + ".py" for part in schema.PARTS}
    assert found == parts


def test_the_first_migration_is_as_it_is_written() -> None:
    """While there is no other: from then on the first stays as it is, and this test goes."""
    versions = first_migration.FILE.parent
    assert [path.name for path in versions.glob("v*.py")] == [first_migration.FILE.name]
    made = first_migration.formatted(first_migration.written())
    assert made == first_migration.FILE.read_text()


# ---- many at once (case 20) ----------------------------------------------------------------------
@pytest.mark.parametrize("processes", [8, 32])
def test_processes_that_start_at_once(url: str, processes: int) -> None:
    """On a database that nobody has made: one makes it, all of them have it."""
    start, answers = FORK.Barrier(processes), FORK.SimpleQueue()

    def begin() -> None:
        start.wait(60)

        def serve() -> None:
            with closing(world.opened(url)) as store:
                store.ping()

        answers.put(said(serve))

    children = [FORK.Process(target=begin, daemon=True) for _ in range(processes)]
    for child in children:
        child.start()
    found = Counter(answers.get() for _ in children)
    for child in children:
        child.join(60)
    assert found == {"done": processes} and {child.exitcode for child in children} == {0}


# ---- up and down, with data ----------------------------------------------------------------------
def test_up_and_down_with_data(url: str, further: Path) -> None:
    with closing(world.opened(url)) as store:
        world.fill(store)
        held = store.accept(POLICY, world.credential(5))
        schema.migrate(store.database, further)
        assert version(store.database) == "0002"
        with store.database.reading() as session:
            assert session.scalar(text("SELECT note FROM credentials")) == "from before"
        assert store.credential(5) == held
        schema.downgrade(store.database, "0001", further)
        assert version(store.database) == "0001" and store.credential(5) == held
        store.accept(POLICY, world.credential(6))
        with store.database.reading() as session:
            assert len(whole(session).entries) == 6
        schema.downgrade(store.database, "base")
        assert version(store.database) is None
        assert inspect(store.database.engine).get_table_names() == ["alembic_version"]
        schema.migrate(store.database)
        world.fill(store)


def test_a_migration_that_fails_leaves_all_as_it_was(url: str, tmp_path: Path) -> None:
    broken = with_second(tmp_path / "broken", "op.execute('no statement')")
    with closing(world.opened(url)) as store:
        world.fill(store)
        assert said(lambda: schema.migrate(store.database, broken)) == "unavailable.database"
        assert version(store.database) == "0001"
        columns = [
            each["name"] for each in inspect(store.database.engine).get_columns("credentials")
        ]
        assert "note" not in columns
        store.accept(POLICY, world.credential(5))


# ---- versions that do not fit --------------------------------------------------------------------
def required(database: Database, folder: Path = schema.MIGRATIONS) -> Callable[[], None]:
    def require() -> None:
        with database.reading() as session:
            schema.require_current(session, folder)

    return require


def test_a_database_of_a_later_version_is_refused(url: str, further: Path) -> None:
    with closing(world.opened(url)) as store:
        schema.migrate(store.database, further)
        assert said(required(store.database)) == "refused.database_ahead"
        assert said(lambda: schema.downgrade(store.database, "base")) == "refused.database_ahead"
        assert said(lambda: world.opened(url)) == "refused.database_ahead"
        assert version(store.database) == "0002"


def test_who_reads_refuses_a_database_of_an_earlier_version(url: str, further: Path) -> None:
    with closing(Database(url)) as database:
        assert said(required(database)) == "refused.database_behind"
        schema.migrate(database)
        assert said(required(database)) == "done"
        assert said(required(database, further)) == "refused.database_behind"


def test_tables_that_no_migration_made(url: str) -> None:
    with closing(Database(url)) as database:
        with database.writing() as session:
            session.execute(text("CREATE TABLE keys (mine INTEGER)"))
        assert said(lambda: schema.migrate(database)) == "refused.database_foreign"
        assert inspect(database.engine).get_table_names() == ["keys"]
