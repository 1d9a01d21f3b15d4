-- A role that serves the history cannot change the schema (docs/deploying.md). These functions run with the rights of the
-- owner and know no tables but the partitions of quotes.

create function make_partition(day date) returns void
language plpgsql security definer as $$
declare
    name constant text := 'quote_packs_' || to_char(day, 'YYYY_MM_DD');
begin
    -- Not "create table ... partition of", which locks all partitions.
    execute format('create table %I (like quote_packs including defaults including constraints)', name);
    execute format(
        'alter table quote_packs attach partition %I for values from (%L) to (%L)',
        name, to_char(day, 'YYYY-MM-DD"T00:00:00Z"'), to_char(day + 1, 'YYYY-MM-DD"T00:00:00Z"'));
end;
$$;

create function drop_partition(name text) returns void
language plpgsql security definer as $$
declare
    partition regclass;
begin
    select inhrelid into strict partition
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent in ('quote_packs'::regclass, 'unpacked_quotes'::regclass) and relname = name;
    execute format('drop table %s', partition);
end;
$$;

-- pg_temp last: otherwise a temporary table of the caller would stand in for one of these.
do $$
begin
    execute format('alter function make_partition(date) set search_path = %I, pg_temp', current_schema());
    execute format('alter function drop_partition(text) set search_path = %I, pg_temp', current_schema());
end;
$$;
revoke execute on function make_partition(date), drop_partition(text) from public;
