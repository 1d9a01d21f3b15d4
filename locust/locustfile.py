"""Exchanger sites and desks that ask Kurs for its courses, and believe nothing: see checks.py.

Each user has a connection of its own, asks about once a second, and counts as a failure what a client must not get.
"""

import random
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone

from locust import FastHttpUser, between, events, runners, task

from checks import DIRECTIONS, Wrong, check_version_1, check_version_2

# Debian's package does not know its own version, and its master sends such workers away as older than 2.0.
runners.__version__ = runners.__version__ or "2.24.0"


COURSES = "/api/v1/courses"
PINNED = "coingecko"  # the one that stays when Binance is cut


@events.test_start.add_listener
def wake_the_pinned_exchanger(environment, **_):
    """One that only stands by is asked rarely, until somebody names it: docs/api.md."""
    for _ in range(40):
        try:
            return urllib.request.urlopen(f"{environment.host}{COURSES}?exchanger={PINNED}", timeout=5).close()
        except urllib.error.URLError:
            time.sleep(0.25)


@events.quitting.add_listener
def fail_without_requests(environment, **_):
    if environment.stats.total.num_requests == 0:
        environment.process_exit_code = 1


class Client(FastHttpUser):
    wait_time = between(0.4, 1.4)
    network_timeout = 5
    connection_timeout = 5

    newest_version = 0
    etag = None

    @task(5)
    def poll_all_courses(self):
        """As a site does that shows them all: it spares the body where nothing has changed."""
        headers = {"If-None-Match": self.etag} if self.etag else None
        with self.client.get(COURSES, headers=headers, catch_response=True) as response:
            if response.status_code == 304:
                return judge(response, lambda: None, status=304)
            judge(response, lambda: check_version_1(response.text))
            self.etag = response.headers.get("ETag") if response.status_code == 200 else None

    @task(2)
    def ask_one_direction(self):
        direction = random.choice(DIRECTIONS)
        with self.client.get(
            f"{COURSES}?direction={direction}", name=f"{COURSES}?direction=", catch_response=True
        ) as response:
            judge(response, lambda: check_version_1(response.text, [direction]))

    @task(1)
    def ask_a_pinned_exchanger(self):
        with self.client.get(f"{COURSES}?exchanger={PINNED}", catch_response=True) as response:
            judge(response, lambda: check_version_1(response.text, exchanger=PINNED))

    @task(2)
    def follow_version_2(self):
        sent_at = datetime.now(timezone.utc)
        with self.client.get("/api/v2/courses", catch_response=True) as response:
            received_at = datetime.now(timezone.utc)
            judge(response, lambda: self.check_progress(response.text, sent_at, received_at))

    def check_progress(self, body, sent_at, received_at):
        version = check_version_2(body, sent_at, received_at)["version"]
        before, self.newest_version = self.newest_version, max(version, self.newest_version)
        if version < before:
            raise Wrong("v2: the version went backwards")


def judge(response, check, status=200):
    if response.status_code != status:
        return response.failure(f"status {response.status_code}")
    try:
        check()
    except Wrong as wrong:
        return response.failure(str(wrong))
    response.success()
