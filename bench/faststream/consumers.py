"""The services behind the queues: faststream run consumers:inventory (or :recommend, :notify)"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from faststream import AckPolicy, FastStream
from faststream.rabbit import RabbitBroker

from database import database
from topology import EVENTS, INVENTORY, NOTIFY, RECOMMEND, ItemAdded, new_broker


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    async with database:
        yield


def service() -> tuple[RabbitBroker, FastStream]:
    broker = new_broker()
    return broker, FastStream(broker, lifespan=lifespan)


inventory_broker, inventory = service()
recommend_broker, recommend = service()
notify_broker, notify = service()


async def is_new(db: asyncpg.Connection, service: str, event: ItemAdded) -> bool:
    """Note the event as handled; false if it was already, as events may be delivered again."""
    return await db.fetchval(
        f"INSERT INTO {service}.effects (event_id, cart, sku, quantity) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING RETURNING true",
        event.id,
        event.cart,
        event.sku,
        event.quantity,
    )


# A message is acknowledged once its handler returned, which is after the commit, and goes back
# to its queue if the handler failed.


@inventory_broker.subscriber(INVENTORY, EVENTS, ack_policy=AckPolicy.NACK_ON_ERROR)
async def hold_stock(event: ItemAdded) -> None:
    async with database.transaction() as db:
        if await is_new(db, "inventory", event):
            await db.execute(
                "INSERT INTO inventory.stock (sku, held) VALUES ($1, $2)"
                " ON CONFLICT (sku) DO UPDATE SET held = stock.held + excluded.held",
                event.sku,
                event.quantity,
            )


@recommend_broker.subscriber(RECOMMEND, EVENTS, ack_policy=AckPolicy.NACK_ON_ERROR)
async def learn_taste(event: ItemAdded) -> None:
    async with database.transaction() as db:
        if await is_new(db, "recommend", event):
            await db.execute(
                "INSERT INTO recommend.carts (cart, skus) VALUES ($1, ARRAY[$2])"
                " ON CONFLICT (cart) DO UPDATE SET skus = carts.skus || excluded.skus",
                event.cart,
                event.sku,
            )


@notify_broker.subscriber(NOTIFY, EVENTS, ack_policy=AckPolicy.NACK_ON_ERROR)
async def write_mail(event: ItemAdded) -> None:
    async with database.transaction() as db:
        if await is_new(db, "notify", event):
            await db.execute(
                "INSERT INTO notify.mails (cart, text) VALUES ($1, $2)",
                event.cart,
                f"{event.quantity} of {event.sku} went into your cart.",
            )
