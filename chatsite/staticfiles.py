"""Static files under names that carry their hash, compressed once, so that browsers keep them for ever."""

from typing import Any

from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage


class OurCompressor(Compressor):
    def should_compress(self, filename: str) -> bool:
        # Source maps are read by developers only, ninja's ReDoc page by nobody; both are large.
        return super().should_compress(filename) and not filename.endswith(".map") and "redoc" not in filename


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Our scripts are ES modules that import each other: their import lines must name the hashed files too.
    support_js_module_import_aggregation = True

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return OurCompressor(**kwargs)
