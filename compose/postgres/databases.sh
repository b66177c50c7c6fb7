#!/bin/bash
# Creates a database and a role for each service; a role can connect only to its own database. Runs once, when
# PostgreSQL's volume is created.
set -e

for service in catalog cart inventory recommend notify analytics; do
  password=${service^^}_PASSWORD
  psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --quiet \
    --set ON_ERROR_STOP=1 --set service="$service" --set password="${!password:?is not set}" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
done
psql --username "${POSTGRES_USER:-postgres}" --dbname postgres --no-psqlrc --quiet --set ON_ERROR_STOP=1 \
  --command 'REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC'
