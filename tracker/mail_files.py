"""Mails as files, one each, for who runs the tracker without a mail server."""

from typing import Any
from uuid import uuid4

from django.core.mail.backends.filebased import EmailBackend as FileBackend


class EmailBackend(FileBackend):
    """Django names a file by the second and an address in memory, so that two mails can meet in one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fname = f"{self.file_path}/{uuid4().hex}.eml"
