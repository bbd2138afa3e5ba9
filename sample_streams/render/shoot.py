"""Render the street once empty and every drive as small pictures around its vehicle.

Run by Blender 3.4 or newer: `blender -b -P sample_streams/render/shoot.py -t 2 -- OUT_DIR [NAME ...]`. Pictures that
exist are kept, so an interrupted run goes on.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sample_streams.render import crash, drives, street, studio, vehicles, view


def main() -> None:
    """Render what is missing in the folder named on the command line."""
    words = sys.argv[sys.argv.index("--") + 1 :]
    out, names = Path(words[0]), set(words[1:])
    studio.clear()
    street.make_street(seed=7)
    studio.set_up_render(view.ROAD)
    studio.shoot_empty(out)
    for drive in drives.DRIVES:
        if not names or drive.name in names:
            _shoot_drive(drive, out / drive.name)
    if not names or crash.NAME in names:
        _shoot_crash(out / crash.NAME)


def _shoot_drive(drive: drives.Drive, folder: Path) -> None:
    path = drives.positions_m(drive)
    wanted = [i for i in sorted(set(drives.rendered_frames(path))) if studio.is_missing(folder, i)]
    if not wanted:
        return
    vehicle = getattr(vehicles, f"make_{drive.model}")(drive.name, drive.colour)
    for i in wanted:
        x, turn = drives.aside(drive, path, i)
        vehicle.rotation_euler = (0.0, 0.0, turn if drive.away else turn + 3.14159265)
        vehicle.location = (x, path[i], 0.0)
        studio.shoot(list(vehicle.children), folder, i)
    studio.remove([vehicle, *vehicle.children])


def _shoot_crash(folder: Path) -> None:
    """Render both cars of the crash in one picture each time, dented and with debris after they have met."""
    wanted = [i for i in crash.rendered_frames() if studio.is_missing(folder, i)]
    cars = {car.name: vehicles.make_sedan(car.name, car.colour) for car in crash.CARS}
    pieces = vehicles.make_debris("debris", len(crash.DEBRIS))
    dented = False
    for i in wanted:
        if i >= crash.MEET_FRAME and not dented:
            for car in crash.CARS:
                vehicles.dent(cars[car.name], car.dent_at, car.dent_m)
            dented = True
        for car in crash.CARS:
            x, y, turn = crash.place(car, i)
            cars[car.name].location, cars[car.name].rotation_euler = (x, y, 0.0), (0.0, 0.0, turn)
        for piece, at in zip(pieces, crash.place_debris(i), strict=True):
            piece.location, piece.hide_render = at, i < crash.MEET_FRAME
            piece.rotation_euler = (at[2] * 7.0, at[0] * 5.0, at[1])
        parts = [part for carrier in cars.values() for part in carrier.children]
        studio.shoot(parts + (pieces if i >= crash.MEET_FRAME else []), folder, i)


main()
