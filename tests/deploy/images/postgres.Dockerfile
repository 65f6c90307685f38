# In the place of postgres:17, from Debian's packages: what deploy/compose.yaml asks of it, as the image of that name does it.
FROM debian:trixie
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-17 && rm -rf /var/lib/apt/lists/*
ENV PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=/var/lib/postgresql/data
RUN install -d -o postgres -g postgres -m 700 $PGDATA && install -d -o postgres -g postgres /var/run/postgresql
COPY --chmod=755 postgres.sh /usr/local/bin/
USER postgres
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres.sh"]
