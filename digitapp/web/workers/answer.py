"""What the answer to a picture holds. Here NumPy and Pillow are loaded: the page does without."""

import json
from collections.abc import Collection

from digitapp import depict, pipeline
from digitapp.engine import Engine


def answer(data: bytes, engine: Engine, flags: Collection[str]) -> bytes:
    """Read a picture's bytes into JSON; `flags` are those of the API's options that are given.

    Raises:
        DigitappError: it is no picture that can be read; see `pipeline.stages`.
    """
    stages = pipeline.stages(data, engine, pipeline.Options(one_digit="one_digit" in flags))
    body = stages.answer.to_json(with_input="input" in flags)
    if "stages" in flags:
        body["stages"] = depict.to_json(stages)
    return json.dumps(body, ensure_ascii=False).encode()
