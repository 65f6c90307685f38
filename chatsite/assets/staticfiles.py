"""Static files under names that carry their hash, bundled and compressed once, so that browsers keep them for ever."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage

from chatsite.assets.bundles import bundles
from chatsite.assets.css_pruning import our_words, prune

PRUNED = {"vendor/bootstrap/bootstrap.min.css", "vendor/bootstrap/bootstrap.rtl.min.css"}


class OurCompressor(Compressor):
    @staticmethod
    def write_data(path: str, data: bytes, suffix: str, stat_result: os.stat_result) -> str:
        written: str = Compressor.write_data(path, data, suffix, stat_result)
        # As readable as what it was made of.
        Path(written).chmod(stat.S_IMODE(stat_result.st_mode))
        return written

    def should_compress(self, filename: str) -> bool:
        # Source maps are read by developers only, ninja's ReDoc page by nobody; both are large.
        return super().should_compress(filename) and not filename.endswith(".map") and "redoc" not in filename


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # What a bundle imports later must be asked for by its hashed name too.
    support_js_module_import_aggregation = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return OurCompressor(**kwargs)

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if dry_run:
            return
        ours = {name for name in paths if name.startswith(("css/", "js/"))}
        made = bundles(ours, lambda name: read(*paths[name]))
        words = our_words()
        made |= {name: prune(read(*paths[name]), words) for name in paths.keys() & PRUNED}
        # Its parts would be asked for by nobody.
        self.delete_files(ours - made.keys())
        others = {name: path for name, path in paths.items() if name not in ours | PRUNED}
        bundled = Bundled(made)
        yield from super().post_process({**others, **{name: (bundled, name) for name in made}}, **options)


class Bundled:
    """Bundles, in the place of the storage that their entries come from."""

    def __init__(self, made: dict[str, str]) -> None:
        self.made = made

    def open(self, name: str) -> ContentFile:
        return ContentFile(self.made[name].encode())


def read(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())
