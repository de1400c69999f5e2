"""Calibration: parameters of one person from what was measured of that person, and what measurements cannot tell.

The core works on any function from parameters to readings; a simulated leg is one such function.
"""
