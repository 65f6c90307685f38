# One process of Chatsite. deploy/compose.yaml makes a whole site of it; docs/deploy.md leads through it.
# Both stages are of many architectures, and every pin has a wheel for amd64 and arm64: nothing here names one.
FROM python:3.13-slim-trixie AS libraries
ENV PIP_NO_CACHE_DIR=1
WORKDIR /opt/chatsite
# First, because they change more seldom than the code.
COPY requirements.txt .
# Without pip, which nobody needs in what runs.
RUN python -m venv --without-pip .venv \
    && pip --python .venv/bin/python install --disable-pip-version-check --only-binary :all: --require-hashes -r requirements.txt

FROM python:3.13-slim-trixie

# For backups: as new as the server in deploy/compose.yaml.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*

# Nothing here runs as root. By number, as a cluster that admits nobody else wants to see it. The folders exist with their
# owner, so that volumes mounted there begin with it.
RUN groupadd --system --gid 10001 chatsite \
    && useradd --system --gid 10001 --uid 10001 --home-dir /var/lib/chatsite --shell /usr/sbin/nologin chatsite \
    && install -d -o 10001 -g 10001 /var/lib/chatsite /run/chatsite \
    && install -d -o 10001 -g 10001 -m 700 /var/backups/chatsite \
    && python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && rm -rf "$(python -c 'import ensurepip, os; print(os.path.dirname(ensurepip.__file__))')"

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 CHATSITE_DATA=/var/lib/chatsite PATH=/opt/chatsite/.venv/bin:$PATH
WORKDIR /opt/chatsite
COPY --from=libraries /opt/chatsite/.venv .venv

COPY manage.py ./
COPY pyproject.toml ./
COPY chatsite chatsite
COPY accounts accounts
COPY rooms rooms
COPY api api
COPY templates templates
COPY static static
COPY locale locale

USER 10001:10001
# Which process it is: it listens on /run/chatsite/<INSTANCE>.sock, which nginx shares.
ENV INSTANCE=1
STOPSIGNAL SIGTERM
# A busy machine takes a minute to start it; ready is what answers, however early.
HEALTHCHECK --interval=10s --timeout=6s --start-period=120s \
    CMD ["sh", "-c", "exec python -m chatsite.ready /run/chatsite/$INSTANCE.sock"]
CMD ["sh", "-c", "exec python -m chatsite.serve --proxy-headers -u /run/chatsite/$INSTANCE.sock chatsite.asgi:application"]
