import base64
import http.client
import io
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from digitapp.engine import Engine
from digitapp.engine.litert import Floats
from digitapp.errors import Busy
from digitapp.recognition import pipeline
from digitapp.web import api
from digitapp.web.inbox import Inbox
from digitapp.web.limits import Slots
from tests.drawings import draw, encode, png
from tests.web.client import BEARER, ask
from tests.web.servers import make_app, serving

HOST = {"Host": "127.0.0.1"}


@pytest.mark.parametrize("digit", range(10))
def test_a_drawn_digit_is_read(url: str, digit: int) -> None:
    response = ask(url, "POST", "/api/recognize", png(digit))
    assert response.status == 200
    assert response.json["text"] == str(digit)


def test_the_answer_has_its_agreed_form(url: str, engine: Engine) -> None:
    answer = ask(url, "POST", "/api/recognize?input=1", png(7)).json
    assert list(answer) == [
        *("text", "doubt", "symbols", "numbers", "left_out"),
        *("turned", "width", "height", "model", "elapsed_ms"),
    ]
    [digit] = answer["symbols"]
    assert list(digit) == [
        *("text", "confidence", "doubtful", "alternatives", "probabilities"),
        *("box", "row", "number", "input"),
    ]
    assert digit["text"] == "7"
    assert answer["doubt"] is False
    assert answer["numbers"] == [{"text": "7", "box": digit["box"], "row": 0, "doubt": False}]
    assert len(digit["probabilities"]) == 10
    assert digit["alternatives"][0] == {"text": "7", "probability": digit["confidence"]}
    assert len(base64.b64decode(digit["input"])) == 784
    assert (answer["width"], answer["height"]) == (280, 280)
    assert answer["model"] == engine.model


def test_the_picture_that_the_cnn_saw_comes_only_when_asked_for(url: str) -> None:
    [digit] = ask(url, "POST", "/api/recognize", png(7)).json["symbols"]
    assert "input" not in digit


def test_the_stages_come_when_asked_for_and_the_answer_stays(url: str) -> None:
    plain = ask(url, "POST", "/api/recognize", png(7)).json
    answer = ask(url, "POST", "/api/recognize?stages=1", png(7)).json
    pictures = answer.pop("stages")
    assert {**answer, "elapsed_ms": 0} == {**plain, "elapsed_ms": 0}
    assert list(pictures) == ["grey", "ink"]
    grey, ink = (opened(pictures[name]) for name in ("grey", "ink"))
    assert (grey.size, grey.mode, grey.getpixel((0, 0))) == ((280, 280), "L", 255)
    assert (ink.size, ink.mode, ink.getextrema()) == ((280, 280), "L", (0, 255))


def test_the_stages_of_a_large_picture_are_small(url: str) -> None:
    noise = np.random.default_rng(2).integers(0, 256, (3000, 4000), dtype=np.uint8)
    data = encode(Image.fromarray(noise), "JPEG")
    response = ask(url, "POST", "/api/recognize?stages=1&input=1&one_digit=1", data)
    assert (response.json["width"], response.json["height"]) == (4000, 3000)
    assert len(response.body) < 600_000
    assert opened(response.json["stages"]["grey"]).size == (516, 387)


def opened(text: str) -> Image.Image:
    """The PNG file in a text of base64."""
    return Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=["PNG"])


def test_one_digit_takes_all_ink_as_one_mark(url: str) -> None:
    image = draw(1, 560)
    image.paste(255, (0, 0, 560, 20))
    image.paste(draw(7, 200), (360, 0))
    two = ask(url, "POST", "/api/recognize", encode(image)).json
    one = ask(url, "POST", "/api/recognize?one_digit=1", encode(image)).json
    assert (len(two["symbols"]), len(one["symbols"])) == (2, 1)


def test_http_says_what_the_pipeline_says(url: str, engine: Engine) -> None:
    over_http = ask(url, "POST", "/api/recognize?input=1", png(3)).json
    direct = pipeline.recognize(png(3), engine).answer.to_json(with_input=True)
    assert {**over_http, "elapsed_ms": 0} == {**direct, "elapsed_ms": 0}


