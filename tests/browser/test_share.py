"""Other devices: how the owner lets them in, and the page as they see it, over plain HTTP."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.by import By

from digitapp.errors import Unavailable
from tests.browser.hand import write
from tests.browser.stage import Page, Site


def part(name: str) -> str:
    return f"[data-share={name}]"


def value(page: Page, selector: str) -> str:
    return page.driver.find_element(By.CSS_SELECTOR, selector).get_attribute("value") or ""


@pytest.fixture
def owner(blank: Page, site: Site) -> Iterator[Page]:
    """The page in the desktop window."""
    blank.open(f"{site.address}&desktop=1")
    yield blank
    site.share.close()


@pytest.fixture
def guest(blank: Page, site: Site) -> Iterator[Page]:
    """The page on another device: at the machine's address in its network, not at loopback."""
    site.share.open()
    assert site.share.address
    blank.open(site.share.address)
    yield blank
    site.share.close()


def test_who_has_nothing_to_share_sees_no_button(page: Page) -> None:
    page.until(lambda: page.text("#model"))
    assert not page.shown("#share-button")


def test_the_owner_shares_and_stops_it(owner: Page, site: Site) -> None:
    owner.until(lambda: owner.shown("#share-button"))
    owner.click("#share-button")
    assert owner.shown("#share")
    assert not owner.shown(part("access"))
    owner.click(part("switch"))
    owner.until(lambda: owner.shown(part("access")))
    assert value(owner, part("address")) == site.share.address
    width = "return document.querySelector('[data-share=qr]').naturalWidth"
    owner.until(lambda: owner.script(width))
    owner.click(part("switch"))
    owner.until(lambda: not owner.shown(part("access")))
    assert site.share.address is None


def test_the_windows_menu_opens_it(owner: Page, site: Site) -> None:
    site.inbox.put_command("share")
    owner.until(lambda: owner.shown("#share"))


def test_why_it_cannot_be_shared_is_said(
    owner: Page, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Unavailable("This machine is in no network.")

    monkeypatch.setattr(site.share, "open", refuse)
    owner.until(lambda: owner.shown("#share-button"))
    owner.click("#share-button")
    owner.click(part("switch"))
    owner.until(lambda: owner.text(part("error")) == "This machine is in no network.")
    assert not owner.script("return document.querySelector('[data-share=switch]').checked")


@pytest.mark.parametrize("pointer", ["mouse", "touch", "pen"])
def test_a_guest_draws(guest: Page, pointer: str) -> None:
    assert guest.script("return isSecureContext") is False
    write(guest.driver, "7", pointer=pointer)
    guest.reads("7")


def test_a_guest_copies(guest: Page) -> None:
    write(guest.driver, "7")
    guest.reads("7")
    guest.click("[data-part=copy]")
    guest.until(lambda: guest.text("#notice") == "Copied.")


def test_a_guest_passes_the_address_on_and_switches_nothing(guest: Page, site: Site) -> None:
    guest.until(lambda: guest.shown("#share-button"))
    guest.click("#share-button")
    guest.until(lambda: guest.shown(part("access")))
    assert value(guest, part("address")) == site.share.address
    assert not guest.shown(part("choice"))
    guest.click(part("copy"))
    guest.until(lambda: guest.text("#notice") == "Copied.")


def test_a_guests_token_is_not_in_the_address_bar(guest: Page) -> None:
    assert "token" not in str(guest.script("return location.href"))
    guest.driver.refresh()
    write(guest.driver, "1")
    guest.reads("1")
