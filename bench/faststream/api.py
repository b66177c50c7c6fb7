"""The carts' HTTP API: python -m uvicorn api:app"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from secrets import compare_digest, token_urlsafe
from typing import Annotated
from uuid import UUID, uuid4

import asyncpg
from fastapi import Depends, FastAPI, Header, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from database import database
from topology import ItemAdded, declare, new_broker, publish

broker = new_broker()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with database, broker:
        await broker.start()
        await declare(broker)
        yield


app = FastAPI(lifespan=lifespan)


Bearer = Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]


class NewCart(BaseModel):
    id: UUID
    token: str


class Addition(BaseModel):
    sku: str = Field(min_length=1, max_length=64)
    quantity: int = Field(ge=1, le=1000)


class Line(BaseModel):
    sku: str
    quantity: int


class Cart(BaseModel):
    id: UUID
    version: int
    lines: list[Line]


@app.get("/health/ready")
async def ready() -> Response:
    try:
        connected = await broker.ping(timeout=1) and await database.pool.fetchval("SELECT true")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connected = False
    return Response(status_code=200 if connected else 503)


@app.post("/carts", status_code=201)
async def create_cart() -> NewCart:
    token = token_urlsafe()
    cart = await database.pool.fetchval(
        "INSERT INTO cart.carts (token) VALUES ($1) RETURNING id", token
    )
    return NewCart(id=cart, token=token)


@app.post("/carts/{cart}/items")
async def add_item(
    cart: UUID,
    addition: Addition,
    bearer: Bearer,
    idempotency_key: Annotated[str, Header(max_length=200)],
) -> Cart:
    async with database.transaction() as db:
        row = await db.fetchrow(
            "SELECT token, version FROM cart.carts WHERE id = $1 FOR UPDATE", cart
        )
        if row is None or not compare_digest(row["token"].encode(), bearer.credentials.encode()):
            raise HTTPException(404, "no such cart, or not its token")
        version = row["version"]

        new = await db.fetchval(
            "INSERT INTO cart.idempotency_keys (cart, key) VALUES ($1, $2)"
            " ON CONFLICT DO NOTHING RETURNING true",
            cart,
            idempotency_key,
        )
        if new:
            await db.execute(
                "INSERT INTO cart.lines (cart, sku, quantity) VALUES ($1, $2, $3)"
                " ON CONFLICT (cart, sku)"
                " DO UPDATE SET quantity = lines.quantity + excluded.quantity",
                cart,
                addition.sku,
                addition.quantity,
            )
            version = await db.fetchval(
                "UPDATE cart.carts SET version = version + 1 WHERE id = $1 RETURNING version", cart
            )
        lines = await db.fetch(
            "SELECT sku, quantity FROM cart.lines WHERE cart = $1 ORDER BY sku", cart
        )

    if new:
        event = ItemAdded(
            id=uuid4(),
            cart=cart,
            sku=addition.sku,
            quantity=addition.quantity,
            version=version,
            time=datetime.now(UTC),
        )
        await publish(broker, event)

    return Cart(id=cart, version=version, lines=[Line(**line) for line in lines])
