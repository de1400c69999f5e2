"""The command line. Data goes to standard output, progress and messages to standard error.

Whatever is wrong with the input is one `error:` line with a `hint:`, exit code 2, and nothing written. Commands import
what they need when they run, so that `--help` and mistakes are answered at once.
"""

from venolymph.cli.app import app, main

__all__ = ["app", "main"]
