"""Where the hub may send to: not into its own networks, not where a name was made to lead, not by plain http."""

import ipaddress

import pytest

from sharing_hub import errors
from sharing_hub.gateway import destinations

TEN = (ipaddress.ip_network("10.20.0.0/16"),)
LOCAL = (ipaddress.ip_network("127.0.0.0/8"),)


def leads_to(*addresses: str) -> destinations.Resolve:
    return lambda host, port: addresses


def test_the_address_that_was_checked_is_the_one_connected_to() -> None:
    to = destinations.resolve("https://119.example.kr/hook?a=1", (), leads_to("93.184.216.34"))
    assert (to.host, to.connect_url) == ("119.example.kr", "https://93.184.216.34:443/hook?a=1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104 "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "2002:7f00:1::", "ff02::1", "64:ff9b:1::a00:1",
    ],
)  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    with pytest.raises(errors.Refused, match="private_networks"):
        destinations.resolve("https://agency.example/", (), leads_to(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(errors.Refused):
        destinations.resolve("https://agency.example/", (), leads_to("93.184.216.34", "10.0.0.1"))


def test_a_private_network_is_sent_to_where_the_settings_name_it_and_nowhere_else() -> None:
    assert destinations.resolve("https://agency.example/", TEN, leads_to("10.20.3.4")).connect_url.startswith(
        "https://10.20.3.4"
    )
    with pytest.raises(errors.Refused):
        destinations.resolve("https://agency.example/", TEN, leads_to("10.21.0.1"))


def test_plain_http_is_for_named_networks_only() -> None:
    with pytest.raises(errors.Unprocessable, match="https"):
        destinations.check("http://agency.example/", ())
    assert (
        destinations.resolve("http://agency.example:81/", LOCAL, leads_to("127.0.0.1")).connect_url
        == "http://127.0.0.1:81/"
    )
    with pytest.raises(errors.Refused):
        destinations.resolve("http://agency.example/", LOCAL, leads_to("93.184.216.34"))


@pytest.mark.parametrize(
    "url",
    [
        "", "https://", "ftp://a/", "file:///etc/passwd", "https://user:pw@a/", "https://a:99999/", "https://a/#x", "https://a b/",
        "gopher://a", "https://a/\r\nX: y", "https://" + "a" * 600, "https://[::1", "//a/",
    ],
)  # fmt: skip
def test_what_is_no_address_to_send_to_is_refused_with_words(url: str) -> None:
    with pytest.raises(errors.Unprocessable, match="address"):
        destinations.check(url, TEN)


def test_a_name_that_is_not_found_is_tried_again_later() -> None:
    def fails(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(errors.Busy):
        destinations.resolve("https://agency.example/", (), fails)
