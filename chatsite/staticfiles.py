"""Static files under names that carry their hash, compressed once, so that browsers keep them for ever."""

from servestatic.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # Our scripts are ES modules that import each other: their import lines must name the hashed files too.
    support_js_module_import_aggregation = True
