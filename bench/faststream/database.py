"""The connection pool, and the tables of every service."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import asyncpg

POOL_SIZE = 20

TABLES = """
CREATE SCHEMA IF NOT EXISTS cart;
CREATE TABLE IF NOT EXISTS cart.carts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token text NOT NULL,
    version integer NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS cart.lines (
    cart uuid REFERENCES cart.carts,
    sku text,
    quantity integer NOT NULL,
    PRIMARY KEY (cart, sku)
);
CREATE TABLE IF NOT EXISTS cart.idempotency_keys (
    cart uuid REFERENCES cart.carts,
    key text,
    PRIMARY KEY (cart, key)
);

CREATE SCHEMA IF NOT EXISTS inventory;
CREATE TABLE IF NOT EXISTS inventory.stock (sku text PRIMARY KEY, held bigint NOT NULL);

CREATE SCHEMA IF NOT EXISTS recommend;
CREATE TABLE IF NOT EXISTS recommend.carts (cart uuid PRIMARY KEY, skus text[] NOT NULL);

CREATE SCHEMA IF NOT EXISTS notify;
CREATE TABLE IF NOT EXISTS notify.mails (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    cart uuid NOT NULL,
    text text NOT NULL
);
""" + "".join(
    f"""
CREATE TABLE IF NOT EXISTS {service}.effects (
    event_id uuid PRIMARY KEY,
    cart uuid NOT NULL,
    sku text NOT NULL,
    quantity integer NOT NULL
);
"""
    for service in ("inventory", "recommend", "notify")
)


async def leave_as_is(_: asyncpg.Connection) -> None:
    """Spare the reset after each use, a round trip: nothing here changes a session's state."""


class Database:
    """A connection pool, opened when the application starts, in its event loop."""

    pool: asyncpg.Pool

    async def __aenter__(self) -> Self:
        self.pool = await asyncpg.create_pool(
            os.environ["DATABASE_URL"], min_size=POOL_SIZE, max_size=POOL_SIZE, reset=leave_as_is
        )
        async with self.transaction() as db:
            # IF NOT EXISTS alone is no protection from another process doing the same.
            await db.execute("SELECT pg_advisory_xact_lock(hashtext('tables'))")
            await db.execute(TABLES)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        async with self.pool.acquire() as db, db.transaction():
            yield db


database = Database()
