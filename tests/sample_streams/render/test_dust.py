"""Dust hides and clears; what it hides follows from the same puffs as the picture."""

import numpy as np
import pytest

from sample_streams import manifest
from sample_streams.render import court, dust, view

EVENT = next(clip for clip in court.CLIPS if clip.collapse_s is not None)
TWIN = next(clip for clip in court.CLIPS if clip.gust_s is not None)


def test_the_manifest_says_when_the_dust_lets_half_of_the_gap_be_seen() -> None:
    (truth,) = manifest.load().find(EVENT.name).truth
    assert truth.start_s is not None
    assert court.hidden_share(EVENT, truth.start_s - 0.3) > 0.5 > court.hidden_share(EVENT, truth.start_s + 0.3)


def test_the_twin_is_hidden_by_as_much_dust_in_which_nothing_falls() -> None:
    assert TWIN.collapse_s is None
    assert EVENT.collapse_s is None or court.hidden_share(EVENT, EVENT.collapse_s + 4.0) > 0.95
    assert dust.cover(dust.gust(), 4.0, court.PART_M) > 0.95


def test_no_dust_is_there_before_or_long_after() -> None:
    for puffs in (dust.collapse(), dust.gust()):
        picture = np.full((view.YARD.height_px, view.YARD.width_px, 3), 90, np.uint8)
        dust.lay(picture, puffs, 0.0)
        dust.lay(picture, puffs, 60.0)
        assert (picture == 90).all()


def test_a_puff_slows_down_spreads_and_thins_out() -> None:
    puff = dust.collapse()[0]
    ages = [puff.born_s + age for age in (0.5, 1.5, 8.0, 20.0)]
    assert [puff.radius_m(at) for at in ages] == sorted(puff.radius_m(at) for at in ages)
    assert puff.opacity(ages[1]) == pytest.approx(puff.thick)
    assert puff.thick > puff.opacity(ages[2]) > puff.opacity(ages[3])
    assert puff.opacity(puff.born_s) == 0.0


def test_who_asks_what_is_hidden_where_nothing_falls_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing falls"):
        court.hidden_share(TWIN, 10.0)
