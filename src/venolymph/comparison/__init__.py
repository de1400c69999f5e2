"""What a massage, a stocking, a walk or a rest does to a leg, and for how long, side by side."""

from venolymph.comparison.courses import compare
from venolymph.comparison.effects import Effects, TreatmentCourse
from venolymph.comparison.page import page
from venolymph.comparison.quantities import QUANTITIES
from venolymph.comparison.words import markdown

__all__ = ["QUANTITIES", "Effects", "TreatmentCourse", "compare", "markdown", "page"]
