"""Three replicas write the same history and exchange notes, while parts of the stack crash."""

import json
import re
import signal
import time
import unittest
from collections import defaultdict

from history_stack import AWAY, SECOND, HistoryTest, course_at, moment, now, wait_for_history, wait_until
from stack import call

from private_redis import PrivateRedis


# Milliseconds from one replica's record of a quote until another serves it, on a machine with other work.
REPLICATION_LAG = 500


class ReplicaHistoryTest(HistoryTest):
    def setUp(self):
        super().setUp()
        self.postgres = self.make_postgres()
        self.redis = PrivateRedis()
        self.addCleanup(self.redis.close)
        self.replicas = [self.start_replica() for _ in range(3)]
        self.wait_for_one_leader()
        for replica in self.replicas:
            replica.wait_for_courses(8, exchanger="binance")

    def start_replica(self, **settings):
        return self.start(self.postgres.url, REDIS_URL=self.redis.url, **settings)

    def leader(self):
        return next((replica for replica in self.replicas if replica.role() == "leader"), None)

    def follower(self):
        return next(replica for replica in self.replicas if replica.role() == "follower")

    def wait_for_one_leader(self):
        def is_settled():
            roles = sorted(str(replica.role()) for replica in self.replicas)
            return roles == ["follower"] * (len(roles) - 1) + ["leader"]
        wait_until(is_settled, "one leader, and followers")

    def wait_for_snapshot_late_in_a_second(self):
        """Waits for a snapshot saved late in a second. The leader saves one a second; when it is due, Redis is frozen for
        a moment, so that it and the next ones come later in their seconds."""
        def snapshot():
            return self.redis.call("HGET", "kurs:snapshot", "id")

        def is_late():
            before = snapshot()
            wait_until(lambda: snapshot() != before, "another snapshot", every=0.005)
            if 600 <= now() % SECOND < 950:
                return True
            time.sleep(0.9)
            self.redis.freeze()
            time.sleep(0.25)
            self.redis.thaw()
            return False
        wait_until(is_late, "a snapshot late in a second", every=0)

    def kill(self, replica):
        self.replicas.remove(replica)
        replica.child.kill()

    def wait_until_caught_up(self):
        """Waits until everything served by now is in Postgres."""
        self.wait_until_written(self.postgres, now() + 2 * SECOND)

    @staticmethod
    def wait_until_rows_wait(replica):
        wait_until(lambda: any(re.search(AWAY, line) for line in replica.lines), "rows that wait for Postgres")

    def check(self, witness, is_same_view=True):
        """Checks that no served row is missing, and that the rows equal what was served where all replicas served
        one board."""
        witness.stop()
        rows = self.postgres.rows(witness.exchanger)
        seen = witness.changed_seconds(lag=REPLICATION_LAG)
        missing = seen - {(row.direction, row.second) for row in rows}
        newest = self.postgres.newest_second()
        missing = sorted((moment(second), direction) for direction, second in missing if second <= newest)
        self.assertEqual(missing[:5], [], len(missing))
        agreed, differing = witness.compare(rows, lag=REPLICATION_LAG)
        if is_same_view:
            self.assertEqual(differing[:2], [], "row, served")
        series = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.second):
            series[row.venue, row.direction].append(row)
        # The same quote may come again after another: when a source is preferred again, or a dispute has ended.
        again = [(earlier, later) for each in series.values() for earlier, later in zip(each, each[1:])
                 if earlier.quote and earlier.quote == later.quote]
        self.assertEqual(again[:2], [], "the same quote in two seconds")
        print(f"{self.id().rpartition('.')[2]}: {len(seen)} series-seconds seen, none missing; "
              f"{agreed} of {len(rows)} rows compared and right; none twice in a row")

    def test_the_leader_is_killed(self):
        witness = self.watch(self.follower())
        self.wait_until_caught_up()
        self.kill(self.leader())
        self.wait_for_one_leader()
        self.wait_until_caught_up()
        self.check(witness)

    def test_the_leader_is_killed_and_leads_again_once_it_is_started(self):
        """It remembers nothing of what it had not written; the followers do.

        It dies late in a second, of which nothing has been written, and just after its snapshot, with which the next
        leader begins: a snapshot tells what is served, but not since when.
        """
        others = [replica for replica in self.replicas if replica is not self.leader()]
        witness = self.watch(others[0])
        self.wait_until_caught_up()
        self.wait_for_snapshot_late_in_a_second()
        self.kill(self.leader())
        restarted = self.start_replica()
        for replica in others:
            replica.child.send_signal(signal.SIGSTOP)
        wait_until(lambda: restarted.role() == "leader", "the one that was started leads")
        for replica in others:
            replica.child.send_signal(signal.SIGCONT)
        self.replicas.append(restarted)
        self.wait_for_one_leader()
        self.wait_until_caught_up()
        self.assertIs(self.leader(), restarted)
        self.check(witness)

    def test_followers_are_killed_while_postgres_is_away(self):
        leader = self.leader()
        witness = self.watch(leader)
        self.wait_until_caught_up()
        self.postgres.kill()
        self.wait_until_rows_wait(leader)
        self.kill(self.follower())
        self.kill(self.follower())
        self.postgres.start()
        self.wait_until_caught_up()
        self.check(witness)

    def test_redis_is_killed_while_postgres_is_away(self):
        leader = self.leader()
        witness = self.watch(leader)
        self.wait_until_caught_up()
        self.postgres.kill()
        self.wait_until_rows_wait(leader)
        self.redis.call("FLUSHALL")
        self.redis.kill()
        wait_until(lambda: {replica.role() for replica in self.replicas} == {"standalone"}, "all replicas are standalone")
        self.redis.start()
        self.wait_for_one_leader()
        self.postgres.start()
        self.wait_until_caught_up()
        self.check(witness, is_same_view=False)

    def test_a_replica_that_only_reads_answers_and_writes_nothing(self):
        reader = self.start_replica(HISTORY="read")
        wait_for_history(reader)
        self.wait_until_caught_up()
        at = now()
        self.wait_until_written(self.postgres, at + 5 * SECOND)
        answers = [self.answer(replica, course_at("BTC-USD", at)) for replica in (self.leader(), reader)]
        self.assertEqual(answers[0]["course"], answers[1]["course"])
        self.assertEqual(answers[0]["course"]["state"], "fresh", answers[0])
        for replica in list(self.replicas):
            self.replicas.remove(replica)
            replica.child.kill()
        wait_until(lambda: reader.role() == "leader", "the reader leads")
        written = self.postgres.count_quotes()
        reader.wait_for_courses(8, exchanger="binance")
        begun_at = now()
        wait_until(lambda: now() > begun_at + 3 * SECOND, "three seconds in which another would have written")
        self.assertEqual(self.postgres.count_quotes(), written)

    def test_an_orderly_restart_of_all_loses_nothing(self):
        first = self.leader()
        watched = self.replicas[-1] if self.replicas[-1] is not first else self.replicas[0]
        witness = self.watch(watched)
        self.wait_until_caught_up()
        for replica in [replica for replica in self.replicas if replica is not watched]:
            self.replicas.remove(replica)
            self.assertEqual(replica.stop(), 0)
            self.replicas.append(self.start_replica())
            self.wait_for_one_leader()
        self.wait_until_caught_up()
        self.check(witness)

    def test_followers_show_the_leaders_feeds_and_tell_it_whom_clients_name(self):
        def polls():
            return self.simulator.state()["requests"]["coingecko_rest"]

        def lines(replica):
            exchangers = json.loads(call("GET", replica.url + "/api/v2/exchangers")[2])["exchangers"]
            return [(line["name"], line["state"]) for each in exchangers for line in each["lines"]]

        leader, follower = self.leader(), self.follower()
        wait_until(lambda: lines(leader) and lines(follower) == lines(leader), "a follower shows the leader's feeds")
        self.assertTrue(polls())
        before = polls()
        call("GET", follower.url + "/api/v1/courses?exchanger=coingecko")
        wait_until(lambda: polls() > before, "CoinGecko is asked, since a follower's client names it", limit=90)


if __name__ == "__main__":
    unittest.main()
