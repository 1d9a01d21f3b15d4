"""Postgres and the service crash, freeze and return: what was served is written once, or its loss is counted."""

import json
import random
import re
import signal
import tempfile
import threading
import time
import unittest

from history_stack import (AWAY, BACK, HISTORY, OVERFLOWS, SECOND, STATE, HistoryTest, course_at, moment, now, second_of,
                           wait_for_history, wait_until)
from stack import DIRECTIONS, Poller, call

NEVER_ANSWERED = 10  # seconds, instead of the two-second limit of a query, since the machine may be slow
LEFT = r"history: stopped before all rows were written, unwritten_rows=(\d+)"
BINANCE_ALONE = {
    "venues": {"binance": {"symbols": {"BTCUSDT": {"pair": "BTC/USDT"}, "USDCUSDT": {"pair": "USDC/USDT"}}}},
    "exchangers": ["binance"],
    "same_as": {"USDTTRC": "USDT", "USDTERC": "USDT", "USDC": "USD"},
    "directions": [
        {"direction": "USDTTRC-USD", "allowance": "none", "binance": "1 / USDCUSDT"},
        {"direction": "USDTERC-USD", "allowance": "none", "binance": "1 / USDCUSDT"},
        *({"direction": f"{coin}-USD", "allowance": "none", "binance": f"{coin}USDT / USDCUSDT"}
          for coin in ("BTC", "ETH", "SOL", "BNB", "XRP", "EUR")),
    ],
}


class ArchiveTest(HistoryTest):
    def check_written(self, postgres, witness, lost_after=None):
        """All that the witness saw is there, but for what was still in memory when the service ended.

        Returns how many series-seconds were seen, how many rows agree with what was served, and how many
        series-seconds are lost, all of them later than `lost_after`.
        """
        rows = postgres.rows(witness.exchanger)
        seen = witness.changed_seconds()
        missing = seen - {(row.direction, row.second) for row in rows}
        lost = {each for each in missing if lost_after is not None and each[1] > lost_after}
        self.assertEqual(sorted((moment(second), direction) for direction, second in missing - lost)[:10], [])
        agreed, differing = witness.compare(rows)
        self.assertEqual(differing[:2], [], "row, served")
        return len(seen), agreed, len(lost)

    def attention(self, witness):
        """The share of series-seconds that the witness can confirm."""
        whole = len({second_of(time_ms) for time_ms in witness.times}) - 2
        self.assertGreater(whole, 0)
        return len(witness.changed_seconds()) / (whole * len(witness.directions()))

    def ask_for_history(self, service):
        """The response status, which must arrive in time."""
        asked_at = time.monotonic()
        status, _, body = call("GET", service.url + HISTORY, limit=NEVER_ANSWERED)
        if status != 200:
            self.assertEqual(status, 503, body)
            self.assertTrue(json.loads(body)["detail"])
        return status, time.monotonic() - asked_at

    def count_answers(self, service):
        poller = Poller(service.courses_url, lambda *_: None)
        poller.start()
        self.addCleanup(poller.stop)
        return poller


class KillsTest(ArchiveTest):
    """`kill -9` of the service and of Postgres in turn, while courses change continuously."""

    def live(self, postgres):
        """A service and its witness."""
        service = self.start(postgres.url)
        witness = self.watch(service)
        service.wait_for_courses(8, exchanger="binance")
        return service, witness

    def make_trouble(self, postgres, trouble, chance):
        """Mostly in the middle of a batch: the service writes when a second is over."""
        time.sleep(1 - time.time() % 1 + chance.uniform(0.01, 0.15))
        getattr(postgres, trouble)()
        time.sleep(chance.uniform(0.0, 3.0))
        postgres.thaw() if trouble == "freeze" else postgres.start()

    def kill_service(self, service, witness):
        service.stop(signal.SIGKILL)
        witness.stop()

    def test_nothing_is_written_twice_and_nothing_is_missing_that_was_in_memory(self):
        postgres, chance = self.make_postgres(), random.Random(20261123)
        lives = []
        for troubles in (("kill", "freeze"), ("kill", "kill"), ("stop", "kill")):
            service, witness = self.live(postgres)
            for trouble in troubles:
                self.make_trouble(postgres, trouble, chance)
                written = self.wait_until_written(postgres, now() + 2 * SECOND)
            self.kill_service(service, witness)
            lives.append((witness, written))

        # Postgres first, then the service: exactly the rows in memory are lost.
        service, witness = self.live(postgres)
        written = self.wait_until_written(postgres, now())
        gone_at = now()
        postgres.kill()
        wait_until(lambda: now() > gone_at + 2 * SECOND, "two seconds in memory only")
        self.kill_service(service, witness)
        lives.append((witness, written))

        service, witness = self.live(postgres)
        postgres.start()
        self.wait_until_written(postgres, now() + 3 * SECOND)
        self.assertEqual(service.stop(), 0)
        witness.stop()
        lives.append((witness, None))

        self.assertEqual(postgres.primary_key("quote_packs"), ["venue", "second"])
        self.assertEqual(postgres.twice_written(), [])
        counts = [self.check_written(postgres, *life) for life in lives]
        for each, _ in lives:
            self.assertGreater(self.attention(each), 0.5)
        minutes, hours = self.assert_candles_are_right(postgres)
        seen, agreed, lost = zip(*counts)
        self.assertGreater(sum(agreed), 0)
        print(f"Postgres killed 5 times, stopped, frozen, the service killed 4 times: {sum(seen)} series-seconds seen, "
              f"none missing but {' + '.join(map(str, lost[:4]))} not yet written when the service was killed; "
              f"{sum(agreed)} rows agree with what was served; {postgres.count_quotes()} rows, none twice; "
              f"{minutes} minutes and {hours} hours remade")


