"""The vendored browser files are the ones that VENDOR.json names, edited as a strict page needs them."""

import base64
import hashlib
import json
import re
from pathlib import Path

import nhsuk_frontend_jinja
import pytest
from django.conf import settings
from plotly.offline import get_plotlyjs_version

from scripts import vendor

ENTRIES = json.loads((vendor.VENDOR_DIR / vendor.MANIFEST).read_text())
DIGESTS = {name: digest for entry in ENTRIES for name, digest in entry["sha256"].items()}


@pytest.mark.parametrize("name", sorted(DIGESTS))
def test_vendored_file_has_the_recorded_digest(name):
    content = (vendor.VENDOR_DIR / name).read_bytes()

    assert hashlib.sha256(content).hexdigest() == DIGESTS[name]


def test_vendor_folder_holds_nothing_that_the_record_does_not_name():
    files = {
        path.relative_to(vendor.VENDOR_DIR).as_posix()
        for path in vendor.VENDOR_DIR.rglob("*")
        if path.is_file()
    }

    assert files == {*DIGESTS, vendor.MANIFEST}


def test_record_and_script_name_the_same_packages_and_files():
    recorded = [(entry["package"], entry["version"], list(entry["sha256"])) for entry in ENTRIES]

    assert recorded == [
        (package.name, package.version, [file.name for file in package.files]) for package in vendor.PACKAGES
    ]


def test_plotly_in_the_browser_is_the_version_the_server_writes_figures_for():
    versions = {entry["version"] for entry in ENTRIES if entry["package"].startswith("plotly.js")}

    assert versions == {get_plotlyjs_version()}


def test_content_policy_allows_the_one_inline_script_of_the_page_template():
    template = Path(nhsuk_frontend_jinja.__file__).parent / "templates" / "nhsuk" / "template.jinja"
    scripts = re.findall(r"<script[^>]*>(.+?)</script>", template.read_text(), flags=re.DOTALL)

    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]

    assert [f"'sha256-{digest}'" for digest in digests] == [settings.INLINE_SCRIPT_OF_NHSUK_TEMPLATE]


def test_style_sheet_names_no_font_file_no_other_host_and_only_images_that_are_here():
    text = (vendor.VENDOR_DIR / "nhsuk-frontend.min.css").read_text()
    addresses = {address.partition("#")[0] for address in re.findall(r"url\(([^)]+)\)", text)}

    assert "@font-face" not in text
    assert "sourceMappingURL" not in text
    assert {address for address in addresses if not (vendor.VENDOR_DIR / address).is_file()} == set()


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        (vendor.drop_font_faces, "a{b:c}@font-face{src:url(x)}d{e:f}", "a{b:c}d{e:f}"),
        (vendor.localise_image_addresses, "url(/assets/images/tick.svg)", "url(images/tick.svg)"),
        (vendor.strip_source_map, "a{b:c}\n/*# sourceMappingURL=a.css.map */", "a{b:c}\n"),
        (vendor.strip_source_map, "f();//# sourceMappingURL=a.js.map", "f();"),
        (
            vendor.name_nhsuk_as_holder,
            "MIT\n\nCopyright (c) 1 X Inc.\n",
            f"MIT\n\n{vendor.NHSUK_COPYRIGHT}\n",
        ),
    ],
)
def test_edit_changes_only_what_it_names(edit, before, after):
    assert edit(before) == after
