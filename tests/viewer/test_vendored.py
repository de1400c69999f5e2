"""Libraries that the wheel carries for the browser are those that `vendor.toml` names, with their licences."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

import venolymph

VENDOR = Path(venolymph.__file__).parent / "viewer" / "assets" / "vendor"
FILES = tomllib.loads((VENDOR / "vendor.toml").read_text("utf-8"))["file"]


def test_files_are_those_of_the_table() -> None:
    found = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in VENDOR.iterdir()}
    del found["vendor.toml"]
    licences = {one["licence_file"] for one in FILES}
    assert {name: digest for name, digest in found.items() if name not in licences} == {
        one["name"]: one["sha256"] for one in FILES
    }
    assert licences <= set(found)


def test_licences_let_others_pass_them_on() -> None:
    for one in FILES:
        assert one["licence"] == "MIT"
        assert "Permission is hereby granted" in (VENDOR / one["licence_file"]).read_text("utf-8")


def test_scripts_import_each_other_by_name_only() -> None:
    known = {one["module"] for one in FILES}
    for one in FILES:
        if one["name"].endswith(".js"):
            text = (VENDOR / one["name"]).read_text("utf-8")
            assert set(re.findall(r'(?:from|import)\s*"([^"]+)"', text)) <= known, one["name"]
