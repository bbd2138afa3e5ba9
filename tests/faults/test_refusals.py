"""What is refused at start: one readable message that says where and what to write instead, no traceback, an exit code, nothing left running.

What the settings refuse is refused before anything is started: one process for each program shows it, the others are called here.
"""

import shutil
from pathlib import Path

import pytest

from detection import models
from tests.support import agent_state, commands, hub_process, sites

pytestmark = [pytest.mark.process, pytest.mark.timeout(300)]

CAMERA = sites.Watched("gate", "rtsp://127.0.0.1:9/gate")


def refused(done: commands.Done) -> str:
    """Return what a command that must have been refused said."""
    assert done.returncode not in (0, -6, -9, -11), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3, done.stderr
    return done.stderr


def copied_models(folder: Path) -> Path:
    """Return a folder of models of our own, to be spoilt."""
    made = folder / "models"
    shutil.copytree(models.default_folder(), made, ignore=shutil.ignore_patterns("__pycache__"))
    return made


def run_agent(folder: Path, tables: str) -> commands.Done:
    """Run an agent that is enrolled, until it ends by itself."""
    agent = sites.Agent(folder, [CAMERA], tables)
    agent_state.enrolled(agent.state_dir)
    return commands.run("camera_agents", "run", agent.settings)


def test_the_agent_refuses_an_unknown_key_with_its_line_and_the_nearest_known_one(tmp_path: Path) -> None:
    agent = sites.Agent(tmp_path, [sites.Watched("gate", "rtsp://127.0.0.1:9/gate", "trasport = 'udp'")])
    said = refused(commands.run("camera_agents", "run", agent.settings))
    line = 1 + agent.settings.read_text().splitlines().index("trasport = 'udp'")
    assert f"agent.toml:{line}: unknown key 'trasport': did you mean 'transport'?" in said


def test_the_agent_tells_all_faults_of_its_file_at_once(tmp_path: Path) -> None:
    wrong = [sites.Watched("gate", "http://127.0.0.1/gate"), sites.Watched("yard", CAMERA.url, "colour = 'red'")]
    agent = sites.Agent(tmp_path, wrong, "[disks]\nmin_free_gib = 1\n")
    said = refused(commands.call("camera_agents", "run", agent.settings))
    assert len(said.strip().splitlines()) == 3
    assert "unknown table 'disks': did you mean 'disk'?" in said
    assert "write rtsp://" in said and "unknown key 'colour'" in said


def test_an_agent_without_its_file_says_how_to_begin(tmp_path: Path) -> None:
    said = refused(commands.call("camera_agents", "run", tmp_path / "agent.toml"))
    assert "agent.toml" in said and "agent.example.toml" in said


def test_an_agent_that_is_not_enrolled_says_so(tmp_path: Path) -> None:
    agent = sites.Agent(tmp_path, [CAMERA])
    assert "enroll" in refused(commands.run("camera_agents", "run", agent.settings))


def test_the_agent_refuses_a_model_file_that_is_missing(tmp_path: Path) -> None:
    folder = copied_models(tmp_path)
    entry = models.load_manifest(folder)[0]
    entry.path.unlink()
    said = refused(run_agent(tmp_path, f'[detector]\nmodels_dir = "{folder}"\n'))
    assert str(entry.path) in said and "restore the file" in said


def test_the_agent_refuses_a_model_file_that_was_altered(tmp_path: Path) -> None:
    folder = copied_models(tmp_path)
    entry = models.load_manifest(folder)[0]
    weights = bytearray(entry.path.read_bytes())
    weights[len(weights) // 2] ^= 1
    entry.path.write_bytes(weights)
    said = refused(run_agent(tmp_path, f'[detector]\nmodels_dir = "{folder}"\n'))
    assert str(entry.path) in said and entry.sha256 in said and "restore the file" in said


def test_the_agent_refuses_a_model_that_no_manifest_lists(tmp_path: Path) -> None:
    said = refused(run_agent(tmp_path, '[detector]\nmodel = "somebody-elses"\n'))
    assert "somebody-elses" in said and "nanodet" in said


def test_the_hub_refuses_an_unknown_key_with_its_line_and_what_is_known(tmp_path: Path) -> None:
    settings = tmp_path / "hub.toml"
    settings.write_text('data_dir = "data"\n\n[media]\nkeep_day = 3\n')
    said = refused(commands.run("sharing_hub", "run", settings))
    assert f"{settings}:4: unknown key media.keep_day" in said and "keep_days" in said
    assert not (tmp_path / "data").exists()


def test_the_hub_refuses_plain_http_on_a_network(tmp_path: Path) -> None:
    settings = tmp_path / "hub.toml"
    settings.write_text('data_dir = "data"\n[server]\nhost = "0.0.0.0"\n[tls]\nmode = "off"\n')
    assert 'mode = "authority"' in refused(commands.call("sharing_hub", "run", settings))


def test_a_second_hub_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with hub_process.HubProcess(tmp_path / "hub") as hub:
        said = refused(commands.run("sharing_hub", "run", "--data", hub.data_dir, "--port", "0"))
        assert "another hub is running" in said and str(hub.data_dir) in said


def test_a_hub_whose_port_is_taken_says_which(tmp_path: Path) -> None:
    with hub_process.HubProcess(tmp_path / "hub") as hub:
        port = hub.url.rpartition(":")[2].rstrip("/")
        said = refused(commands.run("sharing_hub", "run", "--data", tmp_path / "other", "--port", port))
        assert port in said and "choose another" in said


def test_a_second_agent_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with hub_process.HubProcess(tmp_path / "hub") as hub, sites.Agent(tmp_path, [CAMERA]).enrol(hub) as agent:
        sites.wait_for(agent, lambda: sites.camera_rows(hub), 30, "the agent's first heartbeat")
        said = refused(commands.run("camera_agents", "run", agent.settings))
        assert "another agent" in said and str(agent.state_dir) in said
