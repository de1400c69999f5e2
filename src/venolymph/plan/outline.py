"""An outline of the body, front and back, with what a plan works and what it leaves out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from html import escape

Region = tuple[str, str]
"""A place of screening, and its side: left, right, or empty where it has none."""
Points = tuple[tuple[float, float], ...]

# Drawn for the side of the page on which x is small; the other side is its mirror image about the middle.
_MIDDLE = 40.0
_TORSO: Points = ((34, 2), (34, 14), (14, 20), (12, 52), (18, 70), (16, 84), (40, 84))
_THIGH: Points = ((16, 82), (39, 90), (37, 128), (22, 128))
_KNEE: Points = ((22, 128), (37, 128), (36, 141), (23, 141))
_LOWER: Points = ((23, 141), (36, 141), (33, 178), (26, 178))
_ANKLE: Points = ((26, 178), (33, 178), (33, 187), (26, 187))
_FOOT: Points = ((26, 187), (33, 187), (35, 198), (18, 198))
_FRONT: dict[str, Points] = {
    "thigh": _THIGH,
    "groin": ((17, 76), (39, 84), (39, 91), (16, 82)),
    "knee": _KNEE,
    "shin": _LOWER,
    "ankle": _ANKLE,
    "foot": _FOOT,
    "neck-side": ((34, 4), (37, 4), (37, 14), (34, 14)),
    "collarbone": ((39, 14), (39, 20), (17, 23), (17, 19)),
}
_BACK: dict[str, Points] = {
    "thigh": _THIGH,
    "knee": _KNEE,
    "calf": _LOWER,
    "ankle": _ANKLE,
    "foot": ((26, 187), (33, 187), (35, 198), (24, 198)),
}
_FRONT_MIDDLE: dict[str, Points] = {
    "abdomen": ((22, 52), (58, 52), (58, 72), (40, 78), (22, 72)),
    "neck-front": ((37, 4), (43, 4), (43, 14), (37, 14)),
}
_BACK_MIDDLE: dict[str, Points] = {"neck-back": ((34, 4), (46, 4), (46, 14), (34, 14))}
_HEAD: Points = ((14, 24), (22, 12), (40, 8))
_HEAD_BELOW: Points = ((40, 88), (30, 86), (17, 70), (13, 56))
_FACE: dict[str, Points] = {
    "temple": ((14, 26), (22, 26), (22, 43), (14, 43)),
    "eyelids": ((23, 37), (35, 37), (35, 43), (23, 43)),
    "cheek": ((15, 45), (33, 45), (33, 62), (18, 62)),
    "ear": ((6, 36), (13, 36), (13, 54), (6, 54)),
    "jaw-angle": ((17, 64), (27, 64), (31, 76), (23, 76)),
    "neck-side": ((24, 94), (33, 94), (33, 112), (24, 112)),
    "collarbone": ((6, 114), (38, 114), (38, 120), (6, 120)),
}
_FACE_MIDDLE: dict[str, Points] = {
    "forehead": ((23, 14), (57, 14), (57, 30), (23, 30)),
    "brow": ((23, 31), (57, 31), (57, 36), (23, 36)),
    "nose": ((36, 37), (44, 37), (46, 57), (34, 57)),
    "lips": ((30, 64), (50, 64), (50, 71), (30, 71)),
    "chin": ((33, 73), (47, 73), (45, 85), (35, 85)),
    "under-jaw": ((26, 88), (54, 88), (52, 93), (28, 93)),
    "neck-front": ((33, 94), (47, 94), (47, 112), (33, 112)),
}
_WIDE, _HIGH = 244, 216
_LETTERS = 15
"""Height of letters: 10 pt where the drawing is printed 59 mm wide."""


def outline(
    worked: Collection[Region], left_out: Collection[Region], said: Mapping[str, str], *, face: bool = False
) -> str:
    """The drawing as SVG: body and legs from front and back, or the face.

    Args:
        worked: regions that hands work.
        left_out: regions that no hand works, because of the answers.
        said: words for front, back, left, right, worked, left_out and outline.
        face: whether it is the face that is worked.
    """
    if face:
        head = (*_HEAD, *reversed(_mirrored(_HEAD)), *reversed(_mirrored(_HEAD_BELOW)), *_HEAD_BELOW)
        shapes = _view(head, _FACE, _FACE_MIDDLE, worked, left_out, left_is_mirrored=True)
        sides = _words(70, "", said["right"], said["left"], 1 / 1.6)
        drawn = f'<g transform="translate(40 0) scale(1.6)">{shapes}{sides}</g>'
    else:
        body = (*_TORSO, *reversed(_mirrored(_TORSO)))
        front = _view(body, _FRONT, _FRONT_MIDDLE, worked, left_out, left_is_mirrored=True)
        back = _view(body, _BACK, _BACK_MIDDLE, worked, left_out, left_is_mirrored=False)
        drawn = (
            f"<g>{front}{_words(120, said['front'], said['right'], said['left'])}</g>"
            f'<g transform="translate(116 0)">{back}{_words(120, said["back"], said["left"], said["right"])}</g>'
        )
    label = escape(said["outline"], quote=True)
    return f"""<svg class="outline" viewBox="-22 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">
<defs>
<pattern id="worked" width="4" height="4" patternUnits="userSpaceOnUse">
<path d="M0 4L4 0" stroke="#111" stroke-width="1.1"/></pattern>
<pattern id="left-out" width="5" height="5" patternUnits="userSpaceOnUse">
<rect width="5" height="5" fill="#bbb"/><path d="M0 0L5 5M0 5L5 0" stroke="#111" stroke-width="0.9"/></pattern>
</defs>
{drawn}
</svg>"""


def legend(kind: str) -> str:
    """A swatch of `worked` or `left-out` for beside its word."""
    square = f'<rect width="12" height="12" fill="url(#{kind})" stroke="#111"/>'
    return f'<svg class="swatch" viewBox="0 0 12 12">{square}</svg>'


def _view(
    whole: Points,
    sided: Mapping[str, Points],
    middle: Mapping[str, Points],
    worked: Collection[Region],
    left_out: Collection[Region],
    *,
    left_is_mirrored: bool,
) -> str:
    near, far = ("right", "left") if left_is_mirrored else ("left", "right")
    shapes = [_shape(whole, "none")]
    for name, points in middle.items():
        shapes.append(_shape(points, _fill(name, "", worked, left_out)))
    for name, points in sided.items():
        shapes.append(_shape(points, _fill(name, near, worked, left_out)))
        shapes.append(_shape(_mirrored(points), _fill(name, far, worked, left_out)))
    return "".join(shapes)


def _fill(name: str, side: str, worked: Collection[Region], left_out: Collection[Region]) -> str:
    sides = {(name, side), (name, "")} if side else {(name, ""), (name, "left"), (name, "right")}
    if sides & set(left_out):
        return "url(#left-out)"
    return "url(#worked)" if sides & set(worked) else "#fff"


def _shape(points: Points, fill: str) -> str:
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return f'<polygon points="{path}" fill="{fill}" stroke="#111" stroke-width="0.8"/>'


def _mirrored(points: Points) -> Points:
    return tuple((2 * _MIDDLE - x, y) for x, y in points)


def _words(level: float, view: str, near: str, far: str, size: float = 1.0) -> str:
    text = f'text-anchor="middle" font-size="{_LETTERS * size:g}"'
    return (
        f'<text x="{_MIDDLE:g}" y="212" {text}>{escape(view)}</text>'
        f'<text x="-3" y="{level:g}" {text}>{escape(near)}</text><text x="83" y="{level:g}" {text}>{escape(far)}</text>'
    )
