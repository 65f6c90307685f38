"""Static files under names that carry their hash, compressed once, so that browsers keep them for ever."""

from typing import Any

from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Our scripts are ES modules that import each other: their import lines must name the hashed files too.
    support_js_module_import_aggregation = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        # Source maps, most of all bytes here, are read by developers only.
        return Compressor(**kwargs | {"extensions": (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")})
