"""The screen: rooms, bubbles, people and a composer, in the whole terminal (Textual)."""
