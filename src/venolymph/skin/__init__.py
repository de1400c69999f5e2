"""Skin of the face: its colour from what is in it, the shadow under an eye, and the oxygen that air and blood bring.

It knows no body, no regimen and no run: numbers go in, numbers come out.

    lab(xyz(reflectance(FaceSkin("cheek", melanin=0.04))))        L*, a*, b*, as a colorimeter reads it
    light_in(FaceSkin("lower_lid")).absorbed                      where light is absorbed, by layer and wavelength
    skin_table().linear_rgb("lower lid", melanin, blood=filling)    the same for many at once, from a table
    under_eye(lid, cheek, shape=Shape(trough=1.0)).shares     what makes the skin under an eye darker than the cheek
    oxygen_profile(flow=1.25).at(0.1)                             oxygen at 0.1 mm with a quarter more blood, mmHg

Data: extinction of haemoglobin compiled by S. Prahl after W. B. Gratzer and N. Kollias; medians of facial colour from
the International Skin Spectra Archive (Lu and others 2025, CC BY 4.0); the observer and the daylight of the CIE.
"""

from venolymph.skin.chromophores import WAVELENGTHS, Numbers, numbers
from venolymph.skin.colour import difference, lab, linear_rgb, srgb, typology_angle, xyz, xyz_of_lab, xyz_of_linear
from venolymph.skin.layers import LAYERS, SITES, Coefficients, FaceSkin, coefficients
from venolymph.skin.lookup import SkinTable, skin_table
from venolymph.skin.oxygen import OxygenProfile, oxygen_profile
from venolymph.skin.reflectance import Light, light, light_in, reflectance
from venolymph.skin.shading import LIGHTS, Shape, lit, shade
from venolymph.skin.under_eye import UnderEyeColour, same_pigment, under_eye

__all__ = [
    "LAYERS",
    "LIGHTS",
    "SITES",
    "WAVELENGTHS",
    "Coefficients",
    "FaceSkin",
    "Light",
    "Numbers",
    "OxygenProfile",
    "Shape",
    "SkinTable",
    "UnderEyeColour",
    "coefficients",
    "difference",
    "lab",
    "light",
    "light_in",
    "linear_rgb",
    "lit",
    "numbers",
    "oxygen_profile",
    "reflectance",
    "same_pigment",
    "shade",
    "skin_table",
    "srgb",
    "typology_angle",
    "under_eye",
    "xyz",
    "xyz_of_lab",
    "xyz_of_linear",
]
