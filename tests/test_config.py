"""The table of settings, and the bounds of a picture."""

import dataclasses
from ipaddress import ip_network

import pytest

from digitapp import config
from digitapp.config import SETTINGS, Setting

GIVEN = {
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "token": (" open sesame, says he ", "open sesame, says he"),
    "token_file": ("token.txt", "token.txt"),
    "no_token": ("1", True),
    "engine": ("keras", "keras"),
    "slots": ("3", 3),
    "threads": ("1", 1),
    "wait_s": ("0.5", 0.5),
    "allow_host": ("digits.example, My-Laptop,", ("digits.example", "my-laptop")),
    "trusted_proxies": ("10.0.0.1/8, ::1,", (ip_network("10.0.0.0/8"), ip_network("::1"))),
    "drain_s": ("0.5", 0.5),
    "rate": ("12.5", 12.5),
    "log_dir": ("logs of today", "logs of today"),
    "log_format": ("json", "json"),
    "one_digit": ("yes", True),
}
"""For each setting a text that its variable may hold, and the value that it means."""

REFUSED = [
    ("allow_host", "http://digits.example"),
    ("allow_host", "digits.example:80"),
    ("allow_host", "-"),
    ("allow_host", "0.0.0.0"),
    ("trusted_proxies", "proxy.example"),
    ("rate", "0"),
    ("rate", "nan"),
    ("port", "65536"),
    ("port", "-1"),
    ("port", "http"),
    ("slots", "0"),
    ("threads", "2.5"),
    ("wait_s", "-1"),
    ("wait_s", "nan"),
    ("wait_s", "inf"),
    ("drain_s", "-1"),
    ("drain_s", "3601"),
    ("log_format", "xml"),
    ("one_digit", "maybe"),
]
"""Texts that are no value of a setting."""


def by_name(row: Setting) -> str:
    return row.name


def test_names_and_variables_are_unique_and_alike() -> None:
    assert len({row.name for row in SETTINGS}) == len(SETTINGS)
    assert [row.variable for row in SETTINGS] == [f"DIGITAPP_{r.name.upper()}" for r in SETTINGS]


@pytest.mark.parametrize("row", SETTINGS, ids=by_name)
def test_the_default_is_taken_when_the_environment_is_silent(row: Setting) -> None:
    assert config.setting(row.name, {}) == row.default
    assert row.type("" if row.default == () else str(row.default)) == row.default


@pytest.mark.parametrize("row", SETTINGS, ids=by_name)
def test_the_environment_is_taken_before_the_default(row: Setting) -> None:
    text, value = GIVEN[row.name]
    assert config.setting(row.name, {row.variable: text}) == value


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_text_that_is_no_value_is_refused_by_the_variables_name(name: str, text: str) -> None:
    variable = config.BY_NAME[name].variable
    with pytest.raises(ValueError, match=f"^{variable}='{text}' is not a value for {name}\\.$"):
        config.setting(name, {variable: text})


@pytest.mark.parametrize("row", SETTINGS, ids=by_name)
def test_the_command_line_is_taken_before_the_environment(row: Setting) -> None:
    text, value = GIVEN[row.name]
    assert config.setting(row.name, {row.variable: "wrong"}, text) == value


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_a_text_that_is_no_value_is_refused_by_the_option_s_name(name: str, text: str) -> None:
    option = f"--{name.replace('_', '-')}"
    with pytest.raises(ValueError, match=f"^{option}='{text}' is not a value for {name}\\.$"):
        config.setting(name, {}, text)


@pytest.mark.parametrize("text", ["7351", "a" * (config.MIN_TOKEN - 1), f"  {'b' * 15} "])
def test_a_token_that_can_be_guessed_is_refused_and_not_repeated(text: str) -> None:
    for given, environment in ((text, {}), (None, {"DIGITAPP_TOKEN": text})):
        with pytest.raises(ValueError, match="at least 16 characters") as caught:
            config.setting("token", environment, given)
        assert text.strip() not in str(caught.value)


@pytest.mark.parametrize(("text", "value"), [("1", True), (" TRUE ", True), ("off", False)])
def test_a_flag_is_said_in_several_ways(text: str, value: bool) -> None:
    assert config.setting("one_digit", {"DIGITAPP_ONE_DIGIT": text}) is value


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        SETTINGS[0].default = "0.0.0.0"  # type: ignore[misc]


def test_every_bound_is_what_people_are_told() -> None:
    assert config.MAX_BODY == 20 * 2**20
    assert config.MAX_SIDE == 8192
    assert (config.MAX_PIXELS, config.MAX_JPEG_PIXELS) == (16_000_000, 50_000_000)
