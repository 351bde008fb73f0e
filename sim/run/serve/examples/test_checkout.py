# SPDX-License-Identifier: Apache-2.0
"""A pytest of a shop, which asks Parallax what its pipeline kept of an order.

    SHOP=http://127.0.0.1:3000 PARALLAX=http://127.0.0.1:8300 python3 -m pytest test_checkout.py
"""
import json
import os
import urllib.request
import uuid


def post(url, body):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=150) as answer:
        return json.load(answer)


class Oracle:
    def __init__(self, name):
        runs = os.environ["PARALLAX"] + "/v1/runs"
        self.run = runs + "/" + post(runs, {"name": name, "owns": {"rows_of": "declared_users"}})["run"]

    def declare(self, **action):
        post(self.run + "/actions", action)

    def check(self):
        verdict = post(self.run + "/settle", {})
        assert verdict["verdict"] == "pass", verdict["message"]


def test_an_order_is_one_row_with_its_amount():
    oracle, user, order = Oracle("order"), f"py-{uuid.uuid4()}", f"o-{uuid.uuid4()}"
    answer = post(os.environ["SHOP"] + "/buy", {"user": user, "order_id": order, "sku": "mug"})
    assert answer["paid"] == "12.50"
    oracle.declare(name="purchase", key="order_id", user=user, emits=["server"],
                   fields={"order_id": order, "revenue": {"amount": "12.50", "currency": "EUR"}})
    oracle.check()
