"""What a browser's console has to say."""

import re

# Chromium writes these by itself whenever a server is away, which some tests are about.
NETWORK_WEATHER = re.compile(r"net::ERR_|WebSocket connection to .* failed")
