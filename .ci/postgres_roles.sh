#!/bin/sh
# First start of the PostgreSQL container (docker-compose.yml): the two roles and what they may do.
set -eu
psql -v ON_ERROR_STOP=1 -v owner="$OWNER_PASSWORD" -v app="$APP_PASSWORD" -U postgres -d direkt <<'END'
CREATE ROLE owner LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'owner';
CREATE ROLE app LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'app';
ALTER DATABASE direkt OWNER TO owner;
END
psql -v ON_ERROR_STOP=1 -U postgres -d direkt -f /srv/grants.sql
