"""What a cell of a register says, and how it is written; a wrong one is refused in words."""

import json
import math
from datetime import date
from typing import Any

from django.db.models import Model
from import_export.widgets import ForeignKeyWidget, Widget


class TextWidget(Widget):
    def __init__(self, coerce_to_string: bool = True, allow_blank: bool = True) -> None:
        super().__init__(coerce_to_string)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return "" if value is None else str(value).strip()


class DayWidget(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        text = "" if value is None else str(value).strip()
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            raise ValueError(f"{text!r} is not a day: write it as 2024-10-01.") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


class NumberWidget(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> float | None:
        text = "" if value is None else str(value).strip()
        try:
            number = float(text) if text else None
        except ValueError:
            number = math.nan
        if number is not None and not math.isfinite(number):
            raise ValueError(f"{text!r} is not a number: write it as 12.5.")
        return number

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> Any:
        if value is None:
            return ""
        return value if kwargs.get("force_native_type") else repr(value).removesuffix(".0")


class WholeWidget(Widget):
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> int | None:
        text = "" if value is None else str(value).strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise ValueError(f"{text!r} is not a whole number: write it as 2.")
        return int(text)


class YesNoWidget(Widget):
    WORDS = {"yes": True, "no": False, "": False}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> bool:
        text = "" if value is None else str(value).strip().lower()
        if text not in self.WORDS:
            raise ValueError(f"{text!r} is neither yes nor no.")
        return self.WORDS[text]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "yes" if value else "no"


class JsonWidget(Widget):
    """Empty is an empty list."""

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        text = "" if value is None else str(value).strip()
        try:
            return json.loads(text) if text else []
        except ValueError:
            raise ValueError(f"{text[:60]!r} is not JSON.") from None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return json.dumps(value) if value else ""


class CodeWidget(ForeignKeyWidget):
    """A row of another register by its code; `what` names that register in the refusal."""

    def __init__(self, model: type[Model], field: str, *, what: str) -> None:
        super().__init__(model, field)
        self.what = what

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Model | None:
        text = "" if value is None else str(value).strip()
        found = self.model._default_manager.filter(**{self.field: text}).first() if text else None
        if text and found is None:
            raise ValueError(f"There is no {self.what} {text!r}: correct it, or add it first.")
        return found
