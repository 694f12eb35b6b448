"""Keeps a register entry as given: creates it, changes what differs, leaves an equal one alone."""

from enum import StrEnum
from typing import Any

from django.db import models


class Kept(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def keep_entry(model: type[models.Model], *, key: dict[str, Any], values: dict[str, Any]) -> tuple[Any, Kept]:
    """The entry under `key` with `values`. An equal one is not saved, so that its history stays true."""
    entry = model._default_manager.filter(**key).first()
    if entry is None:
        return model._default_manager.create(**key, **values), Kept.NEW
    changed = [field for field, value in values.items() if getattr(entry, field) != value]
    if not changed:
        return entry, Kept.UNCHANGED
    for field in changed:
        setattr(entry, field, values[field])
    entry.save()
    return entry, Kept.CHANGED
