"""``chatsite``: Chatsite in a terminal, on the library ``chatsite_client``."""
