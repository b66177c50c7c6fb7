"""Shoppers who add to their carts until they are told to stop (SIGTERM), each addition with a key until it is acknowledged.

    python3 shoppers.py URL SKU SHOPPERS

Prints, as JSON, how many carts and additions there were, and of how many pieces.
"""

import http.client
import json
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

URL, SKU, SHOPPERS = sys.argv[1], sys.argv[2], int(sys.argv[3])
# An address gets twenty mails an hour.
ADDITIONS = 10

stop = threading.Event()
lock = threading.Lock()
totals = {"carts": 0, "additions": 0, "pieces": 0, "repeated": 0}
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def post(path, body, headers):
    """Sends until it is acknowledged; what may have taken effect is sent again with the same key."""
    data = json.dumps(body).encode()
    while True:
        request = urllib.request.Request(URL + path, data, {"Content-Type": "application/json", **headers})
        try:
            with direct.open(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code not in (408, 429):
                raise SystemExit(f"{path}: {error.code} {error.read().decode()}")
        except (OSError, http.client.HTTPException):
            pass
        with lock:
            totals["repeated"] += 1
        time.sleep(0.2)


def shop():
    while not stop.is_set():
        key = {"Idempotency-Key": str(uuid.uuid4())}
        cart = post("/carts", {"shopper": {"email": f"{uuid.uuid4().hex}@example.test"}}, key)
        with lock:
            totals["carts"] += 1
        for number in range(1, ADDITIONS + 1):
            headers = {"Authorization": f"Bearer {cart['token']}", "Idempotency-Key": f"addition {number}"}
            post(f"/carts/{cart['id']}/items", {"sku": SKU, "quantity": number}, headers)
            with lock:
                totals["additions"] += 1
                totals["pieces"] += number
            if stop.is_set():
                return
            time.sleep(0.1)


signal.signal(signal.SIGTERM, lambda *_: stop.set())
threads = [threading.Thread(target=shop) for _ in range(SHOPPERS)]
for thread in threads:
    thread.start()
for thread in threads:
    while thread.is_alive():
        thread.join(0.2)
print(json.dumps(totals))
