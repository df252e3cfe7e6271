"""What people write on, and where: lines, squares, tables, boxes, rings, margins, or nothing."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from train.synthesis.glyphs import LETTERS
from train.synthesis.pages.hand import PLACED, Hand
from train.synthesis.pages.sheet import SCALE, Sheet
from train.synthesis.pen import Random

Path = NDArray[np.float64]

SIGNED = 0.35
"""Share of the numbers with signs in them."""

LETTERED = 0.08
"""Share of the words that are letters."""

DASHED = 0.08
"""Share of the pages whose ruled lines are dashed or dotted."""


class Scene:
    """Draws one page's writing and ruling.

    Args:
        sheet: what is drawn on.
        hand: who writes.
        random: decides on everything.
        height: a digit's height in the sheet's pixels.
    """

    def __init__(self, sheet: Sheet, hand: Hand, random: Random, height: float) -> None:
        self.sheet, self.hand, self.random, self.height = sheet, hand, random, height
        self.width = float(np.clip(random.lognormal(np.log(1.3), 0.6), 0.4, 6.0)) * SCALE
        self.width = min(self.width, 0.2 * height)
        self.is_dashed = bool(random.random() < DASHED)

    def draw(self) -> None:
        """One of the scenes, and now and then a margin or a strike over it."""
        scenes, shares = zip(*SCENES.items(), strict=True)
        scene = scenes[int(self.random.choice(len(scenes), p=np.array(shares) / sum(shares)))]
        scene(self)
        if self.random.random() < 0.1:
            self.margin()

    # --- what is written

    def number(self, longest: int = 7) -> str:
        """Digits, perhaps with signs among them."""
        random = self.random
        digits = "".join(str(d) for d in random.integers(0, 10, int(random.integers(1, longest))))
        if random.random() > SIGNED:
            return digits
        other = "".join(str(d) for d in random.integers(0, 10, int(random.integers(1, 4))))
        sign = "..,,-/:+=%x"[int(random.integers(11))]
        form = random.random()
        if sign in "-+" and form < 0.4:
            return sign + digits
        if sign in "%-=" and form < 0.7:
            return digits + sign
        return digits + sign + other

    def word(self) -> str:
        """A number, or letters, or a number with a foreign sign."""
        kind = self.random.random()
        if kind < LETTERED:
            names = [name for name in LETTERS if len(name) == 1]
            chosen = self.random.integers(0, len(names), int(self.random.integers(1, 7)))
            return "".join(names[int(each)] for each in chosen)
        if kind < 1.5 * LETTERED:
            return list(PLACED)[int(self.random.integers(8, len(PLACED)))] + self.number()
        return self.number()

    def text(self, left: float, base: float, right: float) -> float:
        """Words from `left` until `right` is reached; where the last one ends."""
        while True:
            if self.random.random() < 0.04:
                left = self.hand.scrawl(self.sheet, left, base, self.height)
            else:
                left = self.hand.write(self.sheet, self.word(), left, base, self.height)
            left += self.height * float(self.random.uniform(0.5, 2.5))
            if left > right or self.random.random() < 0.2:
                return left

    # --- scenes

    def plain(self) -> None:
        """Rows of numbers on nothing."""
        step = self.height * float(self.random.uniform(1.25, 2.5))
        base = self.height * float(self.random.uniform(0.8, 2.0))
        while base < self.sheet.side + self.height:
            left = self.sheet.side * float(self.random.uniform(-0.1, 0.4))
            self.text(left, base, self.sheet.side)
            base += step * (1 if self.random.random() < 0.8 else 2)

    def alone(self) -> None:
        """One number, or one symbol, in the middle."""
        left, base = self._middle()
        if self.random.random() < 0.3:
            self.hand.scrawl(self.sheet, left, base, self.height)
        else:
            longest = max(int(0.9 * self.sheet.side / self.height), 2)
            self.hand.write(self.sheet, self.number(min(longest, 7)), left, base, self.height)

    def lines(self) -> None:
        """Rows of numbers on ruled paper."""
        step = self.height * float(self.random.uniform(0.85, 2.6))
        shift = step * float(self.random.uniform(0, 1))
        lift = self.height * float(self.random.normal(0.08, 0.12))
        for y in np.arange(shift - step, self.sheet.side + step, step):
            self.across(float(y))
            if self.random.random() < 0.75:
                left = self.sheet.side * float(self.random.uniform(-0.1, 0.5))
                self.text(left, float(y) - lift, self.sheet.side)

    def squares(self) -> None:
        """Numbers on squared paper, in the squares or regardless of them."""
        pitch = self.height * float(self.random.uniform(0.55, 2.4))
        shift = self.random.uniform(0, pitch, 2)
        for place in np.arange(-pitch, self.sheet.side + pitch, pitch):
            self.across(float(place + shift[0]))
            self.down(float(place + shift[1]))
        if pitch > 1.05 * self.height and self.random.random() < 0.5:
            self._in_squares(pitch, float(shift[1]), float(shift[0]))
        else:
            self.plain()

    def table(self) -> None:
        """Numbers in the cells of a table, which may reach beyond the page."""
        random, height = self.random, self.height
        columns = height * random.uniform(1.2, 4.5, int(random.integers(1, 7)))
        rows = height * random.uniform(1.15, 2.2) * np.ones(int(random.integers(1, 12)))
        left, top = self.sheet.side * random.uniform(-0.2, 0.3, 2)
        across, down = (
            np.cumsum([start, *sizes]) for start, sizes in ((left, columns), (top, rows))
        )
        has_rows, has_columns = random.random() < 0.92, random.random() < 0.92
        for y in down if has_rows else ():
            self._rule(across[0], y, across[-1], y)
        for x in across if has_columns else ():
            self._rule(x, down[0], x, down[-1])
        for y, size in zip(down, rows, strict=False):
            for x, room in zip(across, columns, strict=False):
                if random.random() < 0.9:
                    self._fill(float(x), float(y), float(room), float(size))

    def boxes(self) -> None:
        """A digit in each of a row of boxes, which touch or stand apart."""
        random, height = self.random, self.height
        side, tall = height * random.uniform(1.1, 1.8), height * random.uniform(1.15, 1.7)
        apart = float(random.choice([0.0, 0.0, random.uniform(0.05, 0.6)])) * height
        y = height * float(random.uniform(-0.3, 1.5))
        while y < self.sheet.side:
            x = self.sheet.side * float(random.uniform(-0.1, 0.4))
            for _ in range(int(random.integers(1, 12))):
                self._rectangle(x, y, x + side, y + tall)
                if random.random() < 0.9:
                    left = x + side * float(random.uniform(0.05, 0.4))
                    digit = str(int(random.integers(0, 10)))
                    foot = y + tall - (tall - height) * float(random.uniform(-0.1, 1.0))
                    self.hand.write(self.sheet, digit, left, foot, height)
                x += side + apart
            y += tall + height * float(random.uniform(0.2, 3.0))

    def underlined(self) -> None:
        """Numbers with a line or two under them, clear of the line or touching it."""
        base = self.height * float(self.random.uniform(1.0, 2.0))
        while base < self.sheet.side:
            left = self.sheet.side * float(self.random.uniform(0, 0.4))
            right = self.hand.write(self.sheet, self.word(), left, base, self.height)
            for number in range(1 + int(self.random.random() < 0.15)):
                y = base + self.height * (float(self.random.normal(0.1, 0.1)) + 0.12 * number)
                over = self.height * self.random.normal(0.2, 0.35, 2)
                self._rule(left - over[0], y, right + over[1], y, by_hand=True)
            base += self.height * float(self.random.uniform(1.6, 3.5))

    def ringed(self) -> None:
        """Numbers in rings, drawn by hand or printed."""
        base = self.height * float(self.random.uniform(1.4, 2.5))
        while base < self.sheet.side:
            left = self.sheet.side * float(self.random.uniform(0.05, 0.5))
            right = self.hand.write(self.sheet, self.number(6), left, base, self.height)
            self._ring(left, right, base)
            base += self.height * float(self.random.uniform(2.2, 4.0))

    def struck(self) -> None:
        """Numbers, some of them struck out."""
        base = self.height * float(self.random.uniform(1.0, 2.0))
        while base < self.sheet.side:
            left = self.sheet.side * float(self.random.uniform(0, 0.4))
            right = self.hand.write(self.sheet, self.number(), left, base, self.height)
            if self.random.random() < 0.6:
                rise = self.height * float(self.random.uniform(-0.6, 0.6))
                y = base - self.height * float(self.random.uniform(0.35, 0.65))
                over = self.height * self.random.uniform(0.1, 0.5, 2)
                self._rule(
                    left - over[0], y + rise / 2, right + over[1], y - rise / 2, by_hand=True
                )
            base += self.height * float(self.random.uniform(1.4, 2.5))

    def margin(self) -> None:
        """A line from top to bottom, beside the writing or through it."""
        width = self.width
        self.width *= float(self.random.uniform(0.6, 1.8))
        self.down(self.sheet.side * float(self.random.uniform(0.03, 0.6)))
        self.width = width

    def beside_a_margin(self) -> None:
        """Rows beside a margin line, or over it."""
        x = self.sheet.side * float(self.random.uniform(0.1, 0.4))
        self.down(x)
        step, base = self.height * float(self.random.uniform(1.2, 2.2)), 1.3 * self.height
        if self.random.random() < 0.4:
            self.across(base - 1.2 * self.height)
        while base < self.sheet.side + self.height:
            left = x + self.height * float(self.random.normal(0.1, 0.3))
            self.hand.write(self.sheet, self.word(), left, base, self.height)
            base += step

    def nothing(self) -> None:
        """Paper without writing, ruled or not."""
        kind = self.random.random()
        pitch = self.height * float(self.random.uniform(0.7, 2.5))
        for place in np.arange(0, self.sheet.side, pitch) if kind < 0.5 else ():
            self.across(float(place))
            if kind < 0.25:
                self.down(float(place))

    # --- lines

    def across(self, y: float) -> None:
        """A line over the whole sheet, from left to right."""
        self._rule(-10, y, self.sheet.side + 10, y)

    def down(self, x: float) -> None:
        """The same from top to bottom."""
        self._rule(x, -10, x, self.sheet.side + 10)

    def _rule(self, x: float, y: float, right: float, bottom: float, by_hand: bool = False) -> None:
        """A line; one by hand wavers."""
        length = float(np.hypot(right - x, bottom - y))
        steps = max(round(length / 12), 2) if by_hand or self.is_dashed else 2
        along = np.linspace(0, 1, steps)[:, np.newaxis]
        path = np.array((x, y)) + along * np.array((right - x, bottom - y))
        if by_hand:
            wave = self.height * float(self.random.uniform(0, 0.06))
            path[:, 1] += wave * np.sin(
                along[:, 0] * self.random.uniform(1, 7) + self.random.uniform(0, 6)
            )
        if not self.is_dashed:
            self.sheet.rule(path, self.width)
            return
        for start, end in zip(path[:-1:2], path[1::2], strict=False):
            self.sheet.rule(np.stack((start, start + (end - start) * 0.7)), self.width)

    def _rectangle(self, x: float, y: float, right: float, bottom: float) -> None:
        for ends in (
            (x, y, right, y),
            (x, bottom, right, bottom),
            (x, y, x, bottom),
            (right, y, right, bottom),
        ):
            self._rule(*ends)

    def _ring(self, left: float, right: float, base: float) -> None:
        """An ellipse around a number, not quite closed if it is drawn by hand."""
        random = self.random
        across = (right - left) / 2 * float(random.uniform(1.15, 1.6)) + 0.15 * self.height
        down = self.height * float(random.uniform(0.7, 1.1))
        start, more = random.uniform(0, 6.3), random.normal(0.05, 0.2)
        turn = np.linspace(start, start + 2 * np.pi + more, 60)
        wobble = 1 + random.uniform(0, 0.06) * np.sin(
            turn * random.integers(1, 4) + random.uniform(0, 6)
        )
        middle = (left + right) / 2, base - self.height / 2
        path = (
            np.stack((np.cos(turn) * across, np.sin(turn) * down), axis=-1) * wobble[:, np.newaxis]
        )
        self.sheet.rule(path + middle, self.width)

    def _in_squares(self, pitch: float, left: float, top: float) -> None:
        for y in np.arange(top, self.sheet.side, pitch):
            if self.random.random() < 0.4:
                continue
            first = left + pitch * int(self.random.integers(0, 4))
            for x in np.arange(first, self.sheet.side, pitch)[: int(self.random.integers(1, 8))]:
                digit = str(int(self.random.integers(0, 10)))
                foot = y + pitch - (pitch - self.height) * float(self.random.uniform(0, 1))
                self.hand.write(self.sheet, digit, float(x) + 0.2 * pitch, foot, self.height)

    def _fill(self, x: float, y: float, room: float, tall: float) -> None:
        """A number in a cell, mostly as short as the cell asks for."""
        longest = max(int(room / (0.75 * self.height)), 1)
        left = x + room * float(self.random.uniform(0.02, 0.25))
        foot = y + tall - (tall - self.height) * float(self.random.uniform(-0.1, 1.0))
        self.hand.write(
            self.sheet, self.number(longest + 1)[: longest + 1], left, foot, self.height
        )

    def _middle(self) -> tuple[float, float]:
        side, slack = self.sheet.side, max(self.sheet.side - self.height, 0.1 * self.sheet.side)
        left = side * float(self.random.uniform(0.05, 0.45))
        return left, (side + self.height) / 2 + slack * float(self.random.uniform(-0.3, 0.3))


SCENES: dict[Callable[[Scene], None], float] = {
    Scene.plain: 16,
    Scene.alone: 14,
    Scene.lines: 14,
    Scene.squares: 14,
    Scene.table: 16,
    Scene.boxes: 9,
    Scene.underlined: 9,
    Scene.ringed: 6,
    Scene.struck: 3,
    Scene.beside_a_margin: 6,
    Scene.nothing: 8,
}
"""How often each scene comes: what is hard to tell from writing comes most often."""
