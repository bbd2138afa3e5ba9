"""Tiny graphs in the forms that detectors are exported in. Each finds squares of one bright colour on a grid of 32 px: what the first channel
of its input shows is its class 0, what the last shows its class 1. So they tell boxes, classes, and the order and range of colours.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

CLASSES = 3
SIDE_PX = 64
_CELLS = (SIDE_PX // 32) ** 2


def yolox(side_px: int = SIDE_PX) -> bytes:
    """Return a graph of YOLOX's form: colours 0 to 255, objectness and classes after their sigmoid, boxes raw."""
    made = _Graph()
    levels = []
    for stride in (8, 16, 32):
        pooled = made.add("AveragePool", "images", kernel_shape=[stride] * 2, strides=[stride] * 2)
        box = made.convolve(pooled, np.zeros((4, 3)), [0.5, 0.5, 0, 0])
        sure = 4.0 if stride == 32 else -50.0
        scores = made.add("Sigmoid", made.convolve(pooled, _weights(1 / 255, objectness=True), [sure, -8, -8, -60]))
        levels.append(made.reshape(made.add("Concat", box, scores, axis=1), [1, 5 + CLASSES, -1]))
    made.add("Transpose", made.add("Concat", *levels, axis=2), into="output", perm=[0, 2, 1])
    cells = sum((side_px // stride) ** 2 for stride in (8, 16, 32))
    return made.model([_picture("images", side_px)], {"output": (1, cells, 5 + CLASSES)})


def yolov8() -> bytes:
    """Return a graph of the YOLOv8 form: colours 0 to 1, finished boxes, no objectness."""
    made = _Graph()
    pooled = made.add("AveragePool", "images", kernel_shape=[32, 32], strides=[32, 32])
    scores = made.reshape(
        made.add("Sigmoid", made.convolve(pooled, _weights(1.0), [-8, -8, -60])), [1, CLASSES, _CELLS]
    )
    finer = made.constant(np.zeros((1, CLASSES, 64 + 16)))
    boxes = made.constant(np.concatenate([np.ones((4, 64 + 16)), _cell_boxes().T], axis=1)[None])
    made.add("Concat", boxes, made.add("Concat", finer, scores, axis=2), into="output0", axis=1)
    return made.model([_picture("images")], {"output0": (1, 4 + CLASSES, 64 + 16 + _CELLS)})


def detr() -> bytes:
    """Return a graph of RT-DETR's form without post-processing: logits and boxes in shares of the input."""
    made = _Graph()
    _logits(made, "pixel_values", "logits")
    made.add("Identity", made.constant(_cell_boxes()[None] / SIDE_PX), into="pred_boxes")
    answers = {"logits": (1, _CELLS, CLASSES), "pred_boxes": (1, _CELLS, 4)}
    return made.model([_picture("pixel_values")], answers)


def detr_boxes() -> bytes:
    """Return a graph of RT-DETR's form with its post-processing: labels, boxes in pixels of the size it is told, scores."""
    made = _Graph()
    scores = made.add("Sigmoid", _logits(made, "images", "raw"))
    made.add("ReduceMax", scores, into="scores", axes=[2], keepdims=0)
    made.add("ArgMax", scores, into="labels", axis=2, keepdims=0)
    boxes = _cell_boxes() / SIDE_PX
    xyxy = np.concatenate([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, :2] + boxes[:, 2:] / 2], axis=1)
    size = made.add("Cast", "orig_target_sizes", to=TensorProto.FLOAT)
    made.add("Mul", made.constant(xyxy[None]), made.add("Concat", size, size, axis=1), into="boxes")
    told = helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, [1, 2])
    answers = {"labels": (1, _CELLS), "boxes": (1, _CELLS, 4), "scores": (1, _CELLS)}
    return made.model([_picture("images"), told], answers, integers={"labels"})


def _weights(scale: float, objectness: bool = False) -> np.ndarray:
    """Return the rows (classes, 3 channels) that make a bright channel a sure class, with a row for objectness before them."""
    rows = np.array([[16.0, 0, 0], [0, 0, 16.0], [0, 0, 0]]) * scale
    return np.concatenate([np.zeros((1, 3)), rows]) if objectness else rows


def _logits(made: "_Graph", source: str, into: str) -> str:
    pooled = made.add("AveragePool", source, kernel_shape=[32, 32], strides=[32, 32])
    scores = made.reshape(made.convolve(pooled, _weights(1.0), [-8, -8, -60]), [1, CLASSES, _CELLS])
    return made.add("Transpose", scores, into=into, perm=[0, 2, 1])


def _cell_boxes() -> np.ndarray:
    """Return the cells of 32 px as centre and size, pixels."""
    return np.array([[x, y, 32, 32] for y in (16, 48) for x in (16, 48)], np.float32)


def _picture(name: str, side_px: int = SIDE_PX) -> Any:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, side_px, side_px])


class _Graph:
    """A graph that grows node by node."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(self, operator: str, *inputs: str, into: str = "", **how: Any) -> str:
        name = into or f"t{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **how))
        return name

    def constant(self, values: object, kind: type = np.float32) -> str:
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(values, kind), name))
        return name

    def convolve(self, source: str, weights: np.ndarray, bias: list[float]) -> str:
        return self.add("Conv", source, self.constant(weights[:, :, None, None]), self.constant(bias))

    def reshape(self, source: str, shape: list[int]) -> str:
        return self.add("Reshape", source, self.constant(shape, np.int64))

    def model(
        self,
        inputs: list[Any],
        outputs: Mapping[str, tuple[int, ...]],
        integers: set[str] | frozenset[str] = frozenset(),
    ) -> bytes:
        told = [
            helper.make_tensor_value_info(
                name, TensorProto.INT64 if name in integers else TensorProto.FLOAT, list(shape)
            )
            for name, shape in outputs.items()
        ]
        graph = helper.make_graph(self._nodes, "tiny", inputs, told, self._constants)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        data: bytes = made.SerializeToString()
        return data
