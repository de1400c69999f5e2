"""Documents written by people: read safely, checked against a model, refused in plain words.

`read(path)` reads one YAML file: it must be text, no larger than `LARGEST` bytes, without anchors, without keys given
twice, and no deeper or longer than a document that a person writes. `Entry` is the base of all models of documents: it
refuses unknown keys with the nearest one known. Whatever is wrong, `check(model, data)` raises one `DocumentError` (or
`UnitError`) with place, what was found, what is allowed and a hint.
"""

from venolymph.documents.entry import Entry, Model, check, inner_refusal
from venolymph.documents.files import LARGEST, packaged_files, read_text, reads_files, whole_path, without_files
from venolymph.documents.loading import load, load_packaged, write
from venolymph.documents.source import Place, Source
from venolymph.documents.words import check_reason, check_words
from venolymph.documents.yaml_text import DEEPEST, MOST_ENTRIES, parse, read
