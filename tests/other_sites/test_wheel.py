"""The package as it is published."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tests.pages import ROOT


def test_holds_the_package_and_nothing_else(wheel: Path) -> None:
    assert wheel.name.startswith("django_chatkit_gateway-")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = {name for name in names if ".dist-info/" not in name}
    assert package == {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "chatkit_gateway").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert [name for name in names if name.endswith(".dist-info/licenses/LICENSE")]
    assert {
        "chatkit_gateway/py.typed",
        "chatkit_gateway/migrations/0001_initial.py",
        "chatkit_gateway/templates/chatkit_gateway/widget.html",
        "chatkit_gateway/static/chatkit_gateway/gateway.js",
        "chatkit_gateway/static/chatkit_gateway/gateway.d.ts",
        "chatkit_gateway/static/chatkit_gateway/widget/chatkit.js",
        "chatkit_gateway/static/chatkit_gateway/widget/vendor/LICENSE-dompurify",
        "chatkit_gateway/static/chatkit_gateway/widget/vendor/LICENSE-marked",
        "chatkit_gateway/static/chatkit_gateway/admin/vendor/LICENSE-chartjs",
        "chatkit_gateway/static/chatkit_gateway/admin/vendor/chart.umd.min.js",
        "chatkit_gateway/templates/admin/chatkit_gateway/issuance/usage.html",
    } <= package
