"""Files in a bucket of S3, or of a server that speaks as S3 does."""

from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from storages.backends.s3 import S3Storage

# Bytes of one part of a large object on its way there; one part is in memory at a time.
PART = 8 * 1024 * 1024
# An object that is fetched to be looked at lies in a file beyond this.
IN_MEMORY = 4 * 1024 * 1024


class Bucket(S3Storage):
    """Private objects under names that nothing else has, sent part by part."""

    def __init__(self, **options: Any) -> None:
        # Threads of boto3's own would each hold a part in memory.
        transfer = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        client = Config(
            signature_version="s3v4",
            connect_timeout=5,
            read_timeout=60,
            retries={"max_attempts": 3, "mode": "standard"},
            s3={"addressing_style": options.get("addressing_style", "path")},
            # Checksums of the newest kind are not understood by many servers that speak S3.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        fixed = {"default_acl": None, "file_overwrite": True, "querystring_auth": True, "max_memory_size": IN_MEMORY}
        super().__init__(**{**fixed, "transfer_config": transfer, "client_config": client, **options})
