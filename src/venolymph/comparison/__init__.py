"""What a massage, a stocking, a walk or a rest does to a leg, and for how long, side by side."""

from venolymph.comparison.effects import QUANTITIES, Effects, TreatmentCourse, compare
from venolymph.comparison.page import page
from venolymph.comparison.words import markdown

__all__ = ["QUANTITIES", "Effects", "TreatmentCourse", "compare", "markdown", "page"]
