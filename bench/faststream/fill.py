"""Fill the queues, for consumers to drain: python fill.py N"""

import asyncio
import sys
from datetime import UTC, datetime
from uuid import UUID, uuid4

import uvloop

from topology import ItemAdded, declare, new_broker, publish

ADDITIONS_A_CART = 10
SKUS = 1000
UNCONFIRMED = 200


async def main(count: int) -> None:
    broker = new_broker()
    carts: list[UUID] = [uuid4() for _ in range(0, count, ADDITIONS_A_CART)]
    numbers = iter(range(count))

    async def publish_some() -> None:
        for number in numbers:
            event = ItemAdded(
                id=uuid4(),
                cart=carts[number // ADDITIONS_A_CART],
                sku=f"SKU-{number % SKUS + 1:04}",
                quantity=1,
                version=number % ADDITIONS_A_CART + 1,
                time=datetime.now(UTC),
            )
            await publish(broker, event)

    async with broker:
        await broker.start()
        await declare(broker)
        await asyncio.gather(*(publish_some() for _ in range(UNCONFIRMED)))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
