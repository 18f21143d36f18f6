"""Which addresses may be told, over all of them, and what a URL may look like."""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from algebra.errors import Malformed, Refused
from service.webhooks import target
from service.webhooks.addresses import is_public, require_allowed
from service.webhooks.settings import WebhookSettings

STRICT = WebhookSettings()
DEVELOPMENT = WebhookSettings(allow_loopback=True)
INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "127.0.0.1", "127.255.255.255", "168.63.129.16", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::2", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8",
    "64:ff9b::8.8.8.8", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "100::1", "2001::1",
    "2001:0:4136:e378::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::",
    "2002:808:808::1", "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1",
    "fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1", "2606:4700::1%1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
    "126.255.255.255", "128.0.0.0", "168.63.129.15", "168.63.129.17", "169.253.255.255",
    "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0",
    "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2001:200::1", "2001:4860:4860::8888", "2001:db7:ffff::1", "2001:db9::1", "2003::1",
    "2606:4700:4700::1111", "2a00:1450::1", "3ffe::1", "3fff:1000::1",
]  # fmt: skip


def allowed(text: str, settings: WebhookSettings = STRICT, *, local: bool = False) -> bool:
    try:
        require_allowed(text, settings, local=local)
    except Refused as error:
        assert error.code == "refused.webhook_address"
        return False
    return True


@pytest.mark.parametrize("text", INSIDE)
def test_inside(text: str) -> None:
    assert not allowed(text) and not allowed(text, local=True)


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside(text: str) -> None:
    assert allowed(text) and allowed(text, DEVELOPMENT)


@pytest.mark.parametrize(
    "text", ["", "x", "localhost", "1.2.3", "0x7f.1", "2130706433", "1.1.1.1/8"]
)
def test_no_address(text: str) -> None:
    assert not allowed(text)


# IANA's special-purpose registries in RFC 6890's form, written anew here: what is not for everybody
NOT_FOR_EVERYBODY_4 = [
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip


@given(st.integers(0, 2**32 - 1))
@example(0)
@example(2**32 - 1)
def test_every_address_of_ipv4(number: int) -> None:
    """Nothing that IANA keeps apart is public, nor is it through any IPv6 that holds it."""
    address = IPv4Address(number)
    if any(address in network for network in NOT_FOR_EVERYBODY_4) or not address.is_global:
        assert not is_public(address)
    for embedded in (
        IPv6Address(number),  # compatible
        IPv6Address((0xFFFF << 32) | number),  # mapped
        IPv6Address((0xFFFF << 48) | number),  # translated
        IPv6Address((0x64FF9B << 96) | number),  # NAT64
        IPv6Address((0x64FF9B0001 << 80) | number),  # NAT64, local
        IPv6Address((0x2002 << 112) | (number << 80) | 1),  # 6to4
        IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),  # Teredo
        IPv6Address((0x2A001450 << 96) | (0x5EFE << 32) | number),  # ISATAP
    ):
        assert not is_public(embedded), embedded
        assert not allowed(str(embedded), DEVELOPMENT, local=True) or embedded == IPv6Address(1)


@given(st.integers(0, 2**128 - 1))
def test_every_address_of_ipv6(number: int) -> None:
    address = IPv6Address(number)
    if is_public(address):
        assert number >> 125 == 1 and address.is_global and not address.is_multicast
        assert address.sixtofour is None and address.teredo is None and address.ipv4_mapped is None
    else:
        special = [IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"),
                   IPv6Network("2002::/16"), IPv6Network("3fff::/20")]  # fmt: skip
        tunnel = (number >> 32) & 0xFDFFFFFF == 0x5EFE
        assert number >> 125 != 1 or tunnel or any(address in each for each in special)


def test_loopback_in_development_where_the_url_says_so() -> None:
    for text in ("127.0.0.1", "127.9.9.9", "::1"):
        assert allowed(text, DEVELOPMENT, local=True)
        assert not allowed(text, DEVELOPMENT) and not allowed(text, local=True)
    for text in ("::ffff:127.0.0.1", "10.0.0.1", "0.0.0.0", "::"):
        assert not allowed(text, DEVELOPMENT, local=True)


