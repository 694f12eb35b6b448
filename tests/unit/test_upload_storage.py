"""Where uploaded files lie: shared by the site and its worker, served by nobody."""

from pathlib import Path

import yaml
from django.urls import get_resolver

from tracker import settings  # noqa: TID251  the settings of a deployment, not those of tests

ROOT = Path(__file__).resolve().parents[2]


def read_volumes(name: str) -> dict[str, str]:
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"][name]
    return dict(volume.split(":") for volume in service.get("volumes", []))


def test_the_site_and_the_worker_share_the_folder_of_uploads():
    [line] = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("WORKDIR ")]
    folder = f"{line.removeprefix('WORKDIR ')}/{settings.MEDIA_ROOT.relative_to(ROOT).as_posix()}"

    assert read_volumes("web") == read_volumes("worker") == {"uploads": folder}
    assert "uploads" in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["volumes"]


def test_the_image_holds_the_folder_for_the_user_it_runs_as():
    """A volume takes over the owner of the folder it is laid on."""
    folder = settings.MEDIA_ROOT.relative_to(ROOT).as_posix()

    assert f"RUN mkdir -p {folder} && chown tracker {folder}\n" in (ROOT / "Dockerfile").read_text()


def test_no_address_serves_the_folder():
    assert settings.MEDIA_ROOT not in [settings.STATIC_ROOT, *settings.STATICFILES_DIRS]
    assert not getattr(settings, "MEDIA_URL", "")
    routes = [str(pattern.pattern) for pattern in get_resolver().url_patterns]
    assert not any("upload" in route or "media" in route for route in routes)
