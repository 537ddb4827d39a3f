# One image for all processes: API (what it runs by itself), worker, beat, migrations, by
# command (DEPLOYMENT.md, "With containers"). Base images are pinned by tag: no digest could
# be verified where this was written. Hand over your own:
#   --build-arg PYTHON=python@sha256:… --build-arg NODE=node@sha256:…
# Python's minor version is the one the tests run on, Node's version that of the wheel
# in requirements-dev.in.
ARG PYTHON=python:3.11.15-slim-trixie
ARG NODE=node:24.19.0-trixie-slim

FROM ${NODE} AS console
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json ./
RUN npm ci --ignore-scripts --silent
COPY docs/openapi.json /build/docs/openapi.json
COPY frontend/ ./
RUN npm run --silent client >/dev/null && npm run --silent build -- --logLevel warn

FROM ${PYTHON} AS python
# No code of a package is run to install it, and nothing is left but what is installed.
ENV PIP_ONLY_BINARY=:all: PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv --without-pip /srv/venv && python -m pip --python /srv/venv install \
        --disable-pip-version-check --progress-bar=off \
        --require-hashes --no-deps --requirement requirements.txt
WORKDIR /srv/cloudrota
COPY app/ app/
COPY alembic/ alembic/
# At run time nothing can be written there.
RUN python -m compileall -q --invalidation-mode unchecked-hash app alembic && mkdir /artifacts

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Cloudrota"
# Time zones come from the pinned tzdata, not from the system.
ENV PATH=/srv/venv/bin:$PATH PYTHONTZPATH="" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /srv/cloudrota
COPY --from=python /srv/venv /srv/venv
COPY --from=python /srv/cloudrota ./
COPY --from=console /build/frontend/dist frontend/dist
COPY alembic.ini cloudrota ./
COPY docs/problems/ docs/problems/
# Of databases that no system trusts by itself: certificates/README.md.
COPY certificates/ certificates/
# For a volume that API and workers share, where no bucket keeps the artifacts.
COPY --from=python --chown=10001:10001 /artifacts /var/lib/cloudrota/artifacts
# A volume that is mounted there without more, as Fargate does it, takes over that everybody
# may write to it.
VOLUME /tmp
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "app.core.alive", "8000"]
CMD ["uvicorn", "app.main:create_app", "--factory", "--host", "0.0.0.0", "--port", "8000", \
    "--no-proxy-headers", "--loop", "uvloop", "--http", "httptools", "--no-server-header", \
    "--timeout-graceful-shutdown", "5"]
