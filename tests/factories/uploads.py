"""Uploaded files as staff hand them in: known from 5 September 2023 unless a test says otherwise."""

from datetime import date

from django.core.files.base import ContentFile

from targets.models import Upload


def make_upload(content: bytes = b"area_code,period,value\n", **changes) -> Upload:
    values = {
        "file_name": changes.pop("name", "figures.csv"),
        "size_bytes": len(content),
        "known_from": date(2023, 9, 5),
        "known_from_basis": "The publisher's release date",
        "source_title": "A publisher",
    }
    upload = Upload(**{**values, **changes})
    upload.file.save(upload.file_name, ContentFile(content), save=False)
    upload.save()
    return upload
