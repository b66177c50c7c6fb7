#!/bin/bash
# Creates what is missing of each service's role and database, and sets all passwords to those of the secrets; a role can connect
# only to its own database. Runs at every start, by PostgreSQL's socket, where the superuser needs no password.
set -euo pipefail

ask() { psql --username postgres --dbname postgres --no-psqlrc --quiet --tuples-only --set ON_ERROR_STOP=1; }

# Passwords are in no log and in no list of processes.
unlogged="SET log_statement = 'none'; SET log_min_duration_statement = -1; SET log_min_error_statement = 'panic';"

for service in catalog cart inventory recommend notify analytics; do
  echo "the role and the database of $service"
  SERVICE=$service ask <<SQL
\getenv service SERVICE
\set password \`cat "/run/secrets/\$SERVICE"\`
$unlogged
SELECT format('CREATE ROLE %I LOGIN', :'service')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service') \gexec
ALTER ROLE :"service" PASSWORD :'password';
SELECT format('CREATE DATABASE %1\$I OWNER %1\$I ENCODING ''UTF8'' TEMPLATE template0', :'service')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'service') \gexec
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
ask <<SQL
\set password \`cat /run/secrets/postgres\`
$unlogged
ALTER ROLE postgres PASSWORD :'password';
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;
SQL
