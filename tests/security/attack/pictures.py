"""Pictures that are small to send and large to decode."""

import io
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import requests
from PIL import Image

from tests.security.attack.attack import Seen, attack, open_if
from tests.security.attack.client import Client, code_of
from tests.security.attack.scene import TIMES_QUIET, Scene
from tests.security.attack.uploads import send

# Seconds after which a picture takes too long, and pictures that are sent at once.
TOO_LONG = 2.0
AT_ONCE = 40


@cache
def flat_webp(side: int) -> bytes:
    """A lossless WebP of one colour: five codes of one symbol each, and then no bit for any pixel."""
    bits, length = 0, 0
    # Both sides; no alpha, version 0; no transform, cache or meta codes; five times: simple, one symbol, of one bit.
    for value, width in [(side - 1, 14), (side - 1, 14), (0, 4), (0, 3), *[(1, 4)] * 5]:
        bits |= value << length
        length += width
    data = b"\x2f" + bits.to_bytes(9, "little")
    chunk = b"VP8L" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


@cache
def long_gif(side: int = 2048, frames: int = 200) -> bytes:
    """One frame, said again and again."""
    out = io.BytesIO()
    Image.new("P", (side, side)).save(out, "GIF")
    still = out.getvalue()
    control = b"\x21\xf9\x04\x00\x0a\x00\x00\x00"
    return still[:13] + (control + still[13:-1]) * frames + still[-1:]


@cache
def png(side: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (side, side), (20, 90, 160)).save(out, "PNG")
    return out.getvalue()


def put(client: Client, data: bytes) -> requests.Response:
    return client.put("/api/me/picture", data=data, headers={"Content-Type": "application/octet-stream"})


@attack("pictures")
def bomb_as_avatar(scene: Scene) -> Seen:
    """A WebP of 30 bytes and 7070 × 7070 pixels as one's picture."""
    answer = put(scene.member.client, flat_webp(7070))
    scene.member.client.delete("/api/me/picture")
    return open_if(answer.status_code == 200, code_of(answer))


@attack("pictures")
def bomb_as_file(scene: Scene) -> Seen:
    """The same as a file for a room."""
    answer = send(scene, flat_webp(7070), "bomb.webp")
    return open_if(answer.status_code == 200 and bool(answer.json()["view_url"]), code_of(answer))


@attack("pictures")
def long_moving_picture(scene: Scene) -> Seen:
    """A GIF of 800 kB with 200 frames of 2048 × 2048 as a file for a room."""
    begun = time.perf_counter()
    send(scene, png(64), "small.png")
    small = time.perf_counter() - begun
    limit = max(TOO_LONG, TIMES_QUIET * small)
    took = 0.0
    for _ in range(2):
        begun = time.perf_counter()
        answer = send(scene, long_gif(), "long.gif")
        took = time.perf_counter() - begun
        if took < limit:
            break
    return open_if(took >= limit, f"{code_of(answer)} after {took:.1f} s; a small picture took {small:.2f} s")


@attack("pictures")
def many_at_once(scene: Scene) -> Seen:
    """40 pictures of nine million pixels at once: do they wait in a queue without an end?"""
    clients = [person.client for person in scene.members(2)]
    begun = time.perf_counter()
    put(clients[0], png(3000))
    alone = time.perf_counter() - begun
    # Each with a connection of its own, and the session of one of the two.
    senders = [scene.visitor() for _ in range(AT_ONCE)]
    for number, sender in enumerate(senders):
        sender.headers.update(clients[number % 2].headers)

    def timed(sender: Client) -> tuple[float, requests.Response]:
        begun = time.perf_counter()
        answer = put(sender, png(3000))
        return time.perf_counter() - begun, answer

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = list(pool.map(timed, senders))
    refused = [answer for _took, answer in done if answer.status_code == 503]
    slowest = max(took for took, _answer in done)
    clients[0].delete("/api/me/picture")
    clients[1].delete("/api/me/picture")
    unpolite = [answer for answer in refused if "Retry-After" not in answer.headers]
    is_endless = not refused and slowest > max(TOO_LONG, alone * AT_ONCE / 3)
    seen = f"one alone took {alone:.2f} s, the slowest {slowest:.1f} s; {len(refused)} were told to come back"
    return open_if(is_endless or bool(unpolite), seen)
