"""One server and one Chromium for all tests of the page; a tab of its own for each."""

from collections.abc import Iterator

import pytest
from selenium import webdriver

from tests.browser.stage import Page, Site, browser, missing, running_site


@pytest.fixture(scope="session")
def server() -> Iterator[Site]:
    with running_site() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    if reason := missing():
        pytest.skip(reason)
    driver = browser()
    yield driver
    driver.quit()


@pytest.fixture
def site(server: Site) -> Iterator[Site]:
    server.engine.reset()
    yield server
    server.engine.reset()


@pytest.fixture
def blank(chromium: webdriver.Chrome) -> Iterator[Page]:
    """An empty tab: no storage of an earlier test, the default size, an empty log."""
    first = chromium.current_window_handle
    chromium.switch_to.new_window("tab")
    page = Page(chromium)
    page.complaints()
    page.wear()
    yield page
    complaints = page.complaints()
    chromium.close()
    chromium.switch_to.window(first)
    assert complaints == []


@pytest.fixture
def page(blank: Page, site: Site) -> Page:
    """The page, opened by the address that the server prints."""
    blank.open(site.address)
    return blank
