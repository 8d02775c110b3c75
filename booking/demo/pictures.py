"""Draws calm pictures of rooms and things, for a hub that has no photographs.

Nobody's photo may stand in the repository; these are made when the hub is loaded, by
the resource's name, so they are always the same.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import IO

from PIL import Image, ImageColor, ImageDraw, ImageFilter

WIDTH, HEIGHT = 1200, 800
Colour = tuple[int, int, int]
#: Light, wall, floor, what stands there, and the one thing that shines.
PALETTES = (
    ("#f6e7c8", "#8a9a8e", "#4c4a44", "#23302c", "#f2b04b"),
    ("#dfeaf2", "#8ea2b0", "#59636b", "#26313a", "#5fc2d6"),
    ("#fbe3d0", "#b79a86", "#6b5648", "#33261f", "#e0784f"),
    ("#e9efd8", "#9aa889", "#5b6350", "#2b3326", "#9cc55c"),
    ("#ece2f2", "#9a90ab", "#57506a", "#2a2638", "#b98be0"),
    ("#e4ebe9", "#7f9894", "#46544f", "#1f2b29", "#58c9a3"),
)
DARK = ("#5b6b78", "#2b3440", "#20262e", "#0f1318", "#f4c873")


def rgb(colour: str) -> Colour:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return so much of the other in the one."""
    red, green, blue = (
        round(a + (b - a) * share) for a, b in zip(one, other, strict=True)
    )
    return red, green, blue


@cache
def corners() -> Image.Image:
    """Return where a picture is darker: the further from its middle, the more."""
    mask = Image.radial_gradient("L").point(lambda value: max(0, value - 120) // 2)
    return mask.resize((WIDTH, HEIGHT))


@dataclass
class Scene:
    """A room seen from its door: back wall, side walls, floor; things in it later."""

    name: str
    is_dark: bool = False
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.name)  # noqa: S311 - no secret
        palette = DARK if self.is_dark else self.rng.choice(PALETTES)
        self.light, self.wall, self.floor, self.ink, self.glow = map(rgb, palette)
        if self.is_dark:
            self.glow = rgb(self.rng.choice(PALETTES)[4])
        self.image = Image.new("RGB", (WIDTH, HEIGHT), self.wall)
        self.draw = ImageDraw.Draw(self.image)
        self.left = self.rng.randint(200, 300)
        self.right = WIDTH - self.rng.randint(200, 300)
        self.top, self.bottom = self.rng.randint(110, 150), self.rng.randint(500, 545)
        self._walls()

    def _walls(self) -> None:
        left, right, top, bottom = self.left, self.right, self.top, self.bottom
        sky, ground = mix(self.wall, self.light, 0.6), self.floor
        shade = mix(self.wall, self.ink, 0.25)
        self.draw.polygon([(0, 0), (WIDTH, 0), (right, top), (left, top)], sky)
        side = [(0, 0), (left, top), (left, bottom), (0, HEIGHT)]
        self.draw.polygon(side, shade)
        side = [(WIDTH, 0), (right, top), (right, bottom), (WIDTH, HEIGHT)]
        self.draw.polygon(side, mix(shade, self.light, 0.2))
        floor = [(left, bottom), (right, bottom), (WIDTH, HEIGHT), (0, HEIGHT)]
        self.draw.polygon(floor, ground)
        for x in range(-600, 1801, 150):  # boards that run away from us
            joint = (600 + (x - 600) * (right - left) / 2400, bottom)
            self.draw.line([joint, (x, HEIGHT)], mix(ground, self.ink, 0.18), 3)

    def box(
        self, x: int, y: int, w: int, h: int, colour: Colour, *, r: int = 6
    ) -> None:
        self.draw.rounded_rectangle([x, y, x + w, y + h], r, colour)

    def disc(self, x: int, y: int, r: int, colour: Colour) -> None:
        self.draw.ellipse([x - r, y - r, x + r, y + r], colour)

    def line(self, *points: tuple[int, int], width: int = 8) -> None:
        self.draw.line(points, self.ink, width, joint="curve")

    def shine(self, x: int, y: int, r: int, strength: float, colour: Colour) -> None:
        """Let light fall around a point."""
        mask = Image.radial_gradient("L")
        mask = mask.point(lambda value: round(max(0, 200 - value) * strength))
        mask = mask.resize((2 * r, 2 * r))
        self.image.paste(colour, (x - r, y - r, x + r, y + r), mask)

    def jpeg(self) -> IO[bytes]:
        """Return it as a camera would: soft at the edges, darker in the corners."""
        soft = self.image.filter(ImageFilter.SMOOTH)
        soft.paste(self.ink, (0, 0, WIDTH, HEIGHT), corners())
        buffer = io.BytesIO()
        soft.save(buffer, "JPEG", quality=90)
        buffer.seek(0)
        return buffer


