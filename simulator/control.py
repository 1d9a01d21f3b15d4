"""The control port: faults, prices, replays and what the simulator knows, as JSON."""

import re

from . import pins
from .faults import parse_fault
from .messages import Reply
from .text import Rejected, dump, load

ROUTES = ("GET /healthz, GET /endpoints, GET /settings, GET /state, GET /books, GET /faults, POST /faults, DELETE /faults, "
          "DELETE /faults/{id}, POST /prices, POST /replay")
NOTHING = Reply(204)


def parse_body(request):
    body = load(request.body)
    if body is None:
        raise Rejected("the body is not JSON")
    return body


class Control:
    def __init__(self, simulator):
        self.simulator = simulator
        self.faults = simulator.world.faults
        self.routes = {
            "GET /healthz": lambda request, now: {"status": "ok"},
            "GET /endpoints": lambda request, now: simulator.endpoints_report(),
            "GET /settings": lambda request, now: simulator.settings(),
            "GET /state": lambda request, now: simulator.state(),
            "GET /books": self.books,
            "GET /faults": self.list_faults,
            "POST /faults": self.post_fault,
            "POST /prices": self.post_prices,
            "POST /replay": self.post_replay,
        }

    def answer(self, request, now):
        """Bad input gives 400 with what is allowed."""
        try:
            route = self.routes.get(f"{request.method} {request.path}")
            if route:
                answer = route(request, now)
            elif request.method == "DELETE" and request.path.startswith("/faults"):
                answer = self.delete_faults(request.path.removeprefix("/faults").removeprefix("/"))
            else:
                answer = Reply(404, dump({"error": f"no such route; known: {ROUTES}"}))
            return answer if isinstance(answer, Reply) else Reply(200, dump(answer))
        except Rejected as rule:
            return Reply(400, dump({"error": str(rule)}))

    def books(self, request, now):
        since = request.query.get("since", "0")
        if not re.fullmatch(r"-?\d{1,18}", since, re.ASCII):
            raise Rejected('"since" is a time in milliseconds since 1970')
        return self.simulator.world.books.report(int(since), now)

    def list_faults(self, _request, now):
        return [fault.describe(number, now) for number, fault in self.faults.active(now).items()]

    def post_fault(self, request, now):
        world = self.simulator.world
        endpoints = self.simulator.endpoints
        fault = parse_fault(parse_body(request), endpoints, now, world.options.tls)
        number = self.faults.add(fault)
        endpoint = endpoints[fault.endpoint]
        if endpoint.kinds[fault.kind].at_once:
            self.faults.erase(number)
            endpoint.strike(fault, now)
        return Reply(201, dump({"id": number}))

    def delete_faults(self, number):
        if not number:
            self.faults.clear()
            return NOTHING
        if not number.isdecimal() or not self.faults.erase(int(number)):
            return Reply(404, dump({"error": f"no fault '{number}'"}))
        return NOTHING

    def post_prices(self, request, now):
        pins.apply(parse_body(request), self.simulator.world, self.simulator.venues, now)
        return NOTHING

    def post_replay(self, _request, now):
        replays = [venue.replay for venue in self.simulator.venues if venue.replay.tracks]
        if not replays:
            raise Rejected("there is nothing to replay: start with --replay FILE")
        for replay in replays:
            replay.start(now)
        return NOTHING
