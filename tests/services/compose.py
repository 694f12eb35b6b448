"""Reads docker-compose.yml as compose does: merged, with variables filled in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

VARIABLE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\})")


@dataclass(frozen=True, slots=True)
class Service:
    command: list[str]
    environment: dict[str, str]
    health_check: list[str]


def read_services(path: Path, values: Mapping[str, str]) -> dict[str, Service]:
    """Raises ValueError with the file's own message where a variable that has to be set is not."""
    services = yaml.safe_load(path.read_text())["services"]
    return {name: _make_service(service, values) for name, service in services.items()}


def fill_in(text: str, values: Mapping[str, str]) -> str:
    def replace(match: re.Match[str]) -> str:
        if match["dollar"]:
            return "$"
        value = values.get(match["name"], "")
        if value or match["kind"] is None:
            return value
        if match["kind"] == "?":
            raise ValueError(match["rest"])
        return match["rest"]

    return VARIABLE.sub(replace, text)


def _make_service(service: Mapping, values: Mapping[str, str]) -> Service:
    kind, *check = service["healthcheck"]["test"] if "healthcheck" in service else ["CMD"]
    check = [fill_in(word, values) for word in check]
    return Service(
        command=[fill_in(word, values) for word in service.get("command", [])],
        environment={name: fill_in(text, values) for name, text in service.get("environment", {}).items()},
        health_check=["sh", "-c", *check] if kind == "CMD-SHELL" else check,
    )