def stage(scene: Scene) -> None:
    left, right, bottom = scene.left, scene.right, scene.bottom
    backdrop = mix(scene.glow, scene.wall, 0.25)
    scene.box(left + 60, scene.top + 70, right - left - 120, 340, backdrop, r=30)
    curve = [(left + 60, 480), (right - 60, 480), (right + 60, 640), (left - 60, 640)]
    scene.draw.polygon(curve, mix(backdrop, scene.light, 0.2))
    for y in (40, 84):
        scene.line((0, y), (WIDTH, y), width=9)
    for x in range(120, WIDTH, 160):
        scene.line((x, 40), (x, 104), width=7)
        scene.box(x - 26, 100, 52, 44, scene.ink)
        scene.shine(x, 330, 260, 0.55, scene.light)
    tripod(scene, left - 60, bottom + 30)
    tripod(scene, right + 90, bottom + 60)


def tripod(scene: Scene, x: int, y: int) -> None:
    """A camera on its three legs."""
    for foot in (-70, 0, 70):
        scene.line((x, y), (x + foot, y + 180), width=9)
    scene.box(x - 60, y - 70, 105, 70, scene.ink)
    scene.box(x + 40, y - 58, 50, 46, mix(scene.ink, scene.light, 0.15))
    scene.disc(x - 6, y - 36, 9, scene.glow)


def kit(scene: Scene) -> None:
    table(scene, 520)
    for number in range(scene.rng.randint(2, 3)):
        x = 190 + 205 * number
        scene.box(x, 430, 170, 100, mix(scene.ink, scene.wall, 0.15 * number), r=14)
        scene.box(x + 60, 416, 50, 18, scene.ink)
        scene.line((x + 12, 462), (x + 158, 462), width=4)
    x = scene.rng.choice((900, 930))
    scene.box(x - 90, 400, 190, 130, scene.ink, r=18)
    for r, colour in ((62, mix(scene.ink, scene.light, 0.2)), (44, scene.ink)):
        scene.disc(x, 465, r, colour)
    scene.disc(x - 10, 455, 20, mix(scene.glow, scene.ink, 0.3))
    scene.shine(600, 210, 520, 0.6, scene.light)


def lamps(scene: Scene) -> None:
    for number, x in enumerate((330, 620, 900)):
        y = 250 + 40 * (number % 2)
        scene.line((x, y), (x, 640), width=9)
        for foot in (-80, 80):
            scene.line((x, 600), (x + foot, 690), width=8)
        scene.box(x - 75, y - 75, 150, 130, scene.ink, r=12)
        scene.box(x - 58, y - 58, 116, 96, mix(scene.glow, scene.light, 0.6), r=6)
        scene.shine(x, y, 330, 0.8, scene.light)


