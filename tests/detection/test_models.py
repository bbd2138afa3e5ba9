"""The manifest: what is listed, what is refused and why."""

import hashlib
from pathlib import Path

import pytest

from detection import decoders, errors, models, types

ROW = """
[[model]]
name = "tiny"
file = "tiny.onnx"
task = "objects"
decoder = "nanodet"
input = [416, 416]
flexible = true
classes = { person = 0, car = 2 }
sha256 = "SHA"
licence = "Apache-2.0"
source = "made here"
"""


def make_folder(folder: Path, manifest: str = ROW, weights: bytes = b"weights") -> Path:
    (folder / "tiny.onnx").write_bytes(weights)
    (folder / "manifest.toml").write_text(manifest.replace("SHA", hashlib.sha256(b"weights").hexdigest()), "utf-8")
    return folder


def test_an_entry_is_read_with_its_classes_and_its_file_verified(tmp_path: Path) -> None:
    (entry,) = models.load_manifest(make_folder(tmp_path))
    assert entry.classes == ((types.ObjectClass.PERSON, 0), (types.ObjectClass.CAR, 2))
    assert models.read_verified(entry) == b"weights"


def test_an_altered_file_is_refused_with_both_hashes(tmp_path: Path) -> None:
    (entry,) = models.load_manifest(make_folder(tmp_path, weights=b"altered"))
    with pytest.raises(errors.ModelError) as refused:
        models.read_verified(entry)
    assert entry.sha256 in str(refused.value)
    assert hashlib.sha256(b"altered").hexdigest() in str(refused.value)


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    (entry,) = models.load_manifest(make_folder(tmp_path))
    entry.path.unlink()
    with pytest.raises(errors.ModelError, match=r"tiny\.onnx cannot be read"):
        models.read_verified(entry)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (ROW + ROW, "twice"),
        (ROW.replace('name = "tiny"\n', ""), "name"),
        (ROW + 'colour = "red"\n', "colour"),
        (ROW.replace("person = 0", "dragon = 0"), "DRAGON"),
        (ROW.replace("[416, 416]", "[416, 99999]"), "99999"),
        (ROW.replace('"SHA"', '"abc"'), "64"),
        ("[[model", "cannot be read"),
    ],
)
def test_a_manifest_not_in_its_form_is_refused_with_the_reason(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(errors.ModelError, match=said):
        models.load_manifest(make_folder(tmp_path, wrong))


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError, match=r"manifest\.toml"):
        models.load_manifest(tmp_path)


def test_every_model_that_ships_is_the_manifests_and_has_its_card_and_recipe() -> None:
    folder = models.default_folder()
    entries = models.load_manifest(folder)
    assert [entry.name for entry in entries][:1] == ["nanodet"]
    for entry in entries:
        assert models.read_verified(entry)
        assert (folder / f"{entry.name}.md").is_file()
        assert (folder / "recipes" / f"{entry.name}.py").is_file()


def test_the_readmes_examples_are_manifest_entries_with_decoders_of_their_own(tmp_path: Path) -> None:
    text = (models.default_folder() / "README.md").read_text(encoding="utf-8")
    examples = text.split("```toml\n")[1].split("```")[0].replace('sha256 = "..."', f'sha256 = "{"0" * 64}"')
    (tmp_path / "manifest.toml").write_text(examples, encoding="utf-8")
    entries = models.load_manifest(tmp_path)
    assert [entry.decoder for entry in entries] == ["yolox", "detr", "detr_boxes", "yolov8"]
    for entry in entries:
        assert len(decoders.make(entry).output_names) == len(decoders.make(entry).output_shapes(640, 640))


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(errors.ModelError, match="use one of: nanodet"):
        models.find(models.load_manifest(models.default_folder()), "yolo")
