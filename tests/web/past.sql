-- A week and more of candles for every series there is: a walk that ends at the newest value, for charts to show.
create temporary table walk as
with newest as (
    select distinct on (series_id) series_id, value from quotes where value is not null order by series_id, second desc
), minutes as (
    select n.series_id, n.value, m as start, extract(epoch from date_trunc('minute', now()) - m) as ago
    from newest as n cross join generate_series(
        date_trunc('minute', now()) - interval '8 days', date_trunc('minute', now()), interval '1 minute') as m
)
select series_id, start, value * 0.0004 as width,
       value * (1 + 0.006 * sin(ago / 9000 + series_id) + 0.0016 * sin(ago / 1300) + 0.0006 * sin(ago / 240)
                + 0.0003 * sin(ago / 97) - 0.006 * sin(series_id)) as middle
from minutes;

insert into minute_candles (series_id, start, count, open, high, low, close)
select series_id, start, 60, opened, greatest(opened, middle) + width * abs(sin(extract(epoch from start))),
       least(opened, middle) - width * abs(cos(extract(epoch from start))), middle
from (select *, coalesce(lag(middle) over (partition by series_id order by start), middle) as opened from walk) as w
on conflict do nothing;

insert into hour_candles (series_id, start, count, open, high, low, close)
select series_id, date_trunc('hour', start), sum(count), (array_agg(open order by start))[1], max(high), min(low),
       (array_agg(close order by start desc))[1]
from minute_candles group by 1, 2
on conflict do nothing;
