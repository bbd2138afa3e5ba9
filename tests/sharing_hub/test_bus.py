"""The bus: changes reach every listener, from every thread, within bounds."""

import asyncio
import threading

import pytest

from sharing_hub import bus


def test_a_change_published_in_another_thread_wakes_the_listener() -> None:
    async def scene() -> tuple[bus.Change, ...]:
        local = bus.LocalBus()
        listener = local.subscribe()
        waiting = asyncio.create_task(listener.next())
        await asyncio.sleep(0)
        thread = threading.Thread(target=local.publish, args=("incident", "i1"))
        thread.start()
        changes = await asyncio.wait_for(waiting, 5)
        thread.join()
        return changes

    assert asyncio.run(scene()) == (bus.Change(1, "incident", "i1"),)


def test_repeated_changes_of_one_thing_fold_into_the_newest_and_keep_order() -> None:
    async def scene() -> tuple[bus.Change, ...]:
        local = bus.LocalBus()
        listener = local.subscribe()
        for topic, key in (("incident", "a"), ("camera", "c"), ("incident", "a")):
            local.publish(topic, key)  # type: ignore[arg-type]
        return await listener.next()

    assert asyncio.run(scene()) == (bus.Change(2, "camera", "c"), bus.Change(3, "incident", "a"))


def test_a_listener_that_falls_behind_is_told_and_counted_and_others_are_not_disturbed() -> None:
    async def scene() -> tuple[int, int, int]:
        local = bus.LocalBus()
        slow, quick = local.subscribe(max_pending=2), local.subscribe()
        for number in range(5):
            local.publish("media", str(number))
        with pytest.raises(bus.Lagged):
            await slow.next()
        return len(await quick.next()), local.lagged, local.listeners

    assert asyncio.run(scene()) == (5, 1, 1)


def test_a_listener_that_comes_back_gets_what_it_missed() -> None:
    async def scene() -> tuple[bus.Change, ...]:
        local = bus.LocalBus()
        for key in "abc":
            local.publish("camera", key)
        return await local.subscribe(after=1).next()

    assert [change.key for change in asyncio.run(scene())] == ["b", "c"]


@pytest.mark.parametrize("after", [-1, 0, 99])
def test_asking_for_changes_no_longer_remembered_or_never_made_is_refused(after: int) -> None:
    async def scene() -> None:
        local = bus.LocalBus()
        for number in range(bus.HISTORY_LENGTH + 2):
            local.publish("camera", str(number % 10))
        with pytest.raises(bus.Lagged):
            local.subscribe(after=after if after < 99 else bus.HISTORY_LENGTH + 3)

    asyncio.run(scene())


def test_a_listener_whose_loop_has_ended_is_dropped_without_an_error() -> None:
    local = bus.LocalBus()

    async def leave() -> None:
        local.subscribe()

    asyncio.run(leave())
    local.publish("camera", "c")
    assert local.listeners == 0
