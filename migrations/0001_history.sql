-- History: what each venue's course of each direction was, a row a second at most, and its candles.
-- Values are exact: numeric everywhere. Times are UTC.

create table series (
    id smallint generated always as identity primary key,
    venue text not null,
    direction text not null,
    unique (venue, direction)
);

-- How a venue made a direction: [{"venue": ..., "symbol": ..., "inverted": ...}, ...], in the order of the
-- legs. Kept apart so that a quote need not repeat names.
create table routes (
    id integer generated always as identity primary key,
    legs jsonb not null unique
);

-- The last quote of each second. A row without a value: from then on the venue could not make the direction.
-- The columns go from the widest to the narrowest so that none is padded. series_id and route_id are not
-- foreign keys: a check a row is dear, and dropping a partition would lock what it refers to.
create table quotes (
    second timestamptz not null,
    recorded_at timestamptz not null,
    observed_at timestamptz,
    fresh_until timestamptz,
    route_id integer,
    series_id smallint not null,
    bid numeric,
    value numeric,
    ask numeric,
    leg_prices numeric[],            -- bid and ask of each leg, the symbol's own, not inverted
    leg_observed_at timestamptz[],   -- of each leg
    primary key (series_id, second),
    check (recorded_at >= second and recorded_at < second + interval '1 second'),
    check (0 < bid and bid <= value and value <= ask),
    check (num_nulls(observed_at, fresh_until, route_id, bid, value, ask, leg_prices, leg_observed_at) in (0, 8)),
    check (cardinality(leg_prices) = 2 * cardinality(leg_observed_at))
) partition by range (second);       -- a partition a day: quotes_2026_11_23

-- Quotes before this moment have been dropped, so candles of then cannot be made from them any more.
create table retention (
    quotes_from timestamptz not null default '-infinity',
    only_row boolean primary key default true check (only_row)
);
insert into retention default values;

-- Candles are made from the quotes' values whenever quotes are written, and are kept for good.
create table minute_candles (
    start timestamptz not null,
    count integer not null check (count > 0),
    series_id smallint not null references series,
    open numeric not null,
    high numeric not null,
    low numeric not null,
    close numeric not null,
    primary key (series_id, start),
    check (0 < low and low <= open and low <= close and open <= high and close <= high)
);
create table hour_candles (like minute_candles including all, foreign key (series_id) references series);

-- From `at` on, `venue` was the active one; '': none, as the service had stopped.
create table active_changes (
    at timestamptz not null,
    venue text not null,
    reason text not null,
    primary key (at, venue)
);

-- The shape of the others for the values themselves.
create view second_candles as
select second as start, 1 as count, series_id, value as open, value as high, value as low, value as close
from quotes
where value is not null;

-- With names, as people and the service read them.
create view named_quotes as
select
    s.venue, s.direction, q.second, q.recorded_at, q.observed_at, q.fresh_until, q.bid, q.value, q.ask,
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
from quotes as q join series as s on s.id = q.series_id;

create view named_minute_candles as
select s.venue, s.direction, c.start, c.open, c.high, c.low, c.close, c.count
from minute_candles as c join series as s on s.id = c.series_id;

create view named_hour_candles as
select s.venue, s.direction, c.start, c.open, c.high, c.low, c.close, c.count
from hour_candles as c join series as s on s.id = c.series_id;