def test_a_chunked_body_is_read(url: str) -> None:
    data = png(5)
    parts = (data[i : i + 100] for i in range(0, len(data), 100))
    assert ask(url, "POST", "/api/recognize", parts).json["text"] == "5"


def test_four_threads_at_once_get_right_answers(url: str) -> None:
    digits = list(range(10)) * 8

    def read(digit: int) -> str:
        return str(ask(url, "POST", "/api/recognize", png(digit)).json["text"])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, digits)) == [str(digit) for digit in digits]


def test_one_connection_serves_many_requests(url: str) -> None:
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
    for path, status in [("/healthz", 200), ("/nothing", 404), ("/api/model", 401), ("/", 200)]:
        connection.request("GET", path)
        response = connection.getresponse()
        assert response.status == status
        assert not response.will_close
        response.read()
    connection.close()


def test_options_tells_the_methods(url: str) -> None:
    response = ask(url, "OPTIONS", "/api/recognize")
    assert (response.status, response.body) == (200, b"")
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}
    assert not [name for name in response.headers if name.lower().startswith("access-control")]


def test_head_has_the_headers_and_no_body(url: str) -> None:
    get, head = ask(url, "GET", "/api/model"), ask(url, "HEAD", "/api/model")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_model_tells_what_runs(url: str, engine: Engine) -> None:
    facts = ask(url, "GET", "/api/model").json
    assert f"{facts['name']} sha256:{facts['sha256']}" == engine.model
    assert facts["engine"] == "litert"


