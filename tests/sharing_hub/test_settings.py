"""Wrong settings are refused with file, line and remedy; the shipped example is right."""

from pathlib import Path

import pytest

import sharing_hub
from sharing_hub import errors, server_settings, settings
from sharing_hub import hub as hubs

PEER = (
    '[[peers]]\nagency = "seoul"\nurl = "https://hub.seoul.example"\n'
    'client_id = "6f0a3a0e-7b1c-4c53-8f0e-0c2b1f1a2d3e"\nkey = "hub.jwk"\n'
)


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "hub.toml"
    path.write_text(text)
    with pytest.raises(errors.SettingsError) as caught:
        hubs.rules_of(settings.load(path))
    return caught.value.detail


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            'data_dir = "d"\n[server]\nport = 1\nprot = 2\n',
            4,
            "unknown key server.prot; known here: body_pause_s, body_within_s, client_certificate_header",
        ),
        ('data_dir = "d"\n[server]\nport = "x"\n', 3, "server.port"),
        ('data_dir = "d"\nserver.port = 99999\n', 2, "65535"),
        ("[server]\nport = 1\n", 1, "data_dir is missing"),
        ('data_dir = "d"\n[media]\nlooks_keep_days = 30\n', 3, "730"),
        ('data_dir = "d"\n\n[rules.fire]\nseverity = 4\n', 4, "rules.fire.severity"),
        ('data_dir = "d"\n[rules.fire]\nloud = true\n', 3, "unknown key rules.fire.loud; known here: severity, alarm"),
        (f'data_dir = "d"\n{PEER}nmae = 1\n', 7, "unknown key peers.0.nmae; known here: agency, client_id, key, url"),
        ('data_dir = "d"\n[[peers]]\nagency = "seoul"\n', 2, "peers.0.url is missing"),
        ('data_dir = "d"\n[extra]\nx = 1\n', 2, "unknown key extra"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    detail = refusal(tmp_path, text)
    assert detail.startswith(f"{tmp_path / 'hub.toml'}:{line}: ")
    assert words in detail


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('data_dir = "d"\n[tls]\nmode = "off"\n[server]\nhost = "0.0.0.0"\n', 'mode = "authority"'),
        ('data_dir = "d"\n[tls]\ncertificate = "c"\n', "belong together"),
        ('data_dir = "d"\n[tls]\nmode = "certificate"\n', "needs certificate and key"),
        ('data_dir = "d"\n[rules.fier]\nseverity = 1\n', "unknown event kind"),
        (f'data_dir = "d"\n{PEER}{PEER}', "names seoul twice"),
        ('data_dir = "d"\n' + PEER.replace("https", "http"), "url is an https address"),
        ("data_dir = \n", "not TOML"),
    ],
)
def test_settings_that_contradict_each_other_are_refused_with_the_remedy(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.SettingsError, match="cannot be read"):
        settings.load(tmp_path / "none.toml")


def test_tls_is_decided_by_who_can_reach_the_hub(tmp_path: Path) -> None:
    def mode(host: str) -> str:
        return settings.tls_mode(settings.Settings(data_dir=tmp_path, server=server_settings.Server(host=host)))

    assert [mode(host) for host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "10.1.2.3")] == [  # noqa: S104
        "off", "off", "off", "authority", "authority",
    ]  # fmt: skip


def test_the_shipped_example_is_right() -> None:
    example = Path(sharing_hub.__file__).parent / "deploy" / "hub.example.toml"
    assert settings.load(example).server.port == 8443


def test_relative_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('data_dir = "data"\n')
    assert settings.load(tmp_path / "hub.toml").data_dir == tmp_path / "data"


def test_every_setting_is_described() -> None:
    rows = settings.markdown().splitlines()[2:]
    assert len(rows) > 20
    assert all(row.split("|")[3].strip() for row in rows)


def test_a_told_certificate_is_believed_on_loopback_only(tmp_path: Path) -> None:
    server = {"client_certificate_header": "X-Client-Certificate", "host": "192.0.2.1"}
    with pytest.raises(errors.SettingsError, match="client_certificate_header"):
        settings.check(settings.Settings.model_validate({"data_dir": tmp_path, "server": server}))