def booth(scene: Scene) -> None:
    size = 74
    for x in range(scene.left, scene.right - 30, size):
        for y in range(scene.top, scene.bottom - 40, size):
            tone = mix(scene.wall, scene.ink, 0.25 + 0.15 * ((x + y) // size % 2))
            scene.box(x + 3, y + 3, size - 6, size - 6, tone)
    x = scene.rng.randint(520, 680)
    scene.line((x + 160, 800), (x + 160, 330), (x + 20, 290), width=12)
    scene.box(x - 44, 250, 76, 150, scene.ink, r=36)
    for y in range(276, 340, 14):
        scene.draw.line([(x - 30, y), (x + 18, y)], mix(scene.ink, scene.light, 0.4), 4)
    scene.draw.ellipse([x - 150, 250, x - 60, 400], None, scene.ink, 9)
    scene.box(x - 330, 420, 170, 120, mix(scene.ink, scene.light, 0.1))
    scene.line((x - 245, 540), (x - 245, 760), width=10)
    scene.shine(x, 260, 430, 0.6, scene.light)
    scene.disc(scene.right - 70, scene.top + 30, 15, scene.glow)


def suite(scene: Scene) -> None:
    table(scene, 560)
    count = scene.rng.choice((2, 3))
    for number in range(count):
        x = 600 - count * 165 + 330 * number
        scene.box(x + 10, 300, 310, 200, scene.ink, r=10)
        scene.box(x + 22, 312, 286, 176, mix(scene.glow, scene.ink, 0.45), r=4)
        for bar in range(18):
            height = scene.rng.randint(12, 80)
            top = 410 - height // 2
            tone = mix(scene.glow, scene.light, 0.5)
            scene.box(x + 34 + 15 * bar, top, 8, height, tone, r=3)
        scene.box(x + 145, 500, 40, 60, scene.ink)
        scene.shine(x + 165, 400, 260, 0.35, scene.glow)
    for x in (170, 970):
        scene.box(x, 400, 70, 150, scene.ink)
        scene.disc(x + 35, 500, 24, mix(scene.ink, scene.light, 0.25))
        scene.disc(x + 35, 434, 12, mix(scene.ink, scene.light, 0.25))
    scene.box(520, 610, 170, 190, mix(scene.ink, scene.wall, 0.12), r=44)


def table(scene: Scene, y: int) -> None:
    top = mix(scene.floor, scene.light, 0.35)
    edge = [(130, y), (WIDTH - 130, y), (WIDTH - 60, y + 60), (60, y + 60)]
    scene.draw.polygon(edge, top)
    scene.box(60, y + 60, WIDTH - 120, 22, mix(top, scene.ink, 0.4), r=0)


def windows(scene: Scene, count: int) -> None:
    """Tall windows in the back wall, and the light that comes in."""
    step = (scene.right - scene.left) // count
    tall = scene.bottom - scene.top - 130
    for number in range(count):
        x = scene.left + step * number + step // 6
        wide = step * 2 // 3
        frame, pane = mix(scene.ink, scene.wall, 0.2), mix(scene.light, scene.wall, 0.1)
        scene.draw.ellipse([x, scene.top + 20, x + wide, scene.top + 20 + wide], pane)
        scene.box(x, scene.top + 20 + wide // 2, wide, tall - wide // 2, pane, r=2)
        scene.box(x + wide // 2 - 4, scene.top + 30, 8, tall - 10, frame, r=0)
        for y in range(scene.top + 90, scene.top + tall, 70):
            scene.box(x, y, wide, 6, frame, r=0)
        scene.shine(x + wide // 2, scene.bottom + 60, 240, 0.5, scene.light)


def bench(scene: Scene) -> None:
    for y in (230, 320):
        scene.box(scene.left + 20, y, scene.right - scene.left - 40, 12, scene.ink)
        for x in range(scene.left + 40, scene.right - 90, 62):
            high = scene.rng.randint(24, 70)
            tone = mix(scene.ink, scene.rng.choice((scene.glow, scene.light)), 0.45)
            scene.box(x, y - high, scene.rng.randint(26, 48), high, tone)
    table(scene, 520)
    for x in range(200, 1000, 270):
        scene.box(x, 440, 150, 84, scene.ink, r=8)
        scene.box(x + 14, 454, 90, 50, mix(scene.glow, scene.ink, 0.35))
        scene.line((x + 200, 522), (x + 215, 420), (x + 165, 380), width=7)
        scene.shine(x + 160, 410, 170, 0.7, scene.light)
        scene.disc(x + 70, 700, 52, mix(scene.ink, scene.wall, 0.15))


def racks(scene: Scene) -> None:
    for number in range(7):
        x = 110 + 142 * number
        scene.box(x, 130, 130, 530, mix(scene.ink, scene.wall, 0.1), r=4)
        for y in range(150, 640, 26):
            scene.box(x + 10, y, 110, 18, scene.ink, r=2)
            for led in range(scene.rng.randint(1, 4)):
                scene.disc(x + 24 + 12 * led, y + 9, 3, scene.glow)
    scene.shine(600, 680, 560, 0.35, scene.glow)


def workshop(scene: Scene) -> None:
    board = mix(scene.floor, scene.light, 0.45)
    left = scene.left + 30
    scene.box(left, scene.top + 40, scene.right - scene.left - 60, 270, board)
    for x in range(left + 30, scene.right - 70, 64):
        y, long = scene.top + 70, scene.rng.randint(80, 190)
        scene.line((x, y), (x, y + long), width=scene.rng.choice((7, 11, 15)))
        if scene.rng.random() < 0.5:
            scene.box(x - 22, y, 44, 26, scene.ink)
        else:
            scene.disc(x, y + long, 17, scene.ink)
    table(scene, 560)
    scene.box(250, 470, 190, 90, scene.ink, r=10)
    scene.box(720, 430, 270, 130, mix(scene.ink, scene.wall, 0.2), r=10)
    scene.box(742, 452, 150, 70, mix(scene.glow, scene.ink, 0.25))
    pendant(scene, 380)
    pendant(scene, 800)


def pendant(scene: Scene, x: int) -> None:
    scene.line((x, 0), (x, 150), width=4)
    scene.draw.polygon(
        [(x - 14, 140), (x + 14, 140), (x + 62, 196), (x - 62, 196)], scene.ink
    )
    scene.shine(x, 240, 300, 0.75, scene.light)


def hall(scene: Scene) -> None:
    windows(scene, scene.rng.choice((3, 4, 5)))
    for row, y in enumerate((560, 620, 700)):
        size = 46 + 16 * row
        for x in range(80 - 20 * row, WIDTH, size + 34):
            tone = mix(scene.ink, scene.wall, 0.28 - 0.1 * row)
            scene.box(x, y - size, size, size, tone, r=size // 4)
            scene.box(x, y - 8, size, 12, scene.ink)
    for x in (scene.left - 20, scene.right - 10):
        scene.box(x, 40, 34, scene.bottom, mix(scene.wall, scene.light, 0.3), r=2)


def meeting(scene: Scene) -> None:
    windows(scene, 3)
    for x in (250, 420, 600, 780, 940):
        scene.box(x - 45, 500, 90, 130, mix(scene.ink, scene.wall, 0.2), r=26)
    scene.draw.ellipse([130, 545, 1070, 725], mix(scene.floor, scene.light, 0.42))
    scene.draw.arc([130, 549, 1070, 733], 0, 180, scene.ink, 10)
    scene.box(500, 580, 120, 70, mix(scene.ink, scene.light, 0.1), r=6)
    pendant(scene, 600)


SCENES: dict[str, Callable[[Scene], None]] = {
    each.__name__: each
    for each in (
        stage,
        kit,
        lamps,
        booth,
        suite,
        bench,
        racks,
        workshop,
        hall,
        meeting,
    )
}
#: Where the lights are out so that others can shine.
DARK_SCENES = {"stage", "suite", "racks", "lamps"}


def picture(name: str, scene: str) -> IO[bytes]:
    """Return a JPEG of 1200 × 800 for a resource of that name."""
    drawn = Scene(name, is_dark=scene in DARK_SCENES)
    SCENES[scene](drawn)
    return drawn.jpeg()
