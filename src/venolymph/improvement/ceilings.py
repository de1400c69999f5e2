"""Ceilings that no search goes beyond: the linter's rules for what hands may do, for experiments too."""

from __future__ import annotations

from venolymph.errors import SimulationError
from venolymph.plan.linter import lint
from venolymph.regimen import Regimen

OF_A_TREATMENT = frozenset({"distal-before-node", "away-from-nodes", "experiment-as-treatment", "no-screening"})
"""Rules that an experiment may break, since they are of order and papers and not of what a body bears."""


def over_ceilings(regimen: Regimen) -> SimulationError | None:
    """What is wrong with the sessions of a regimen; None where nothing is.

    A treatment keeps all rules of the linter but that of screening, which the gate takes care of; an experiment keeps
    those of pressure, places and time.

    Args:
        regimen: whose sessions are looked at.
    """
    for session in regimen.massages:
        allowed = OF_A_TREATMENT if session.purpose == "experiment" else {"no-screening"}
        for finding in lint(session):
            if finding.rule not in allowed:
                return SimulationError(f"{finding.text()} ({finding.rule})", hint=finding.hint(), place=session.session)
    return None
