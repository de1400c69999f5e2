"""Classifications and scores as clinics write them, so that people can be described and results be read.

None of them decides anything here. Each has its table as data beside this file, with its source, in words of this
project. For research and education; not a medical device. No clinician has reviewed these tables.

    parse_ceap("C2s Ep As(GSVa) Pr").highest            "2"
    vcss({"pain": 1, ...}).total                        0 to 30
    villalta({"pain": 1, ...}, ulcer=False).grade       "mild"
    isl_stage(swollen=True, goes_down_raised=True)      stage I
    pitting("4 mm", "12 s").grade                       2
    limb_volume({0: 21.5, 8: 24.0, 19: 33.0})           mL, and `volume_change` says what is more than error
    civiq(45), avvq(18.2)                               totals only
"""

from venolymph.classification.ceap import Ceap, parse_ceap
from venolymph.classification.limb_volume import (
    Girths,
    VolumeChange,
    excess_volume,
    girth_of_area,
    girth_of_diameters,
    limb_volume,
    read_girths,
    smallest_change,
    volume_change,
)
from venolymph.classification.lymphoedema import Stage, isl_severity, isl_stage
from venolymph.classification.pitting import Pit, pitting
from venolymph.classification.questionnaires import Total, avvq, civiq
from venolymph.classification.scores import Score, vcss, villalta

__all__ = [
    "Ceap",
    "Girths",
    "Pit",
    "Score",
    "Stage",
    "Total",
    "VolumeChange",
    "avvq",
    "civiq",
    "excess_volume",
    "girth_of_area",
    "girth_of_diameters",
    "isl_severity",
    "isl_stage",
    "limb_volume",
    "parse_ceap",
    "pitting",
    "read_girths",
    "smallest_change",
    "vcss",
    "villalta",
    "volume_change",
]