class OverflowTest(ArchiveTest):
    def test_rows_that_are_missing_are_those_that_the_log_counted(self):
        postgres = self.make_postgres()
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(BINANCE_ALONE, file)
            file.flush()
            service = self.start(postgres.url, HISTORY_QUEUE="100", MARKETS_FILE=file.name)
        service.wait_for_courses(8, exchanger="binance")
        witness = self.watch(service, every=0.02)
        self.wait_until_written(postgres, now())
        begun_at = now()
        postgres.kill()
        service.wait_for_line(OVERFLOWS, limit=120)
        postgres.start()
        back = service.wait_for_line(BACK)
        back_at = now()
        self.wait_until_written(postgres, back_at + 2 * SECOND)
        self.assertEqual(service.stop(), 0)
        witness.stop()

        there = {(row.direction, row.second) for row in postgres.rows("binance")}
        seconds = range(second_of(begun_at) - SECOND, second_of(back_at) + SECOND, SECOND)
        absent = {(direction, second) for second in seconds for direction in witness.directions()} - there
        # A second in which the witness saw no change may have had nothing to write.
        missing = absent & witness.changed_seconds()
        lost = int(back.group(2))
        print(f"{lost} rows lost as the log says, {len(missing)} missing in the table, beside {len(absent - missing)} "
              f"which may never have been; {back.group(1)} had waited; {len(there)} rows")
        self.assertGreater(lost, 0)
        self.assertLessEqual(len(missing), lost)
        self.assertGreaterEqual(len(absent), lost)
        self.assertGreater(len(missing), 0.8 * lost, "the witness slept")
        told = [line for line in service.lines if re.search(STATE, line)]
        self.assertEqual(len(told), 3, told)
        for line, pattern in zip(told, (AWAY, OVERFLOWS, BACK)):
            self.assertRegex(line, pattern)
        self.assert_candles_are_right(postgres)


