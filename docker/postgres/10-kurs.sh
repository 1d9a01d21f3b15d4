# Runs once, when the database is created. The role kurs owns its databases and nothing else.
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres -v password="$KURS_PASSWORD" <<'SQL'
create role kurs login password :'password';
create database kurs owner kurs;
create database kurs_demo owner kurs;
SQL
