"""Where people are close to each other: the parts of a picture that may show a struggle, from tracks and movement alone.

Two people count as close when the gap between their boxes is small against their height. The detector often finds only one of two people who
hold each other, so one person with movement beside them that is not their own box counts too.
"""

from collections.abc import Iterable, Sequence

from detection import boxes, types

GAP_HEIGHTS = 0.5
"""Two people are close when the gap between their boxes is at most this share of their mean height."""
LIKE = 2.2
"""Boxes whose heights differ by more than this factor are not beside each other: one is much nearer to the camera."""
REACH_HEIGHTS = 0.35
"""How far from one person's box movement counts as beside them."""
BEYOND_HEIGHTS = 0.25
"""How far movement must reach beyond one person's box to be somebody else's too."""
MARGIN_HEIGHTS = 0.25
MOST_PEOPLE = 16


def close_areas(people: Sequence[types.Box], motion: Iterable[types.Box]) -> list[types.Box]:
    """Return areas that hold people close to each other, or one person with movement beside them.

    Args:
        people: boxes in pixels, most certain first; those beyond `MOST_PEOPLE` are not looked at.
        motion: what moved, pixels.

    Returns:
        Boxes in pixels with a margin, that do not overlap much; they may reach beyond the picture.
    """
    known = [box for box in people[:MOST_PEOPLE] if boxes.size(box) > 0]
    moved = list(motion)
    found = [boxes.enclose(a, b) for i, a in enumerate(known) for b in known[i + 1 :] if are_close(a, b)]
    found += [_with_movement(box, moved) for box in known if any(_is_beside(box, area) for area in moved)]
    return [_with_margin(box, known) for box in _joined(found)]


def are_close(a: types.Box, b: types.Box) -> bool:
    """Say whether two people stand close to each other, by their boxes."""
    tall, small = max(boxes.height(a), boxes.height(b)), min(boxes.height(a), boxes.height(b))
    if tall > LIKE * small:
        return False
    gap_x = max(a[0], b[0]) - min(a[2], b[2])
    gap_y = max(a[1], b[1]) - min(a[3], b[3])
    return max(gap_x, gap_y) <= GAP_HEIGHTS * (tall + small) / 2


def _is_beside(person: types.Box, motion: types.Box) -> bool:
    """Say whether movement touches a person and reaches well beyond them to one side: their own movement does not."""
    height = boxes.height(person)
    if not boxes.touch(boxes.grow(person, REACH_HEIGHTS * height, 0.0), motion):
        return False
    return max(person[0] - motion[0], motion[2] - person[2]) >= BEYOND_HEIGHTS * height


def _with_movement(person: types.Box, motion: Iterable[types.Box]) -> types.Box:
    """Return the person's box and the movement beside it, as far as it is about as near as they are wide and tall."""
    height = boxes.height(person)
    near = boxes.grow(person, height, REACH_HEIGHTS * height)
    whole = person
    for area in motion:
        if _is_beside(person, area):
            part = max(area[0], near[0]), max(area[1], near[1]), min(area[2], near[2]), min(area[3], near[3])
            whole = boxes.enclose(whole, part)
    return whole


def _joined(areas: Sequence[types.Box]) -> list[types.Box]:
    """Join areas that share most of the smaller one."""
    left, joined = list(areas), list[types.Box]()
    while left:
        area = left.pop()
        for i, other in enumerate(left):
            if max(boxes.share_inside(area, other), boxes.share_inside(other, area)) > 0.5:
                left[i] = boxes.enclose(area, other)
                break
        else:
            joined.append(area)
    return joined


def _with_margin(area: types.Box, people: Sequence[types.Box]) -> types.Box:
    inside = [boxes.height(box) for box in people if boxes.share_inside(box, area) > 0.5]
    margin = MARGIN_HEIGHTS * max(inside, default=boxes.height(area))
    return boxes.grow(area, margin, margin)
