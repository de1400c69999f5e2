"""Screening as FHIR, in plain dictionaries: `Questionnaire` out, `QuestionnaireResponse` out and in, of R5 and of R4.

Each question is an item whose `linkId` is the rule's id, with codings for answers. A number stands in an item inside it
(`M11.number`). Skip logic is `enableWhen`; what answers mean is left to `assess`. Label, legs, regions of the session,
whether the plan has compression, what was asked anew, and clearances travel as items of their own.

A response is read as a tree: through groups and pages, under questions and under answers. What is said twice has to be
the same twice, and an answer to a question that is not ours is refused: nothing is passed over.
"""

from venolymph.screening.fhir.codes import URL
from venolymph.screening.fhir.reading import read_response
from venolymph.screening.fhir.writing import Release, questionnaire, response
