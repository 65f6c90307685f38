"""Attacks over the network, each of which has worked once, against a running site of one's own: ``python -m`` this.

``__main__.py`` says how to run it. Each attack is a function whose docstring says what is tried (``attack.py``). It
knocks as the people of a ``Scene`` (``scene.py``) by what a browser or a script sends (``client.py``).
"""
