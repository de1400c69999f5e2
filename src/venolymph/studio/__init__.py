"""The page in the browser: watch, run, screen, plan, follow, and look up claims, served to this machine alone."""
