"""The model against published figures: `validate()` runs every target that can be run and says how it came out."""

from venolymph.validation.report import as_json, markdown, write_report
from venolymph.validation.run import Verdict, validate
from venolymph.validation.targets import Target, targets

__all__ = ["Target", "Verdict", "as_json", "markdown", "targets", "validate", "write_report"]
