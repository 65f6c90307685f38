"""schemathesis against a site of its own, by the API's document: ``python -m`` this; ``__main__.py`` says how.

``cast.py`` is whom it asks as and what is there to be asked for, ``hooks.py`` what schemathesis is told besides.
"""
