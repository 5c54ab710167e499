# One image for web, sockets, worker, beat, migrations, back-ups. docs/operations.md says what of this was tried.
FROM python:3.13-slim-trixie AS packages
WORKDIR /srv/app
COPY requirements/production.txt requirements/production.txt
RUN python -m venv /srv/venv \
 && /srv/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/production.txt

FROM python:3.13-slim-trixie
# pg_dump and pg_restore of the same major version as the postgres service.
RUN apt-get update -q \
 && apt-get install -y -q --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin direkt \
 && install -d -o direkt -g direkt -m 0700 /srv/uploads /srv/backups
COPY --from=packages /srv/venv /srv/venv
WORKDIR /srv/app
COPY . .
ENV PATH=/srv/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 STATIC_ROOT=/srv/static UPLOAD_ROOT=/srv/uploads
# The default settings are enough to collect files; with STATIC_ROOT named they use the same hashed names.
RUN python -m direkt1177.translations compile \
 && python -W ignore manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q direkt1177 cases triage handover journal
ENV DJANGO_SETTINGS_MODULE=direkt1177.settings.production
USER direkt
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "direkt1177.asgi:application", "--host", "0.0.0.0", "--port", "8000", \
     "--ws-max-size", "65536", "--ws-max-queue", "32", "--ws-per-message-deflate", "false", \
     "--ws-ping-interval", "20", "--ws-ping-timeout", "20", "--timeout-graceful-shutdown", "10", \
     "--no-server-header", "--no-access-log", "--log-level", "warning"]
