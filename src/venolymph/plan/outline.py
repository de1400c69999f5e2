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
    "neck-side": ((34, 4), (37, 4), (37, 14), (34, 14)),
}
_BACK_MIDDLE: dict[str, Points] = {"neck-back": ((34, 4), (46, 4), (46, 14), (34, 14))}
_WIDE, _HIGH = 204, 212


def outline(worked: Collection[Region], left_out: Collection[Region], said: Mapping[str, str]) -> str:
    """The drawing as SVG.

    Args:
        worked: regions that hands work.
        left_out: regions that no hand works, because of the answers.
        said: words for front, back, left, right, worked, left_out and outline.
    """
    front = _view(_FRONT, _FRONT_MIDDLE, worked, left_out, left_is_mirrored=True)
    back = _view(_BACK, _BACK_MIDDLE, worked, left_out, left_is_mirrored=False)
    label = escape(said["outline"], quote=True)
    return f"""<svg class="outline" viewBox="-12 0 {_WIDE} {_HIGH}" role="img" aria-label="{label}">
<defs>
<pattern id="worked" width="4" height="4" patternUnits="userSpaceOnUse">
<path d="M0 4L4 0" stroke="#111" stroke-width="1.1"/></pattern>
<pattern id="left-out" width="5" height="5" patternUnits="userSpaceOnUse">
<rect width="5" height="5" fill="#bbb"/><path d="M0 0L5 5M0 5L5 0" stroke="#111" stroke-width="0.9"/></pattern>
</defs>
<g>{front}{_words(_MIDDLE, said["front"], said["right"], said["left"])}</g>
<g transform="translate(106 0)">{back}{_words(_MIDDLE, said["back"], said["left"], said["right"])}</g>
</svg>"""


def legend(kind: str) -> str:
    """A swatch of `worked` or `left-out` for beside its word."""
    square = f'<rect width="12" height="12" fill="url(#{kind})" stroke="#111"/>'
    return f'<svg class="swatch" viewBox="0 0 12 12">{square}</svg>'


def _view(
    sided: Mapping[str, Points],
    middle: Mapping[str, Points],
    worked: Collection[Region],
    left_out: Collection[Region],
    *,
    left_is_mirrored: bool,
) -> str:
    near, far = ("right", "left") if left_is_mirrored else ("left", "right")
    whole = (*_TORSO, *reversed(_mirrored(_TORSO)))
    shapes = [_shape(whole, "none")]
    for name, points in middle.items():
        shapes.append(_shape(points, _fill(name, "", worked, left_out)))
    if "neck-side" in middle:
        shapes.append(_shape(_mirrored(middle["neck-side"]), _fill("neck-side", "", worked, left_out)))
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


def _words(middle: float, view: str, near: str, far: str) -> str:
    text = 'text-anchor="middle" font-size="11"'
    return (
        f'<text x="{middle:g}" y="210" {text}>{escape(view)}</text>'
        f'<text x="4" y="120" {text}>{escape(near)}</text><text x="76" y="120" {text}>{escape(far)}</text>'
    )
