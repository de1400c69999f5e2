"""What maps the veins of a body to its tissue and lymph, as data, and the anatomy that it goes by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from venolymph.massage.hands import Targets

ABDOMEN = "abdomen"
TRUNKS = ("iliac trunk", "lumbar trunk", "thoracic duct")
DEEP = "deep, "
VEIN_OF_NODE = {
    "popliteal": "popliteal",
    "inferior inguinal": "common femoral",
    "lateral inguinal": "common femoral",
    "deep inguinal": "common femoral",
    "external iliac": "external iliac",
}
"""The vein that takes back the water of each node."""
MUSCLES = {
    "foot": ("foot",),
    "ankle": ("deep posterior compartment",),
    "calf": ("deep posterior compartment",),
    "knee": ("gastrocnemius",),
    "thigh": ("thigh muscle",),
}
"""Surroundings whose pressure acts on lymph vessels between the muscles of each part."""


@dataclass(frozen=True)
class ContactMap:
    """Shares that map the two networks of a body to each other.

    Attributes:
        drains: share of each capillary bed's blood that enters each vein cell, shape (beds, cells); rows sum to 1.
        fed: share of each capillary bed's blood that comes from each bed of the veins, shape (beds, beds of the
            veins); rows sum to 1.
        exercises: rise of each capillary bed's blood flow at full work of the muscle of each bed of the veins, as a
            multiple of the flow at rest, shape (beds, beds of the veins).
        weeps: rise of each capillary bed's exchange while the person cries, as `exercises` counts it, shape (beds,).
        weeps_flow: rise of its blood flow then, over that at rest, shape (beds,).
        lies_in: share of each vein cell in each compartment, shape (cells, compartments); rows sum to 1, or 0.
        returns: share of the water that each node gives back which enters each vein cell, shape (nodes, cells); rows
            sum to 1, or to 0 where it enters blood beyond the network.
        worn: share of each surrounding's steady pressure on tissue, shape (compartments, surroundings).
        worn_vessels: the same on lymph vessels, shape (vessels, surroundings).
        works: share of each surrounding's pulses on tissue, shape (compartments, surroundings).
        works_vessels: the same on lymph vessels, shape (vessels, surroundings).
        squeezed: share of each surrounding's mean pulse pressure on capillaries and the fluid around them, shape
            (compartments, surroundings).
        inside: share of each vein cell inside a garment on each part of the leg, shape (surroundings, cells).
        holds: share of each compartment inside it, shape (surroundings, compartments).
        breathes: share of each surrounding's breathing pressure on lymph vessels, shape (vessels, surroundings).
        moved: cyclic strain of the skin while muscles work, for each initial lymphatic, 1.
        cells, compartments, initials, vessels: targets that a hand may press.
    """

    drains: np.ndarray
    fed: np.ndarray
    exercises: np.ndarray
    weeps: np.ndarray
    weeps_flow: np.ndarray
    lies_in: np.ndarray
    returns: np.ndarray
    worn: np.ndarray
    worn_vessels: np.ndarray
    works: np.ndarray
    works_vessels: np.ndarray
    squeezed: np.ndarray
    inside: np.ndarray
    holds: np.ndarray
    breathes: np.ndarray
    moved: np.ndarray
    cells: Targets
    compartments: Targets
    initials: Targets
    vessels: Targets
