"""What became of the quotes that a client was shown in the table `quotes`, of each second's last one a row.

A quote was recorded after its newest price was observed, and before an answer showed it. If both are of one second,
then so is the record, and the table must have a row of that series and second, and none that was recorded before that
price was observed, for then a later quote is missing. Otherwise it is lost.

The same quote, told by the times and prices of its legs, belongs into one second: a row of another one doubles it.
A row that tells a quote otherwise than it was shown is wrong.
"""

from collections import Counter, namedtuple
from decimal import Decimal

SECOND = 1000  # all times are milliseconds

Row = namedtuple("Row", "second recorded_at value legs")
Lost = namedtuple("Lost", "exchanger direction observed_at recorded_at")  # of its newest price; of the second's row
Verdict = namedtuple("Verdict", "expected rows lost doubled wrong")

SELECT = """
select s.venue, s.direction, (extract(epoch from second) * 1000)::bigint,
       (extract(epoch from recorded_at) * 1000)::bigint, value,
       array_to_string(array(select (extract(epoch from t) * 1000)::bigint
                             from unnest(leg_observed_at) with ordinality as each (t, n) order by n), ' '),
       array_to_string(leg_prices, ' ')
from quotes as q join series as s on s.id = q.series_id
where second >= to_timestamp({} / 1000.0) and second < to_timestamp({} / 1000.0) and value is not null
"""
CANDLES_THAT_DIFFER = """
with remade as (
    select series_id, date_trunc('minute', second, 'UTC') as start, count(*) as count, max(value) as high,
           min(value) as low, (array_agg(value order by second))[1] as open,
           (array_agg(value order by second desc))[1] as close
    from quotes where value is not null group by 1, 2
)
select count(*) from remade as r full join minute_candles as c using (series_id, start)
where (r.count, r.open, r.high, r.low, r.close) is distinct from (c.count, c.open, c.high, c.low, c.close)
"""


class Table:
    def __init__(self, stack):
        self.stack = stack

    def query(self, text):
        answer = self.stack.docker("exec", "postgres", "psql", "-U", "postgres", "-d", "kurs_demo", "-qAtc", text)
        return [line.split("|") for line in answer.splitlines()]

    def rows(self, since, until):
        """{(exchanger, direction): {second: row}}"""
        found = {}
        for venue, direction, second, recorded_at, value, times, prices in self.query(SELECT.format(since, until)):
            prices = list(map(Decimal, prices.split()))
            legs = tuple((int(at), *prices[2 * i:2 * i + 2]) for i, at in enumerate(times.split()))
            row = Row(int(second), int(recorded_at), Decimal(value), legs)
            found.setdefault((venue, direction), {})[row.second] = row
        return found

    def candles_that_differ(self):
        return int(self.query(CANDLES_THAT_DIFFER)[0][0])


def compare(sights, rows, until):
    """`sights` are a judge's. What was shown in seconds from `until` on may not be written yet."""
    expected = found = 0
    lost, doubled, wrong = [], [], []
    for series, quotes in sights.items():
        newest = {}  # of each second: when the newest price was observed that was shown in it
        values = {}
        for sight in quotes.values():
            second = sight.newest_leg - sight.newest_leg % SECOND
            values[exact(sight.legs)] = Decimal(sight.value)
            if sight.shown_at < min(second + SECOND, until):
                newest[second] = max(newest.get(second, 0), sight.newest_leg)
        written = rows.get(series, {})
        expected, found = expected + len(newest), found + len(written)
        lost += [Lost(*series, observed_at, written[second].recorded_at if second in written else None)
                 for second, observed_at in sorted(newest.items())
                 if second not in written or written[second].recorded_at < observed_at]
        times = Counter(row.legs for row in written.values() if row.legs)  # the consensus has none
        doubled += [(series, row) for row in written.values() if times[row.legs] > 1]
        wrong += [(series, row) for row in written.values() if values.get(row.legs, row.value) != row.value]
    return Verdict(expected, found, lost, doubled, wrong)


def exact(legs):
    return tuple((at, Decimal(bid), Decimal(ask)) for at, bid, ask in legs)
