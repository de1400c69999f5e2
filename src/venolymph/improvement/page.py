"""An improvement as one self-contained page."""

from __future__ import annotations

from html import escape
from pathlib import Path

from venolymph.html_document import html_document
from venolymph.improvement import showing
from venolymph.improvement.results import ImprovementResult
from venolymph.report.page import as_items, override_notice, stylesheet
from venolymph.simulation.files import write_text
from venolymph.version import version
from venolymph.viewer.recording import NOTICE


def write_improvement(path: Path, result: ImprovementResult) -> None:
    """Write the page of an improvement.

    Args:
        path: of the file.
        result: what it gave.

    Raises:
        RunError: where it cannot be written.
    """
    write_text(path, page(result))


def page(result: ImprovementResult) -> str:
    """The page as text of HTML."""
    document = result.improvement
    heads = "".join(f"<th scope='col'>{escape(text)}</th>" for text in showing.heads(result))
    rows = "\n".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in showing.rows(result))
    left_out = showing.left_out(result)
    missing = f'<h2>Who is not among them</h2>\n<ul class="short">{as_items(left_out)}</ul>\n' if left_out else ""
    best = document.regimen_with(result.best.values).to_yaml()
    body = f"""<header class="page">
<h1>{escape(document.improvement)}</h1>
<p class="soft">A search among regimens in {document.n} people, confirmed in {document.confirm} others, seed \
{document.seed}, by venolymph {escape(version())}. Simulated, not measured.</p>
<p class="notice">{escape(NOTICE)}</p>
{override_notice(document.reason)}</header>
<main class="page">
<h2>In short</h2>
<ul class="short">{as_items(showing.sentences(result))}</ul>
<h2>What was tried</h2>
<p class="soft">The plain regimen and the best of the others, in the people of the search.</p>
<div class="scroll"><table><thead><tr>{heads}</tr></thead><tbody>
{rows}
</tbody></table></div>
{missing}<h2>How far to trust it</h2>
<ul class="short">{as_items(showing.TRUST)}</ul>
<h2>The best regimen</h2>
<pre>{escape(best)}</pre>
<h2>Its document</h2>
<pre>{escape(document.to_yaml())}</pre>
</main>
<footer class="page">
<p class="soft">{escape(NOTICE)} No clinician has reviewed this. Simulated, not measured.</p>
</footer>
"""
    return html_document(document.improvement, body, style=stylesheet())
