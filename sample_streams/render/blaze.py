"""The vehicle fire as plain numbers: where it sits, when smoke and flames begin, which simulated frame is shown when."""

from sample_streams.render import drives

NAME = "blaze"
SEAT = (-3.3, 22.5, 0.95)  # the bonnet of the drive "stopper" as it stands
SIZE_M, TALL_M = 6.5, 10.0
FLAMES_S = 3.0  # smoke alone until then, counted from the first wisp
SECONDS = 14.0
LOOP_FROM_S, LOOP_BLEND_S = 8.5, 1.2  # a full fire, repeated; its end fades into its beginning


def frames() -> int:
    """Return how many frames are simulated and rendered."""
    return round(SECONDS * drives.FPS)


def rendered_frames() -> range:
    """Return the frames that are rendered: every second one; billows move slowly enough to be faded into each other."""
    return range(0, frames(), 2)


def mix(since_s: float) -> list[tuple[int, float]]:
    """Return which frames make up the fire at that time since its first wisp, with their weights; none before it."""
    if since_s < 0.0:
        return []
    last = frames() - 1
    frame = round(since_s * drives.FPS)
    start, blend = round(LOOP_FROM_S * drives.FPS), round(LOOP_BLEND_S * drives.FPS)
    period = last + 1 - blend - start
    if frame > last - blend:
        frame = start + (frame - start) % period
    if start <= frame < start + blend and since_s * drives.FPS > last - blend:
        share = (frame - start) / blend
        return [*_halve(frame + period, 1.0 - share), *_halve(frame, share)]
    return _halve(frame, 1.0)


def _halve(frame: int, weight: float) -> list[tuple[int, float]]:
    """Return the frame, or the two rendered ones around it."""
    if frame % 2 == 0:
        return [(frame, weight)]
    return [(frame - 1, weight / 2), (min(frame + 1, frames() - 2), weight / 2)]
