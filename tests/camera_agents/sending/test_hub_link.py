import asyncio

from camera_agents import errors
from camera_agents.sending import hub_link
from sharing_hub.wire import v1


def test_a_rest_ends_when_the_hub_comes_back() -> None:
    async def story() -> None:
        link = hub_link.HubLink()
        link.failed(errors.HubUnreachable("no route"))
        resting = asyncio.create_task(link.rest(3600))
        await asyncio.sleep(0)
        link.answered()
        async with asyncio.timeout(20):
            await resting

    asyncio.run(story())


def test_a_rest_is_not_cut_short_by_a_hub_that_was_there_all_along() -> None:
    async def story() -> bool:
        link = hub_link.HubLink()
        link.answered()
        resting = asyncio.create_task(link.rest(3600))
        await asyncio.sleep(0)
        link.answered()
        await asyncio.sleep(0)
        cut_short = resting.done()
        resting.cancel()
        return cut_short

    assert asyncio.run(story()) is False


def test_a_refusal_shows_that_the_hub_is_there() -> None:
    link = hub_link.HubLink()
    link.failed(errors.HubUnreachable("no route"))
    assert link.reachable is False
    link.failed(errors.HubRefused(v1.Problem(title="Gone", status=410)))
    assert link.reachable is True
    assert link.last_error == "410 Gone: "
    link.answered()
    assert link.last_error == ""
