"""Buckets of S3 for tests: a server of moto, spoken to over HTTP by the real boto3."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers import HOST

REGION = "eu-west-2"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "only-for-the-tests"}


@contextmanager
def serving_buckets() -> Iterator[str]:
    """Start a server of buckets; yield its address."""
    # Half a second, which else each worker would take that only collects.
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(HOST, port=0, verbose=False)
    # It writes a line for every request.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto.start()
    yield f"http://{HOST}:{moto.get_host_and_port()[1]}"
    moto.stop()
