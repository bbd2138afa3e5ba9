"""fightnet's network with weights and activations of eight bits, but for its first six convolutions: most of what eight bits lose is lost in those.

Weights take seven of the eight bits: processors without VNNI add the products of two pairs in sixteen bits, and eight-bit weights overflow them. Whoever judges the
features must learn on those of the network made here.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import quantization

from detection import types

PLAIN_CONVOLUTIONS = 6
"""From the pictures on: the first, and the first two blocks'."""


class _Windows(quantization.CalibrationDataReader):  # type: ignore[misc]  # the runtime tells no types
    def __init__(self, windows: Sequence[types.Pixels]) -> None:
        self._left: Iterator[types.Pixels] = iter(windows)

    def get_next(self) -> dict[str, types.Pixels] | None:
        """Return what the next run is fed with; None after the last."""
        window = next(self._left, None)
        return None if window is None else {"frames": window}


def quantise(plain: Path, path: Path, windows: Sequence[types.Pixels]) -> None:
    """Write the network of `plain` in eight bits.

    Args:
        plain: ONNX with weights of float32.
        windows: uint8 (FRAMES, SIDE_PX, SIDE_PX, 3); their activations set the ranges of all.
    """
    convolutions = [node.name for node in onnx.load(plain).graph.node if node.op_type == "Conv"]
    quantization.quantize_static(
        plain, path, _Windows(windows), quant_format=quantization.QuantFormat.QDQ, op_types_to_quantize=["Conv", "Add", "Clip"],
        nodes_to_exclude=convolutions[:PLAIN_CONVOLUTIONS], per_channel=True, reduce_range=True,
        activation_type=quantization.QuantType.QUInt8, weight_type=quantization.QuantType.QInt8,
        calibrate_method=quantization.CalibrationMethod.MinMax,
    )  # fmt: skip


def judged(features: Path, path: Path, weight: types.Float, bias: float) -> None:
    """Write the network of `features` with a judgement on what it answers: the probability of a fight, `score` float (1,)."""
    model = onnx.load(features)
    graph = model.graph
    seen = graph.output[0].name
    graph.initializer.extend(
        [
            numpy_helper.from_array(np.asarray(weight, np.float32).reshape(-1, 1), "judge_weight"),
            numpy_helper.from_array(np.array([bias], np.float32), "judge_bias"),
        ]
    )
    row = numpy_helper.from_array(np.array([1, -1], np.int64), "judge_row")
    flat = numpy_helper.from_array(np.array([1], np.int64), "judge_flat")
    graph.initializer.extend([row, flat])
    graph.node.extend(
        [
            helper.make_node("Reshape", [seen, "judge_row"], ["judge_seen"]),
            helper.make_node("Gemm", ["judge_seen", "judge_weight", "judge_bias"], ["judge_logit"]),
            helper.make_node("Sigmoid", ["judge_logit"], ["judge_chance"]),
            helper.make_node("Reshape", ["judge_chance", "judge_flat"], ["score"]),
        ]
    )
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("score", TensorProto.FLOAT, [1]))
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)
