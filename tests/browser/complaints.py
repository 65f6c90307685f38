"""What a browser's console has to say."""

import re

# What the browsers write by themselves whenever a server is away, which some tests are about.
NETWORK_WEATHER = re.compile(r"net::ERR_|WebSocket connection to .* failed|^Web Socket: Firefox can’t establish")
