"""Lessons and the recordings that come with the program."""
