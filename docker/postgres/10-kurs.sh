# Runs when the database is created, and may be run again (docs/deploying.md). The role kurs_owner owns the databases and their
# schema, and only migrates them. The replicas use the role kurs, to which `kurs migrate --grant kurs` gives its rights.
psql -v ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname postgres \
  -v owner_password="$KURS_OWNER_PASSWORD" -v password="$KURS_PASSWORD" <<'SQL'
select format('create role %I', name) from unnest('{kurs_owner,kurs}'::text[]) as name
where not exists (select from pg_roles where rolname = name) \gexec
alter role kurs_owner login password :'owner_password';
alter role kurs login password :'password';
select format('create database %I owner kurs_owner', name) from unnest('{kurs,kurs_demo}'::text[]) as name
where not exists (select from pg_database where datname = name) \gexec
SQL
for database in kurs kurs_demo; do
  psql -v ON_ERROR_STOP=1 --quiet --username "${POSTGRES_USER:-postgres}" --dbname "$database" <<'SQL'
begin;
-- Before this role existed, the replicas owned everything.
reassign owned by kurs to kurs_owner;
select format('revoke all on database %1$I from public, kurs', current_database()) \gexec
select format('grant connect on database %1$I to kurs', current_database()) \gexec
commit;
SQL
done
