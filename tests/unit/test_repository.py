"""What holds for the whole repository: who points at whom, what lock files and examples may say."""

import ast
import re
import socket
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from django.apps import apps

from tests.settings import OURS

ROOT = Path(__file__).resolve().parents[2]
RANK = {"kit": 0, "icbs": 1, "surveys": 2, "targets": 2, "alerts": 3, "tracker": 4}
CALC_FILES = sorted(ROOT.glob("*/calc/*.py"))
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def list_foreign_keys() -> list[tuple[str, str, str]]:
    return [
        (model._meta.label, field.name, field.related_model._meta.app_label)
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label in RANK
        for field in chain(model._meta.fields, model._meta.many_to_many)
        if field.related_model and field.related_model._meta.app_label in RANK
    ]


def test_foreign_keys_point_the_way_imports_do():
    keys = list_foreign_keys()
    wrong = [
        f"{model}.{name} points at {other}"
        for model, name, other in keys
        for own in [model.split(".")[0]]
        if other != own and RANK[other] >= RANK[own]
    ]

    assert len(keys) > 20
    assert wrong == []


@pytest.mark.parametrize("path", CALC_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_calculation_imports_the_standard_library_numpy_and_scipy_special(path):
    own = f"{path.parts[-3]}.calc"
    for module in list_imports(path):
        known = module.split(".")[0] in {*sys.stdlib_module_names, "numpy"} or module in {own, "kit.calc"}
        allowed = known or module.startswith(("scipy.special", f"{own}.", "kit.calc."))
        assert allowed, f"{path.name} imports {module}"


def list_imports(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_by_hash_and_names_no_host(path):
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text)
    pins = [entry for entry in entries if re.match(r"[A-Za-z0-9]", entry)]

    assert pins
    assert "://" not in text
    assert "index-url" not in text
    for pin in pins:
        assert re.match(r"[A-Za-z0-9._-]+(\[[^]]+])?==\S+", pin), pin.splitlines()[0]
        assert "--hash=sha256:" in pin, pin.splitlines()[0]


def test_development_installs_the_versions_that_run():
    running, developing = (
        set(re.findall(r"^([A-Za-z0-9._-]+==\S+)", (ROOT / "requirements" / name).read_text(), re.MULTILINE))
        for name in ("run.txt", "dev.txt")
    )

    assert running <= developing


def test_running_needs_no_test_tool():
    names = set(
        re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements" / "run.txt").read_text(), re.MULTILINE)
    )

    assert names.isdisjoint({"pytest", "mypy", "ruff", "playwright", "hypothesis", "pandas", "statsmodels"})


def test_the_example_environment_names_every_setting_and_nothing_else():
    sources = [ROOT / "tracker" / name for name in ("environment.py", "settings.py")]
    read = set(
        re.findall(r"read_(?:text|bool|url)\(\s*\"([A-Z_]+)\"", "".join(path.read_text() for path in sources))
    )
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert named - {"POSTGRES_PASSWORD", "PORT"} == read == set(OURS)


def test_no_module_is_a_drawer_for_everything():
    names = {path.name for path in ROOT.glob("*/**/*.py") if ".venv" not in path.parts}

    assert names.isdisjoint({"utils.py", "helpers.py", "common.py", "misc.py"})


def test_the_two_template_engines_share_no_name():
    jinja, django = (
        {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        for folder in (ROOT / "templates" / "jinja2", ROOT / "templates" / "django")
    )

    assert jinja
    assert django
    assert jinja.isdisjoint(django)


@pytest.mark.parametrize(
    ("value", "advice"), [("0", "from 1 to 65535"), ("http", "from 1 to 65535"), ("70000", "from 1 to 65535")]
)
def test_a_wrong_port_is_refused_before_the_work_starts(value, advice):
    assert advice in check_port(value)


def test_a_busy_port_is_noticed_before_the_work_starts(busy_port):
    assert f"Port {busy_port} is in use" in check_port(str(busy_port))
    assert "PORT=8001" in check_port(str(busy_port))


@pytest.fixture
def busy_port():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def check_port(value: str) -> str:
    done = subprocess.run(
        [sys.executable, "scripts/check_port.py", value],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    return done.stderr
