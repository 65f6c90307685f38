# One process of Chatsite. deploy/compose.yaml makes a whole site of it; docs/deploy.md leads through it.
FROM python:3.13-slim-trixie

# For backups: as new as the server in deploy/compose.yaml.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/*

# Nothing here runs as root. The folders exist with their owner, so that volumes mounted there begin with it.
RUN useradd --system --user-group --home-dir /var/lib/chatsite --uid 10001 chatsite \
    && install -d -o chatsite -g chatsite /var/lib/chatsite /run/chatsite \
    && install -d -o chatsite -g chatsite -m 700 /var/backups/chatsite

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 CHATSITE_DATA=/var/lib/chatsite
WORKDIR /opt/chatsite

# First, because they change more seldom than the code.
COPY requirements.txt .
RUN pip install --disable-pip-version-check --require-hashes -r requirements.txt

COPY manage.py ./
COPY pyproject.toml ./
COPY chatsite chatsite
COPY accounts accounts
COPY rooms rooms
COPY templates templates
COPY static static
COPY locale locale

USER chatsite
# Which process it is: it listens on /run/chatsite/<INSTANCE>.sock, which nginx shares.
ENV INSTANCE=1
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD ["sh", "-c", "exec python -m chatsite.ready /run/chatsite/$INSTANCE.sock"]
CMD ["sh", "-c", "exec python -m chatsite.serve --proxy-headers -u /run/chatsite/$INSTANCE.sock chatsite.asgi:application"]
