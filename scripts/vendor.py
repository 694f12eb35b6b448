"""Fetches the browser files again with npm, as pinned here, into static/vendor.

Run it after changing a version (npm is needed only then): .venv/bin/python scripts/vendor.py
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

VENDOR_DIR = Path(__file__).resolve().parent.parent / "static" / "vendor"
MANIFEST = "VENDOR.json"
NHSUK_COPYRIGHT = "Copyright (c) 2019 NHS.UK"

Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class VendoredFile:
    """`source` inside the package's archive, `name` under static/vendor, and the edits it needs."""

    source: str
    name: str
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str
    files: tuple[VendoredFile, ...]


def drop_font_faces(text: str) -> str:
    """The faces are licensed to the NHS and lie on another host; the style sheet falls back to Arial."""
    return re.sub(r"@font-face\{[^}]*\}", "", text)


def localise_image_addresses(text: str) -> str:
    return text.replace("url(/assets/images/", "url(images/")


def strip_source_map(text: str) -> str:
    """A comment that names a missing map stops collectstatic."""
    return re.sub(r"/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*", "", text)


def name_nhsuk_as_holder(text: str) -> str:
    """nhsuk-frontend is under the same MIT text as Plotly, and its archive carries no licence file."""
    return re.sub(r"Copyright \(c\)[^\n]*", NHSUK_COPYRIGHT, text)


NHSUK_DIST = "package/dist/nhsuk/"
NHSUK_ICONS = ("arrow-down", "arrow-up-down", "arrow-up", "cross")

PACKAGES = (
    Package(
        "nhsuk-frontend",
        "10.6.1",
        "MIT",
        (
            VendoredFile(
                f"{NHSUK_DIST}nhsuk-frontend.min.css",
                "nhsuk-frontend.min.css",
                (drop_font_faces, localise_image_addresses, strip_source_map),
            ),
            VendoredFile(f"{NHSUK_DIST}nhsuk-frontend.min.js", "nhsuk-frontend.min.js", (strip_source_map,)),
            *(
                VendoredFile(
                    f"{NHSUK_DIST}assets/images/nhsuk-icon-{icon}.svg", f"images/nhsuk-icon-{icon}.svg"
                )
                for icon in NHSUK_ICONS
            ),
        ),
    ),
    Package(
        "plotly.js-basic-dist-min",
        "4.1.1",
        "MIT",
        (
            VendoredFile("package/plotly-basic.min.js", "plotly-basic.min.js", (strip_source_map,)),
            VendoredFile("package/LICENSE", "plotly.LICENSE"),
            VendoredFile("package/LICENSE", "nhsuk-frontend.LICENSE", (name_nhsuk_as_holder,)),
        ),
    ),
    Package(
        "plotly.js",
        "4.1.1",
        "MIT",
        (VendoredFile("package/dist/plotly.css", "plotly.css", (strip_source_map,)),),
    ),
)


def fetch_archive(package: Package, folder: Path) -> Path:
    """The package's archive as the registry of npm's own configuration serves it."""
    command = [
        "npm",
        "pack",
        f"{package.name}@{package.version}",
        "--silent",
        "--pack-destination",
        str(folder),
    ]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise SystemExit("npm is missing. Install Node.js, then run this script again.") from None
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"npm could not fetch {package.name}@{package.version}:\n{error.stderr}") from None
    return folder / done.stdout.strip().splitlines()[-1]


def unpack_files(package: Package, archive: Path, folder: Path) -> dict[str, str]:
    """Writes the package's files under `folder`; the sha256 of each, by name."""
    digests = {}
    with tarfile.open(archive) as tar:
        for file in package.files:
            member = tar.extractfile(file.source)
            if member is None:
                raise SystemExit(f"{package.name}@{package.version} holds no {file.source}.")
            content = member.read()
            for edit in file.edits:
                content = edit(content.decode()).encode()
            target = folder / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            digests[file.name] = hashlib.sha256(content).hexdigest()
    return digests


def vendor_packages(folder: Path) -> list[dict]:
    entries = []
    with tempfile.TemporaryDirectory() as downloads:
        for package in PACKAGES:
            archive = fetch_archive(package, Path(downloads))
            entries.append(
                {
                    "package": package.name,
                    "version": package.version,
                    "licence": package.licence,
                    "sha256": unpack_files(package, archive, folder),
                }
            )
    return entries


def replace_vendor_dir() -> None:
    """All packages are fetched before the old files go, so a failure leaves them as they were."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "vendor"
        entries = vendor_packages(folder)
        (folder / MANIFEST).write_text(json.dumps(entries, indent=2) + "\n")
        shutil.rmtree(VENDOR_DIR, ignore_errors=True)
        shutil.copytree(folder, VENDOR_DIR)
    for entry in entries:
        sys.stdout.write(f"{entry['package']} {entry['version']}: {len(entry['sha256'])} files\n")


if __name__ == "__main__":
    replace_vendor_dir()
