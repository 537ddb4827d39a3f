"""A setting that names a file of certificates, which is read once at start: that it is
not there, or holds none, is said then and by its variable."""

import ssl
from typing import Annotated

from pydantic import AfterValidator


def _readable(path: str) -> str:
    """Raise ValueError for a file that nobody can be certified by."""
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        why = "it holds none" if isinstance(error, ssl.SSLError) else error.strerror
        raise ValueError(f"no certificates can be read from it: {why}") from error
    return path


CertificateFile = Annotated[str, AfterValidator(_readable)]