class AwayTest(ArchiveTest):
    def test_without_a_database_history_says_that_it_keeps_none(self):
        service = self.start()
        service.wait_for_courses(8, exchanger="binance")
        for path in (HISTORY, course_at("BTC-USD", now())):
            self.assertEqual(self.problem(service, path), "This service keeps no history: it runs without a database.")
        self.assertEqual(self.answer(service, "/api/v2/courses/BTC-USD")["course"]["state"], "fresh")

    def test_postgres_comes_after_the_service(self):
        postgres = self.make_postgres()
        postgres.stop()
        service = self.start(postgres.url)
        witness = self.watch(service)
        service.wait_for_line(AWAY)
        service.wait_for_courses(8, exchanger="binance")
        for path in (HISTORY, "/api/v2/courses/BTC-USD?at=2026-01-01T00:00:00Z"):
            self.problem(service, path)
        waited_from = now()
        wait_until(lambda: now() > waited_from + 5 * SECOND, "rows that wait")
        postgres.start()
        back = service.wait_for_line(BACK)
        wait_for_history(service)
        self.assertEqual(service.stop(), 0)
        witness.stop()
        seen, agreed, _ = self.check_written(postgres, witness)
        earliest = min(row.second for row in postgres.rows("binance"))
        self.assertLess(earliest, waited_from, "what was served before Postgres came is there too")
        self.assertEqual(sum(bool(re.search(STATE, line)) for line in service.lines), 2)
        self.assertEqual(back.group(2), "0")
        print(f"{seen} series-seconds seen and none missing, {agreed} rows agree; {back.group(1)} had waited")

    def test_a_postgres_that_never_answers_does_not_keep_the_service_from_serving(self):
        postgres = self.make_postgres()
        postgres.freeze()
        service = self.start(postgres.url)
        service.wait_for_courses(8, exchanger="binance")
        status, took = self.ask_for_history(service)
        self.assertEqual(status, 503)
        took_to_stop = self.stop_in_time(service)
        postgres.thaw()
        print(f"frozen from the start: 503 after {took:.1f} s, stopped after {took_to_stop:.1f} s")

    def stop_in_time(self, service):
        begun_at = time.monotonic()
        status = service.stop(limit=15)
        self.assertEqual(status, 0, "\n".join(service.lines[-10:]))
        return time.monotonic() - begun_at

    def test_frozen_postgres_delays_no_course_and_loses_no_row(self):
        postgres = self.make_postgres()
        service = self.start(postgres.url)
        witness = self.watch(service)
        service.wait_for_courses(8, exchanger="binance")
        self.wait_until_written(postgres, now())
        poller = self.count_answers(service)
        slowest = self.freeze_and_ask(postgres, service)
        poller.stop()
        self.assertEqual((poller.statuses.keys(), poller.failures), ({200}, []))
        postgres.thaw()
        wait_for_history(service)
        self.wait_until_written(postgres, now())
        self.assertEqual(service.stop(), 0, "\n".join(service.lines[-10:]))
        witness.stop()
        seen, agreed, _ = self.check_written(postgres, witness)
        self.assertEqual(postgres.twice_written(), [])
        self.assert_candles_are_right(postgres)
        print(f"frozen: courses {poller.statuses}, 40 questions at once all 503, the slowest after {slowest:.1f} s; "
              f"thawed: {seen} series-seconds seen and none missing, {agreed} rows agree")

    def freeze_and_ask(self, postgres, service):
        """Sends more queries than may wait; returns the time of the slowest response."""
        postgres.freeze()
        frozen_at = time.monotonic()
        answers = []
        askers = [threading.Thread(target=lambda: answers.append(self.ask_for_history(service))) for _ in range(40)]
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        self.assertEqual({status for status, _ in answers}, {503})
        self.assertEqual(len(answers), 40)
        # Longer than the limit of a batch, so that the service drops its connection.
        wait_until(lambda: time.monotonic() > frozen_at + 13, "13 s")
        self.assertEqual(self.ask_for_history(service)[0], 503)
        service.wait_for_line(AWAY)
        return max(took for _, took in answers)

    def test_an_orderly_stop_without_postgres_ends_in_time_and_says_what_is_lost(self):
        for how in ("freeze", "kill"):
            with self.subTest(how):
                postgres = self.make_postgres()
                service = self.start(postgres.url)
                witness = self.watch(service)
                service.wait_for_courses(8, exchanger="binance")
                self.wait_until_written(postgres, now())
                gone_at = now()
                getattr(postgres, how)()
                wait_until(lambda: now() > gone_at + 2 * SECOND, "rows that wait")
                took = self.stop_in_time(service)
                witness.stop()
                postgres.thaw() if how == "freeze" else postgres.start()
                left = int(service.wait_for_line(LEFT).group(1))
                lost = self.check_written(postgres, witness, gone_at - 4 * SECOND)[2]
                self.assertLessEqual(lost, left)
                self.assertEqual(postgres.twice_written(), [])
                self.assert_candles_are_right(postgres)
                print(f"{how}: stopped {took:.1f} s after the signal, {left} rows lost as the log says, {lost} or more "
                      f"are missing, {postgres.count_quotes()} there")
                postgres.close()

    def test_an_orderly_stop_writes_what_is_left(self):
        postgres = self.make_postgres()
        service = self.start(postgres.url)
        witness = self.watch(service)
        service.wait_for_courses(8, exchanger="binance")
        self.wait_until_written(postgres, witness.since + 5 * SECOND)
        self.assertEqual(service.stop(), 0)
        witness.stop()
        seen, agreed, _ = self.check_written(postgres, witness)
        changes = postgres.query("select venue, reason from active_changes order by at")
        self.assertEqual(changes[-1], ["", "stopped"])
        self.assertEqual({direction for direction, _ in witness.changed_seconds()}, set(DIRECTIONS))
        last = max(row.recorded_at for row in postgres.rows("binance"))
        self.assertGreater(last, witness.times[-1] - SECOND, "the last second too")
        print(f"{seen} series-seconds up to the last and none missing, {agreed} rows agree, {len(changes)} changes")


if __name__ == "__main__":
    unittest.main()
