"""The event, and the exchange and queues it travels through."""

import logging
import os
from datetime import datetime
from uuid import UUID

from faststream.rabbit import (
    Channel,
    ExchangeType,
    QueueType,
    RabbitBroker,
    RabbitExchange,
    RabbitQueue,
)
from pydantic import BaseModel

ITEM_ADDED = "item-added"
EVENTS = RabbitExchange("cart.events", type=ExchangeType.TOPIC, durable=True)
INVENTORY, RECOMMEND, NOTIFY = QUEUES = tuple(
    RabbitQueue(name, queue_type=QueueType.QUORUM, routing_key=ITEM_ADDED)
    for name in ("inventory", "recommend", "notify")
)


class ItemAdded(BaseModel):
    id: UUID
    cart: UUID
    sku: str
    quantity: int
    version: int
    time: datetime


def new_broker() -> RabbitBroker:
    return RabbitBroker(
        os.environ["RABBITMQ_URL"],
        # FastStream handles deliveries concurrently, up to the prefetch. Confirms are on by
        # default; an event that reaches no queue is to be an error for its publisher, too.
        default_channel=Channel(prefetch_count=200, on_return_raises=True),
        # The broker's access log: two lines a message, otherwise.
        log_level=logging.DEBUG,
    )


async def publish(broker: RabbitBroker, event: ItemAdded) -> None:
    """Publish the event, and return once RabbitMQ confirmed that every queue has it."""
    await broker.publish(
        event,
        exchange=EVENTS,
        routing_key=ITEM_ADDED,
        message_id=str(event.id),
        persist=True,
        mandatory=True,
    )


async def declare(broker: RabbitBroker) -> None:
    """Declare everything, so that events are kept for consumers which have yet to start."""
    exchange = await broker.declare_exchange(EVENTS)
    for queue in QUEUES:
        declared = await broker.declare_queue(queue)
        await declared.bind(exchange, routing_key=queue.routing())
