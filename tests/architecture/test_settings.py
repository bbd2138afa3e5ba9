"""Every setting is documented: the references that stand beside the code are those the programs print."""

from pathlib import Path

import pytest

from tests.support import commands

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("package", ["camera_agents", "sharing_hub"])
def test_the_reference_is_what_the_program_prints(package: str) -> None:
    printed = commands.call(package, "settings").stdout

    assert (ROOT / package / "SETTINGS.md").read_text().endswith(printed), (
        f"run: python -m {package} settings, and put what it prints below the first lines of {package}/SETTINGS.md"
    )
    assert "|  |\n" not in printed, "a setting has no meaning"
