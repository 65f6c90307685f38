"""Decodes people's pictures in its own process, ``python -m chatsite.files.decoder``, run by ../decoder_process.py.

It imports Pillow and nothing of the site, and holds no connection, file or secret of it: whatever a crafted picture
makes of a decoder, it makes of a process that may take so much memory and time, and has nothing to lose.
"""