def test_model_tells_the_model_card(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "digits.json"
    card.write_text(json.dumps({"parameters": 123, "accuracy": 0.9, "name": "other"}))
    monkeypatch.setattr(api, "asset", lambda name: tmp_path / name)
    client = make_app(engine, token=None).test_client()
    facts = client.get("/api/model", headers=HOST).get_json()
    assert facts["parameters"] == 123
    assert facts["name"] == engine.model.split()[0]


def test_model_does_without_a_card(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> Path:
        raise FileNotFoundError(name)

    monkeypatch.setattr(api, "asset", missing)
    client = make_app(engine, token=None).test_client()
    facts = client.get("/api/model", headers=HOST).get_json()
    assert set(facts) == {"name", "sha256", "engine"}


class FailingEngine:
    """An engine that raises what it was given."""

    model = "failing sha256:0"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def probabilities(self, batch: Floats) -> Floats:  # noqa: ARG002
        raise self.error

    def windows(self, line: Floats) -> Floats:  # noqa: ARG002
        raise self.error

    def ink(self, picture: Floats) -> Floats:  # noqa: ARG002
        raise self.error

    def signs(self, around: Floats) -> Floats:  # noqa: ARG002
        raise self.error


def test_a_full_engine_is_busy_and_says_when_to_return() -> None:
    client = make_app(FailingEngine(Busy()), token=None).test_client()
    response = client.post("/api/recognize", data=png(7), headers=HOST)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.get_json()["error"]["code"] == "busy"


def test_the_unforeseen_is_logged_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    engine = FailingEngine(RuntimeError("a secret detail"))
    client = make_app(engine, token=None).test_client()
    response = client.post("/api/recognize", data=png(7), headers=HOST)
    assert response.status_code == 500
    assert response.get_json()["error"]["code"] == "internal-error"
    assert b"secret" not in response.data
    assert "a secret detail" in caplog.text


class SlowEngine:
    """An engine that answers when it is let go."""

    model = "slow sha256:0"

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked, self.go = threading.Event(), threading.Event()

    def probabilities(self, batch: Floats) -> Floats:
        self.asked.set()
        assert self.go.wait(30)
        return self.engine.probabilities(batch)

    def windows(self, line: Floats) -> Floats:
        return self.engine.windows(line)

    def ink(self, picture: Floats) -> Floats:
        return self.engine.ink(picture)

    def signs(self, around: Floats) -> Floats:
        return self.engine.signs(around)


def test_no_more_pictures_than_slots_are_read_at_once(engine: Engine) -> None:
    slow = SlowEngine(engine)
    app = make_app(slow, token=None, slots=Slots(1, 0))
    with ThreadPoolExecutor(1) as pool:

        def post() -> tuple[int, object]:
            response = app.test_client().post("/api/recognize", data=png(7), headers=HOST)
            return response.status_code, response.get_json().get("text")

        first = pool.submit(post)
        assert slow.asked.wait(30)
        assert post()[0] == 503
        assert app.test_client().get("/readyz", headers=HOST).status_code == 503
        assert app.test_client().get("/healthz", headers=HOST).status_code == 200
        slow.go.set()
        assert first.result() == (200, "7")
    assert app.test_client().get("/readyz", headers=HOST).status_code == 200


def test_the_window_tells_its_page_of_files(url: str, inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "a 7 ü.png"
    path.write_bytes(png(7))
    inbox.put_file(path)
    message = ask(url, "GET", "/api/desktop/next").json
    assert message["kind"] == "file"
    assert message["name"] == "a 7 ü.png"
    response = ask(url, "GET", f"/api/desktop/files/{message['id']}")
    assert response.body == path.read_bytes()
    assert response.headers["Content-Type"] == "application/octet-stream"


def test_a_file_that_is_gone_is_not_found_with_its_name(
    url: str, inbox: Inbox, tmp_path: Path
) -> None:
    inbox.put_file(tmp_path / "gone.png")
    message = ask(url, "GET", "/api/desktop/next").json
    response = ask(url, "GET", f"/api/desktop/files/{message['id']}")
    assert (response.status, response.code) == (404, "not-found")
    assert "gone.png" in response.sentence


@pytest.mark.parametrize("id", ["x", "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "/etc/passwd", ""])
def test_no_file_is_had_by_its_name(url: str, id: str) -> None:
    assert ask(url, "GET", f"/api/desktop/files/{id}").code == "not-found"


def test_a_poll_waits_for_a_message(url: str, inbox: Inbox) -> None:
    with ThreadPoolExecutor(1) as pool:
        poll = pool.submit(ask, url, "GET", "/api/desktop/next")
        time.sleep(0.3)
        assert not poll.done()
        inbox.put_command("clear")
        assert poll.result().json == {"kind": "command", "name": "clear"}


def test_a_poll_ends_empty(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "POLL_S", 0.1)
    response = ask(url, "GET", "/api/desktop/next")
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Cache-Control"] == "no-store"


def test_polls_are_few_and_starve_nobody(engine: Engine, inbox: Inbox) -> None:
    app = make_app(engine, inbox=inbox)
    with serving(app, api.POLLS + 1) as server, ThreadPoolExecutor(api.POLLS) as pool:
        polls = [pool.submit(ask, server.url, "GET", "/api/desktop/next") for _ in range(api.POLLS)]
        time.sleep(0.3)
        refused = ask(server.url, "GET", "/api/desktop/next")
        assert (refused.status, refused.code) == (503, "busy")
        assert ask(server.url, "POST", "/api/recognize", png(7)).json["text"] == "7"
        for _ in polls:
            inbox.put_command("clear")
        assert [poll.result().status for poll in polls] == [200] * api.POLLS


def test_a_message_for_a_page_that_left_waits_for_the_next(url: str, inbox: Inbox) -> None:
    connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
    connection.request("GET", "/api/desktop/next", headers=BEARER)
    time.sleep(0.3)
    connection.close()
    time.sleep(0.1)
    inbox.put_command("clear")
    time.sleep(2 * api.LOOK_S)
    assert ask(url, "GET", "/api/desktop/next").json == {"kind": "command", "name": "clear"}


def test_without_an_inbox_the_window_has_no_routes(app: Flask, engine: Engine) -> None:
    plain = make_app(engine, token=None)
    assert "/api/desktop/next" in {rule.rule for rule in app.url_map.iter_rules()}
    assert not [rule for rule in plain.url_map.iter_rules() if "desktop" in rule.rule]
