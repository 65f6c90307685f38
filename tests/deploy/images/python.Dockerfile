# In the place of python:3.13-slim-trixie, from Debian's packages: `python` and `pip` in the whole image, as there.
FROM debian:trixie
RUN apt-get update && apt-get install -y --no-install-recommends python3.13 python3.13-venv python3-pip \
    && rm -f /usr/lib/python3.13/EXTERNALLY-MANAGED \
    && ln -s /usr/bin/python3.13 /usr/local/bin/python \
    && PIP_ROOT_USER_ACTION=ignore python -m pip install -q --ignore-installed pip \
    && apt-get purge -y --auto-remove python3-pip && rm -rf /var/lib/apt/lists/*