def test_networks_of_the_operator() -> None:
    own = WebhookSettings(refused_networks=("9.9.0.0/16", "2a00:1450::/32"))  # type: ignore[arg-type]
    for text in ("9.9.9.9", "2a00:1450::1"):
        assert allowed(text) and not allowed(text, own)
    assert allowed("9.10.0.1", own)
    assert ip_network("9.9.0.0/16") in own.refused_networks


# -- URLs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://hooks.example", ("hooks.example", 443, "/")),
        ("https://hooks.example:443/", ("hooks.example", 443, "/")),
        ("https://Hooks.Example./a/b?c=d&e=%20", ("hooks.example", 443, "/a/b?c=d&e=%20")),
        ("HTTPS://hooks.example?x=1", ("hooks.example", 443, "/?x=1")),
        ("https://xn--bcher-kva.example/", ("xn--bcher-kva.example", 443, "/")),
        ("https://1.1.1.1/x", ("1.1.1.1", 443, "/x")),
        ("https://[2606:4700::1111]/x", ("2606:4700::1111", 443, "/x")),
    ],
)
def test_urls(url: str, found: tuple[str, int, str]) -> None:
    parsed = target.parse(url, STRICT)
    assert (parsed.host, parsed.port, parsed.path) == found


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "http://hooks.example/", "ftp://hooks.example/", "//hooks.example/",
        "file:///etc/passwd", "https://", "https:///x", "https://:443/", "https://a b.example/",
        "https://user@hooks.example/", "https://user:pass@hooks.example/", "https://@hooks.example/",
        "https://hooks.example/#x", "https://hooks.example/#", "https://hooks.example\\@10.0.0.1/",
        "https://hooks.example:0443x/", "https://hooks.example:99999/", "https://hooks.example:-1/",
        "https://[::1/", "https://[1.1.1.1]/", "https://[::1]x/", "https://hooks_.example/", "https://-a.example/",
        "https://a..example/", "https://.example/", "https://2130706433/", "https://0x7f000001/",
        "https://0x7f.1/", "https://127.1/", "https://0177.0.0.01/", "https://1.2.3.4.5/",
        "https://bücher.example/", "https://hooks.example/ä", "https://hooks.example/\r\nX: y",
        "https://hooks.example/\tx", "https://hooks.example/a b", "https://hooks.example/<x>",
        f"https://hooks.example/{'a' * 1024}", f"https://{'a' * 64}.example/",
        f"https://{'a.' * 127}aa/", "https://hooks。example/", "https://１.1.1.1/",
        "https://[fe80::1%25eth0]/x y",
    ],
)  # fmt: skip
def test_no_urls(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        target.parse(url, DEVELOPMENT)
    assert caught.value.code == "malformed.webhook_url"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://localhost/", "refused.webhook_address"),
        ("https://LOCALHOST./", "refused.webhook_address"),
        ("https://a.localhost/", "refused.webhook_address"),
        ("https://127.0.0.1/", "refused.webhook_address"),
        ("https://[::1]/", "refused.webhook_address"),
        ("https://[::ffff:10.0.0.1]/", "refused.webhook_address"),
        ("https://10.0.0.1:443/", "refused.webhook_address"),
        ("https://169.254.169.254/latest", "refused.webhook_address"),
        ("https://hooks.example:22/", "refused.webhook_port"),
        ("https://hooks.example:8443/", "refused.webhook_port"),
        ("https://hooks.example:0/", "refused.webhook_port"),
    ],
)
def test_refused_urls(url: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        target.parse(url, STRICT)
    assert caught.value.code == code


def test_ports_of_the_settings() -> None:
    wider = WebhookSettings(ports=(443, 8443))
    assert target.parse("https://hooks.example:8443/", wider).port == 8443
    assert target.parse("https://127.0.0.1:40000/", DEVELOPMENT).port == 40000
    assert target.parse("https://[::1]:40000/", DEVELOPMENT).authority == "[::1]:40000"


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_an_error_of_ours(text: str) -> None:
    for url in (text, f"https://{text}", f"https://hooks.example{text}"):
        try:
            found = target.parse(url, STRICT)
        except (Malformed, Refused):
            continue
        assert found.port == 443 and found.host.isascii() and found.path.startswith("/")
        assert not found.literal or is_public(ip_address(found.host))
