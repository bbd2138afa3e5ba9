"""What is shipped of fightnet in eight bits: which convolutions, in how many bits, and that a judgement on features is what its numbers say."""

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from detection import types
from models.recipes import fight_quantising

CONVOLUTIONS = fight_quantising.PLAIN_CONVOLUTIONS + 2
MOST = 2**6  # seven bits with their sign
Made = tuple[Path, Path, types.Pixels]


def network(path: Path) -> None:
    """Write a chain of convolutions over two channels that ends in their means."""
    random = np.random.default_rng(3)
    weights = [
        numpy_helper.from_array(random.normal(0, 0.7, (2, 2, 1, 1)).astype(np.float32), f"w{i}")
        for i in range(CONVOLUTIONS)
    ]
    nodes = [helper.make_node("Cast", ["frames"], ["x0"], to=TensorProto.FLOAT)]
    nodes += [helper.make_node("Conv", [f"x{i}", f"w{i}"], [f"x{i + 1}"], name=f"c{i}") for i in range(CONVOLUTIONS)]
    axes = numpy_helper.from_array(np.array([0, 2, 3], np.int64), "axes")
    nodes.append(helper.make_node("ReduceMean", [f"x{CONVOLUTIONS}", "axes"], ["features"], keepdims=0))
    taken = helper.make_tensor_value_info("frames", TensorProto.UINT8, [1, 2, 4, 4])
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, [2])
    graph = helper.make_graph(nodes, "tiny", [taken], [given], [*weights, axes])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10), path)


def answer(path: Path, window: types.Pixels) -> list[float]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return [float(value) for value in session.run(None, {"frames": window})[0]]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Return the plain network, the same in eight bits, and a window from which its ranges were set."""
    window = np.random.default_rng(4).integers(0, 256, (1, 2, 4, 4), np.uint8)
    network(tmp_path / "plain.onnx")
    fight_quantising.quantise(tmp_path / "plain.onnx", tmp_path / "eight.onnx", [window])
    return tmp_path / "plain.onnx", tmp_path / "eight.onnx", window


def test_all_but_the_first_convolutions_have_weights_of_seven_bits(
    made: Made,
) -> None:
    kept = {tensor.name: numpy_helper.to_array(tensor) for tensor in onnx.load(made[1]).graph.initializer}
    whole = [array for array in kept.values() if array.dtype == np.int8 and array.ndim == 4]
    assert len(whole) == CONVOLUTIONS - fight_quantising.PLAIN_CONVOLUTIONS
    assert all(np.abs(array.astype(int)).max() <= MOST for array in whole)
    assert all(kept[f"w{i}"].dtype == np.float32 for i in range(fight_quantising.PLAIN_CONVOLUTIONS))


def test_eight_bits_answer_much_like_the_plain_network(
    made: Made,
) -> None:
    plain, eight, window = made
    assert answer(eight, window) == pytest.approx(answer(plain, window), rel=0.1, abs=1.0)


def test_the_judgement_is_a_logistic_regression_on_the_features(made: Made, tmp_path: Path) -> None:
    _, eight, window = made
    weight, bias = np.array([0.02, -0.01], np.float32), 0.3
    fight_quantising.judged(eight, tmp_path / "judged.onnx", weight, bias)
    logit = float(np.array(answer(eight, window)) @ weight) + bias
    assert answer(tmp_path / "judged.onnx", window) == pytest.approx([1 / (1 + np.exp(-logit))], abs=1e-5)
