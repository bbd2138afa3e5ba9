"""Imports do nothing but define; the hub's API reads only what its viewer may see; agents know only the wire."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROBE = """
import importlib, pkgutil, sys, threading
import {package} as package
names = [m.name for m in pkgutil.walk_packages(package.__path__, "{package}.")
         if not m.name.endswith("__main__") and ".render" not in m.name and ".migrations." not in m.name]
for name in ("av", "cv2", "numpy", "scipy.optimize", "onnxruntime", "fastapi", "sqlalchemy", "alembic.command", "aiortc", "httpx",
             "websockets", "onvif", "wsdiscovery", "joserfc", "pwdlib", "structlog", "uvicorn", "prometheus_client"):
    importlib.import_module(name)
done = []
def watch(event, arguments):
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        if "__pycache__" not in str(arguments[0]) and str(arguments[0]) != "/dev/null":
            done.append(("writes", str(arguments[0])))
    if event in {{"socket.connect", "socket.bind", "subprocess.Popen", "os.system"}}:
        done.append((event, repr(arguments)[:200]))
before = threading.active_count()
sys.addaudithook(watch)
for name in names:
    importlib.import_module(name)
assert not done, done
assert threading.active_count() == before, threading.enumerate()
print(len(names))
"""


@pytest.mark.parametrize("package", ["camera_agents", "detection", "sharing_hub", "sample_streams"])
def test_importing_does_nothing(package: str) -> None:
    command = [
        sys.executable,
        "-B",
        "-c",
        PROBE.format(package=package),
    ]  # -B: keeping what was compiled is no deed of ours
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert int(result.stdout) > 0


def imported(path: Path) -> set[str]:
    """Return the dotted names that the file at `path` imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def test_agents_know_of_the_hub_only_the_wire() -> None:
    for path in (ROOT / "camera_agents").rglob("*.py"):
        for name in imported(path):
            assert not name.startswith("sharing_hub") or name.startswith("sharing_hub.wire"), f"{path}: {name}"


def test_the_wire_imports_nothing_of_the_project() -> None:
    for path in (ROOT / "sharing_hub" / "wire").rglob("*.py"):
        for name in imported(path):
            assert name.split(".")[0] not in {"camera_agents", "detection", "sample_streams"}, f"{path}: {name}"
            assert not name.startswith("sharing_hub") or name.startswith("sharing_hub.wire"), f"{path}: {name}"


def test_the_hub_knows_no_vision_library_but_where_it_masks_what_is_handed_out() -> None:
    media = ROOT / "sharing_hub" / "media"
    allowed = {media / "masking.py": {"detection"}, media / "watermark.py": {"cv2", "numpy"}}
    for path in (ROOT / "sharing_hub").rglob("*.py"):
        for name in imported(path):
            top = name.split(".")[0]
            if top in {"cv2", "numpy", "onnxruntime", "scipy", "detection"}:
                assert top in allowed.get(path, ()), f"{path}: {name}"


def test_the_hub_starts_without_what_masks() -> None:
    probe = "import sys, sharing_hub.__main__; print([m for m in ('cv2', 'onnxruntime', 'detection', 'c2pa') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", probe], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_the_api_reads_only_through_scoped_queries() -> None:
    for path in (ROOT / "sharing_hub" / "api").rglob("*.py"):
        for name in imported(path):
            assert name not in {"sqlalchemy.select", "sqlalchemy.text"}, (
                f"{path}: read through store.queries or a service"
            )
            assert not name.startswith("sharing_hub.store.tables"), f"{path}: {name}"


def test_services_never_commit() -> None:
    allowed = {"looks.py"}  # a look is written and committed before the first byte: that is its purpose
    for path in (ROOT / "sharing_hub" / "services").rglob("*.py"):
        if path.name in allowed:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "commit":
                raise AssertionError(f"{path.name}:{node.lineno} commits; the request or the job does, once")
