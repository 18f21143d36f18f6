"""Every table, as `python -m tests.support.first_migration` writes them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_key_uses",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", "day", name=op.f("pk_api_key_uses")),
    )
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=80), nullable=False),
        sa.Column("daily", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_day", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_keys")),
    )
    op.create_table(
        "audit_anchors",
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint(
            "chain_id", "contract", "sender", "size", name=op.f("pk_audit_anchors")
        ),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoints")),
    )
    op.create_table(
        "audit_entries",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_time"), "audit_entries", ["time"], unique=False)
    op.create_table(
        "audit_nodes",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name=op.f("pk_audit_nodes")),
    )
    op.create_table(
        "ended_generations",
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attestor_set", "generation", name=op.f("pk_ended_generations")),
    )
    op.create_table(
        "follower",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("chain_id", sa.String(length=66), nullable=False),
        sa.Column("contract", sa.String(length=42), nullable=False),
        sa.Column("authority", sa.String(length=42), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("final", sa.BigInteger(), nullable=False),
        sa.Column("told_number", sa.BigInteger(), nullable=False),
        sa.Column("told_time", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("rewinds", sa.BigInteger(), nullable=False),
        sa.Column("trouble", sa.String(length=80), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_follower")),
    )
    op.create_table(
        "follower_announced",
        sa.Column("one", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("initial_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("taker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("maker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("max_leverage", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("validity_days", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.String(length=66), nullable=False),
        sa.Column("source", sa.String(length=42), nullable=False),
        sa.Column("decimals", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat", sa.BigInteger(), nullable=False),
        sa.Column("sequencer", sa.String(length=42), nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", "from_block", name=op.f("pk_follower_announced")),
    )
    op.create_index(
        op.f("ix_follower_announced_before_block"),
        "follower_announced",
        ["before_block"],
        unique=False,
    )
    op.create_table(
        "follower_blocks",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("parent", sa.String(length=66), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_follower_blocks")),
    )
    op.create_table(
        "follower_conduct",
        sa.Column("account", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("engine", sa.BigInteger(), nullable=False),
        sa.Column("rest_level", sa.BigInteger(), nullable=False),
        sa.Column("rest_until", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "from_block", name=op.f("pk_follower_conduct")),
    )
    op.create_index(
        op.f("ix_follower_conduct_before_block"), "follower_conduct", ["before_block"], unique=False
    )
    op.create_table(
        "follower_engines",
        sa.Column("engine", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("most_level", sa.BigInteger(), nullable=False),
        sa.Column("enabled_from", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=False),
        sa.Column("voided_from", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("engine", "from_block", name=op.f("pk_follower_engines")),
    )
    op.create_index(
        op.f("ix_follower_engines_before_block"), "follower_engines", ["before_block"], unique=False
    )
    op.create_index(
        op.f("ix_follower_engines_number"), "follower_engines", ["number"], unique=False
    )
    op.create_table(
        "follower_events",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("transaction", sa.String(length=66), nullable=False),
        sa.Column("topics", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_follower_events")),
    )
    op.create_index(op.f("ix_follower_events_block"), "follower_events", ["block"], unique=False)
    op.create_index(op.f("ix_follower_events_name"), "follower_events", ["name"], unique=False)
    op.create_table(
        "follower_generations",
        sa.Column("attestor_set", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.BigInteger(), nullable=False),
        sa.Column("enabled_from", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "attestor_set", "generation", "from_block", name=op.f("pk_follower_generations")
        ),
    )
    op.create_index(
        op.f("ix_follower_generations_before_block"),
        "follower_generations",
        ["before_block"],
        unique=False,
    )
    op.create_index(
        op.f("ix_follower_generations_serial"), "follower_generations", ["serial"], unique=False
    )
    op.create_table(
        "follower_grants",
        sa.Column("account", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("expiry", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("conduct_until", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("tier", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.BigInteger(), nullable=False),
        sa.Column("verifier", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("series", sa.String(length=66), nullable=False),
        sa.Column("nullifier", sa.String(length=66), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "from_block", name=op.f("pk_follower_grants")),
    )
    op.create_index(
        op.f("ix_follower_grants_before_block"), "follower_grants", ["before_block"], unique=False
    )
    op.create_table(
        "follower_held",
        sa.Column("account", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "subject", "from_block", name=op.f("pk_follower_held")),
    )
    op.create_index(
        op.f("ix_follower_held_before_block"), "follower_held", ["before_block"], unique=False
    )
    op.create_table(
        "follower_holders",
        sa.Column("series", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("nullifier", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=False),
        sa.Column("free_from_day", sa.BigInteger(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("root", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "series", "nullifier", "from_block", name=op.f("pk_follower_holders")
        ),
    )
    op.create_index(
        op.f("ix_follower_holders_account"), "follower_holders", ["account"], unique=False
    )
    op.create_index(
        op.f("ix_follower_holders_before_block"), "follower_holders", ["before_block"], unique=False
    )
    op.create_table(
        "follower_market",
        sa.Column("one", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("initial_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_from", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_to", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_since", sa.BigInteger(), nullable=False),
        sa.Column("taker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("maker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("max_leverage", sa.BigInteger(), nullable=False),
        sa.Column("factor_from", sa.BigInteger(), nullable=False),
        sa.Column("factor_to", sa.BigInteger(), nullable=False),
        sa.Column("factor_since", sa.BigInteger(), nullable=False),
        sa.Column("stale_at", sa.BigInteger(), nullable=False),
        sa.Column("alarms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=42), nullable=False),
        sa.Column("decimals", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat", sa.BigInteger(), nullable=False),
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.String(length=66), nullable=False),
        sa.Column("sequencer", sa.String(length=42), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", "from_block", name=op.f("pk_follower_market")),
    )
    op.create_index(
        op.f("ix_follower_market_before_block"), "follower_market", ["before_block"], unique=False
    )
    op.create_table(
        "follower_members",
        sa.Column("attestor_set", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("generation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("member", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("kind", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "attestor_set", "generation", "member", "from_block", name=op.f("pk_follower_members")
        ),
    )
    op.create_index(
        op.f("ix_follower_members_before_block"), "follower_members", ["before_block"], unique=False
    )
    op.create_table(
        "follower_pending",
        sa.Column("series", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("nullifier", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("ready_at", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.BigInteger(), nullable=False),
        sa.Column("contested_day", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "series", "nullifier", "from_block", name=op.f("pk_follower_pending")
        ),
    )
    op.create_index(
        op.f("ix_follower_pending_before_block"), "follower_pending", ["before_block"], unique=False
    )
    op.create_table(
        "follower_policies",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series", sa.String(length=66), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.BigInteger(), nullable=False),
        sa.Column("enabled_from", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=False),
        sa.Column("first_tier", sa.BigInteger(), nullable=False),
        sa.Column("tiers", sa.BigInteger(), nullable=False),
        sa.Column("verifiers", sa.String(length=66), nullable=False),
        sa.Column("max_age_days", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", "from_block", name=op.f("pk_follower_policies")),
    )
    op.create_index(
        op.f("ix_follower_policies_before_block"),
        "follower_policies",
        ["before_block"],
        unique=False,
    )
    op.create_index(
        op.f("ix_follower_policies_policy_id"), "follower_policies", ["policy_id"], unique=False
    )
    op.create_table(
        "follower_revoked",
        sa.Column("attestor_set", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "attestor_set", "root", "from_block", name=op.f("pk_follower_revoked")
        ),
    )
    op.create_index(
        op.f("ix_follower_revoked_before_block"), "follower_revoked", ["before_block"], unique=False
    )
    op.create_table(
        "follower_roles",
        sa.Column("role", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("account", sa.String(length=42), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("delay", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("role", "account", "from_block", name=op.f("pk_follower_roles")),
    )
    op.create_index(
        op.f("ix_follower_roles_before_block"), "follower_roles", ["before_block"], unique=False
    )
    op.create_table(
        "follower_roots",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("last_day", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("signers", sa.BigInteger(), nullable=False),
        sa.Column("grants", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("feed", sa.String(length=66), nullable=False),
        sa.Column("rules", sa.String(length=66), nullable=False),
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", "from_block", name=op.f("pk_follower_roots")),
    )
    op.create_index(
        op.f("ix_follower_roots_before_block"), "follower_roots", ["before_block"], unique=False
    )
    op.create_index(op.f("ix_follower_roots_root"), "follower_roots", ["root"], unique=False)
    op.create_table(
        "follower_series",
        sa.Column("series", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("least_days", sa.BigInteger(), nullable=False),
        sa.Column("max_age_days", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "from_block", name=op.f("pk_follower_series")),
    )
    op.create_index(
        op.f("ix_follower_series_before_block"), "follower_series", ["before_block"], unique=False
    )
    op.create_table(
        "follower_sets",
        sa.Column("attestor_set", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("latest", sa.BigInteger(), nullable=False),
        sa.Column("least_initial_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("cap", sa.BigInteger(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attestor_set", "from_block", name=op.f("pk_follower_sets")),
    )
    op.create_index(
        op.f("ix_follower_sets_before_block"), "follower_sets", ["before_block"], unique=False
    )
    op.create_table(
        "follower_switches",
        sa.Column("one", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=False),
        sa.Column("pause_free_from", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=False),
        sa.Column("successor", sa.String(length=42), nullable=False),
        sa.Column("notice", sa.BigInteger(), nullable=False),
        sa.Column("ceremonies", sa.Text(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one", "from_block", name=op.f("pk_follower_switches")),
    )
    op.create_index(
        op.f("ix_follower_switches_before_block"),
        "follower_switches",
        ["before_block"],
        unique=False,
    )
    op.create_table(
        "follower_tiers",
        sa.Column("serial", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("initial_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_margin_bp", sa.BigInteger(), nullable=False),
        sa.Column("taker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("maker_fee_centi_bp", sa.BigInteger(), nullable=False),
        sa.Column("max_leverage", sa.BigInteger(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("validity_days", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("thresholds", sa.Text(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("serial", "from_block", name=op.f("pk_follower_tiers")),
    )
    op.create_index(
        op.f("ix_follower_tiers_before_block"), "follower_tiers", ["before_block"], unique=False
    )
    op.create_index(op.f("ix_follower_tiers_policy"), "follower_tiers", ["policy"], unique=False)
    op.create_table(
        "follower_verifiers",
        sa.Column("verifier", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("enabled_from", sa.BigInteger(), nullable=False),
        sa.Column("disabled_at", sa.BigInteger(), nullable=False),
        sa.Column("key_digest", sa.String(length=66), nullable=False),
        sa.Column("srs_id", sa.String(length=66), nullable=False),
        sa.Column("ceremony", sa.Boolean(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("verifier", "from_block", name=op.f("pk_follower_verifiers")),
    )
    op.create_index(
        op.f("ix_follower_verifiers_before_block"),
        "follower_verifiers",
        ["before_block"],
        unique=False,
    )
    op.create_table(
        "follower_windows",
        sa.Column("series", sa.String(length=66), autoincrement=False, nullable=False),
        sa.Column("last_day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_day", sa.BigInteger(), nullable=False),
        sa.Column("at_start", sa.Boolean(), nullable=False),
        sa.Column("from_block", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("before_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "series", "last_day", "from_block", name=op.f("pk_follower_windows")
        ),
    )
    op.create_index(
        op.f("ix_follower_windows_before_block"), "follower_windows", ["before_block"], unique=False
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("held_until", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_idempotency_keys")),
    )
    op.create_index(
        op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False
    )
    op.create_table(
        "keys",
        sa.Column("digest", sa.String(length=66), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_keys")),
    )
    op.create_table(
        "onboardings",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("registry_address", sa.String(length=42), nullable=False),
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("nullifier", sa.String(length=66), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("gas_day", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=True),
        sa.Column("act", sa.String(length=16), nullable=True),
        sa.Column("expiry", sa.BigInteger(), nullable=True),
        sa.Column("ready_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_onboardings")),
        sa.UniqueConstraint(
            "chain_id",
            "registry_address",
            "policy_id",
            "tier",
            "nullifier",
            "account",
            "last_day",
            name=op.f(
                "uq_onboardings_chain_id_registry_address_policy_id_tier_nullifier_account_last_day"
            ),
        ),
        sa.UniqueConstraint("id", name=op.f("uq_onboardings_id")),
    )
    op.create_index(op.f("ix_onboardings_owner"), "onboardings", ["owner"], unique=False)
    op.create_index(op.f("ix_onboardings_state"), "onboardings", ["state"], unique=False)
    op.create_table(
        "policies",
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", name=op.f("pk_policies")),
    )
    op.create_table(
        "relayer_gas",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "who", name=op.f("pk_relayer_gas")),
    )
    op.create_table(
        "relayer_senders",
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("address", sa.String(length=42), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("next_nonce", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("chain_id", "address", name=op.f("pk_relayer_senders")),
    )
    op.create_table(
        "relayer_transactions",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requests", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("gas", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("hash", sa.String(length=66), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_relayer_transactions")),
        sa.UniqueConstraint(
            "chain_id",
            "sender",
            "nonce",
            name=op.f("uq_relayer_transactions_chain_id_sender_nonce"),
        ),
    )
    op.create_index(
        op.f("ix_relayer_transactions_state"), "relayer_transactions", ["state"], unique=False
    )
    op.create_table(
        "roots",
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("registry_address", sa.String(length=42), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("valid_until", sa.String(length=78), nullable=False),
        sa.Column("feed", sa.String(length=66), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "attestor_set", "root", "chain_id", "registry_address", name=op.f("pk_roots")
        ),
    )
    op.create_table(
        "service_restored",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_service_restored")),
    )
    op.create_table(
        "verdicts",
        sa.Column("digest", sa.String(length=66), nullable=False),
        sa.Column("nullifier", sa.String(length=66), nullable=False),
        sa.Column("key_digest", sa.String(length=66), nullable=False),
        sa.Column("scope", sa.String(length=66), nullable=False),
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("registry_address", sa.String(length=42), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_verdicts")),
    )
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=35), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_until", sa.BigInteger(), nullable=True),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
    )
    op.create_index(
        op.f("ix_webhook_events_created_at"), "webhook_events", ["created_at"], unique=False
    )
    op.create_table(
        "deployments",
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("registry_address", sa.String(length=42), nullable=False),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["policies.policy_id"], name=op.f("fk_deployments_policy_id")
        ),
        sa.PrimaryKeyConstraint(
            "policy_id", "chain_id", "registry_address", name=op.f("pk_deployments")
        ),
    )
    op.create_table(
        "relayer_signed",
        sa.Column("transaction", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=66), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("most_fee", sa.String(length=78), nullable=False),
        sa.Column("tip", sa.String(length=78), nullable=True),
        sa.Column("signed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transaction"],
            ["relayer_transactions.number"],
            name=op.f("fk_relayer_signed_transaction"),
        ),
        sa.PrimaryKeyConstraint("transaction", "attempt", name=op.f("pk_relayer_signed")),
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column(
            "place",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.String(length=36), nullable=False),
        sa.Column("endpoint_id", sa.String(length=35), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("claim", sa.String(length=32), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["webhook_events.id"], name=op.f("fk_webhook_deliveries_event_id")
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "event_id", "endpoint_id", name=op.f("uq_webhook_deliveries_event_id_endpoint_id")
        ),
    )
    op.create_index(
        "ix_webhook_deliveries_due", "webhook_deliveries", ["state", "due_at"], unique=False
    )
    op.create_index(
        "ix_webhook_deliveries_endpoint",
        "webhook_deliveries",
        ["endpoint_id", "place"],
        unique=False,
    )
    op.create_table(
        "credentials",
        sa.Column("nullifier", sa.String(length=66), nullable=False),
        sa.Column("digest", sa.String(length=66), nullable=False),
        sa.Column("key_digest", sa.String(length=66), nullable=False),
        sa.Column("scope", sa.String(length=66), nullable=False),
        sa.Column("policy_id", sa.String(length=66), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=42), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("attestor_set", sa.String(length=66), nullable=False),
        sa.Column("root", sa.String(length=66), nullable=False),
        sa.Column("chain_id", sa.String(length=78), nullable=False),
        sa.Column("registry_address", sa.String(length=42), nullable=False),
        sa.Column("accepted_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestor_set", "root", "chain_id", "registry_address"],
            ["roots.attestor_set", "roots.root", "roots.chain_id", "roots.registry_address"],
            name=op.f("fk_credentials_attestor_set_root_chain_id_registry_address"),
        ),
        sa.ForeignKeyConstraint(
            ["key_digest"], ["keys.digest"], name=op.f("fk_credentials_key_digest")
        ),
        sa.ForeignKeyConstraint(
            ["policy_id", "chain_id", "registry_address"],
            ["deployments.policy_id", "deployments.chain_id", "deployments.registry_address"],
            name=op.f("fk_credentials_policy_id_chain_id_registry_address"),
        ),
        sa.PrimaryKeyConstraint("nullifier", name=op.f("pk_credentials")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("credentials")
    op.drop_index("ix_webhook_deliveries_endpoint", table_name="webhook_deliveries")
    op.drop_index("ix_webhook_deliveries_due", table_name="webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_table("relayer_signed")
    op.drop_table("deployments")
    op.drop_index(op.f("ix_webhook_events_created_at"), table_name="webhook_events")
    op.drop_table("webhook_events")
    op.drop_table("webhook_endpoints")
    op.drop_table("verdicts")
    op.drop_table("service_restored")
    op.drop_table("roots")
    op.drop_index(op.f("ix_relayer_transactions_state"), table_name="relayer_transactions")
    op.drop_table("relayer_transactions")
    op.drop_table("relayer_senders")
    op.drop_table("relayer_gas")
    op.drop_table("policies")
    op.drop_index(op.f("ix_onboardings_state"), table_name="onboardings")
    op.drop_index(op.f("ix_onboardings_owner"), table_name="onboardings")
    op.drop_table("onboardings")
    op.drop_table("keys")
    op.drop_index(op.f("ix_idempotency_keys_created_at"), table_name="idempotency_keys")
    op.drop_table("idempotency_keys")
    op.drop_index(op.f("ix_follower_windows_before_block"), table_name="follower_windows")
    op.drop_table("follower_windows")
    op.drop_index(op.f("ix_follower_verifiers_before_block"), table_name="follower_verifiers")
    op.drop_table("follower_verifiers")
    op.drop_index(op.f("ix_follower_tiers_policy"), table_name="follower_tiers")
    op.drop_index(op.f("ix_follower_tiers_before_block"), table_name="follower_tiers")
    op.drop_table("follower_tiers")
    op.drop_index(op.f("ix_follower_switches_before_block"), table_name="follower_switches")
    op.drop_table("follower_switches")
    op.drop_index(op.f("ix_follower_sets_before_block"), table_name="follower_sets")
    op.drop_table("follower_sets")
    op.drop_index(op.f("ix_follower_series_before_block"), table_name="follower_series")
    op.drop_table("follower_series")
    op.drop_index(op.f("ix_follower_roots_root"), table_name="follower_roots")
    op.drop_index(op.f("ix_follower_roots_before_block"), table_name="follower_roots")
    op.drop_table("follower_roots")
    op.drop_index(op.f("ix_follower_roles_before_block"), table_name="follower_roles")
    op.drop_table("follower_roles")
    op.drop_index(op.f("ix_follower_revoked_before_block"), table_name="follower_revoked")
    op.drop_table("follower_revoked")
    op.drop_index(op.f("ix_follower_policies_policy_id"), table_name="follower_policies")
    op.drop_index(op.f("ix_follower_policies_before_block"), table_name="follower_policies")
    op.drop_table("follower_policies")
    op.drop_index(op.f("ix_follower_pending_before_block"), table_name="follower_pending")
    op.drop_table("follower_pending")
    op.drop_index(op.f("ix_follower_members_before_block"), table_name="follower_members")
    op.drop_table("follower_members")
    op.drop_index(op.f("ix_follower_market_before_block"), table_name="follower_market")
    op.drop_table("follower_market")
    op.drop_index(op.f("ix_follower_holders_before_block"), table_name="follower_holders")
    op.drop_index(op.f("ix_follower_holders_account"), table_name="follower_holders")
    op.drop_table("follower_holders")
    op.drop_index(op.f("ix_follower_held_before_block"), table_name="follower_held")
    op.drop_table("follower_held")
    op.drop_index(op.f("ix_follower_grants_before_block"), table_name="follower_grants")
    op.drop_table("follower_grants")
    op.drop_index(op.f("ix_follower_generations_serial"), table_name="follower_generations")
    op.drop_index(op.f("ix_follower_generations_before_block"), table_name="follower_generations")
    op.drop_table("follower_generations")
    op.drop_index(op.f("ix_follower_events_name"), table_name="follower_events")
    op.drop_index(op.f("ix_follower_events_block"), table_name="follower_events")
    op.drop_table("follower_events")
    op.drop_index(op.f("ix_follower_engines_number"), table_name="follower_engines")
    op.drop_index(op.f("ix_follower_engines_before_block"), table_name="follower_engines")
    op.drop_table("follower_engines")
    op.drop_index(op.f("ix_follower_conduct_before_block"), table_name="follower_conduct")
    op.drop_table("follower_conduct")
    op.drop_table("follower_blocks")
    op.drop_index(op.f("ix_follower_announced_before_block"), table_name="follower_announced")
    op.drop_table("follower_announced")
    op.drop_table("follower")
    op.drop_table("ended_generations")
    op.drop_table("audit_nodes")
    op.drop_index(op.f("ix_audit_entries_time"), table_name="audit_entries")
    op.drop_table("audit_entries")
    op.drop_table("audit_checkpoints")
    op.drop_table("audit_anchors")
    op.drop_table("api_keys")
    op.drop_table("api_key_uses")
