-- The quotes of a venue and a second share a row, which holds the prices and times of their legs once. What
-- follows from other columns is left out. A row of `quotes` took 277 bytes, its part of a pack takes 120.

-- Whether bid <= value <= ask in each quote. A quote without prices, at place 0, is.
create function are_in_order(places smallint[], prices numeric[], mids numeric[]) returns boolean
immutable language sql
begin atomic
    select coalesce(bool_and(
        0 < prices[own][1] and prices[own][1] <= prices[own][2]
        and coalesce(mids[own] between prices[own][1] and prices[own][2], true)
    ), true)
    from generate_series(1, array_length(places, 1)) as n cross join lateral (select places[n][1]) as quote (own)
    where own > 0;
end;

create table quote_packs (
    second timestamptz not null,
    venue text not null,
    -- Of each quote:
    series smallint[] not null,         -- in ascending order
    recorded_ms smallint[] not null,    -- milliseconds of the second
    routes integer[] not null,          -- null: from then on the venue could not make the direction
    fresh_until timestamptz[] not null,
    places smallint[] not null,         -- [quote][1]: of the quote below, [quote][1 + n]: of leg n; 0: none
    -- Of quotes and legs, equal ones once:
    prices numeric[],                   -- [place][1]: bid, [place][2]: ask
    mids numeric[],                     -- the value; null: (bid + ask) / 2, truncated to 18 decimals
    observed_at timestamptz[],
    primary key (venue, second),
    check (cardinality(series) = all (array[
        cardinality(recorded_ms), cardinality(routes), cardinality(fresh_until), array_length(places, 1)])),
    check (0 <= all (recorded_ms) and 1000 > all (recorded_ms)),
    check (are_in_order(places, prices, mids))
) partition by range (second);          -- a partition a day: quote_packs_2026_11_23

create view packed_quotes as
select
    p.second,
    p.second + p.recorded_ms[n] * interval '1 millisecond' as recorded_at,
    p.observed_at[own] as observed_at,
    p.fresh_until[n] as fresh_until,
    p.routes[n] as route_id,
    q.series_id,
    p.prices[own][1] as bid,
    coalesce(p.mids[own], trim_scale(trunc((p.prices[own][1] + p.prices[own][2]) * 0.5, 18))) as value,
    p.prices[own][2] as ask,
    case when own > 0 then array(
        select p.prices[place][side]
        from unnest(p.places[n:n]) with ordinality as leg (place, number) cross join generate_series(1, 2) as side
        where place > 0 and leg.number > 1 order by leg.number, side
    ) end as leg_prices,
    case when own > 0 then array(
        select p.observed_at[place] from unnest(p.places[n:n]) with ordinality as leg (place, number)
        where place > 0 and leg.number > 1 order by leg.number
    ) end as leg_observed_at,
    p.venue
from quote_packs as p
cross join lateral unnest(p.series) with ordinality as q (series_id, number)
cross join lateral (select q.number::integer, p.places[q.number::integer][1]) as quote (n, own);

-- Rows of earlier versions, until the service has packed them in the background.
alter table quotes rename to unpacked_quotes;
drop view second_candles, named_quotes;

create view all_quotes as
select
    second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices, leg_observed_at,
    venue
from packed_quotes
union all
select
    second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices, leg_observed_at,
    venue
from unpacked_quotes join series on series.id = series_id;

-- As the table of this name was: a row for each second, venue and direction. Without the venue, which is half of
-- the key of the packs, its packs are not found by an index: use named_quotes.
create view quotes as
select
    second, recorded_at, observed_at, fresh_until, route_id, series_id, bid, value, ask, leg_prices, leg_observed_at
from all_quotes;

-- The shape of the others for the values themselves.
create view second_candles as
select second as start, 1 as count, series_id, value as open, value as high, value as low, value as close
from quotes
where value is not null;

-- With names, as people and the service read them.
create view named_quotes as
select
    q.venue, s.direction, q.second, q.recorded_at, q.observed_at, q.fresh_until, q.bid, q.value, q.ask,
    (
        select
            jsonb_agg(jsonb_build_object(
                'venue', leg ->> 'venue', 'symbol', leg ->> 'symbol', 'inverted', (leg ->> 'inverted')::boolean,
                'bid', q.leg_prices[2 * place - 1]::text, 'ask', q.leg_prices[2 * place]::text,
                'observed_at', q.leg_observed_at[place]
            ) order by place)
        from routes as r, jsonb_array_elements(r.legs) with ordinality as legs (leg, place)
        where r.id = q.route_id
    ) as legs,
    q.series_id
from all_quotes as q join series as s on s.id = q.series_id;
