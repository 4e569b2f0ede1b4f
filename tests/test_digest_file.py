"""The file in safe keeping: what finds a chain that was cut off or made anew."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command

from chatkit_gateway.models import Digest
from tests.sealed_audit import issuance, run, seal, sealed_in_five_digests, verify

pytestmark = [pytest.mark.database, pytest.mark.django_db]

LATER = datetime(2026, 11, 26, 4, 17, tzinfo=UTC)
LAST = "Digest 5 (export 1, sealed 2026-11-25T04:17:00.000000+00:00) is in line 5 of the file, but "


def digest(*arguments: str) -> str:
    out = StringIO()
    call_command("chatkit_digest", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with all five digests of the audit."""
    path = tmp_path / "digests.jsonl"
    with sealed_in_five_digests():
        digest("--file", str(path))
    return path


def against(file: Path) -> tuple[int, list[str]]:
    return verify("--file", str(file))


def test_agrees(file: Path) -> None:
    assert against(file) == (0, [])


def test_holds_everything_but_the_row_hashes(file: Path) -> None:
    lines = file.read_text(encoding="utf-8").splitlines()

    stored = list(Digest.objects.order_by("number"))
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4, 5]
    for line, row in zip(lines, stored, strict=True):
        kept = json.loads(line)
        assert set(kept) == {field.name for field in Digest._meta.concrete_fields} - {"rows"}
        assert kept["sha256"] == hashlib.sha256(row.rows).hexdigest()
        assert kept["created_at"] == "2026-11-25T04:17:00.000000+00:00"


def test_can_be_walked_without_us(file: Path) -> None:
    lines = file.read_bytes().splitlines()

    for line, following in pairwise(lines):
        assert json.loads(following)["previous"] == hashlib.sha256(line).hexdigest()
    assert json.loads(lines[0])["previous"] == "0" * 64


def test_is_continued_with_what_it_lacks(file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    assert "0 digests were added" in digest("--file", str(file))
    issuance(13).save()
    digest()
    issuance(14).save()

    assert "2 digests were added" in digest("--file", str(file))

    after = file.read_text(encoding="utf-8")
    assert after.startswith(before)
    assert after.count("\n") == 7
    assert against(file) == (0, [])


def test_is_continued_though_its_last_line_end_was_lost(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").rstrip("\n"), encoding="utf-8")
    issuance(13).save()

    digest("--file", str(file))

    assert file.read_text(encoding="utf-8").count("\n") == 6
    assert against(file) == (0, [])


class TestFinds:
    def test_the_end_of_the_chain_cut_off(self, file: Path) -> None:
        run("DELETE FROM {digest} WHERE number = 5")

        assert verify() == (0, [])
        assert against(file) == (1, [f"{LAST}not in the database."])

    def test_the_end_of_the_chain_cut_off_and_sealed_again(self, file: Path) -> None:
        run("DELETE FROM {digest} WHERE number = 5", "UPDATE {export} SET exported_by = 'otto'")
        digest()

        assert verify() == (0, [])
        assert against(file) == (1, [f"{LAST}differs in the database."])

    def test_everything_made_anew_with_the_sites_key(self, file: Path) -> None:
        run("DELETE FROM {digest}", "UPDATE {issuance} SET username = 'otto' WHERE id = 8")
        seal()

        assert verify() == (0, [])
        status, findings = against(file)
        assert status == 1
        assert [finding.partition(" (")[0] for finding in findings] == [
            f"Digest {number}" for number in (1, 2, 3, 4, 5)
        ]

    def test_an_older_database_put_in_place(self, file: Path) -> None:
        with time_machine.travel(LATER, tick=False):
            issuance(13).save()
            digest("--file", str(file))
        # What the database was before: no 13th issuance, no 6th digest.
        run("DELETE FROM {issuance} WHERE id = 13", "DELETE FROM {digest} WHERE number = 6")

        assert verify() == (0, [])
        assert against(file) == (
            1,
            [
                "Digest 6 (issuance 13, sealed 2026-11-26T04:17:00.000000+00:00) is in line 6 of "
                "the file, but not in the database."
            ],
        )

    def test_every_digest_deleted(self, file: Path) -> None:
        run("DELETE FROM {digest}")

        status, findings = against(file)

        assert status == 1
        assert len(findings) == 5

    def test_an_older_database_that_went_on(self, file: Path) -> None:
        run("DELETE FROM {digest} WHERE number = 5")
        issuance(13).save()

        with pytest.raises(CommandError, match=r"line 5 of the file, but differs") as refused:
            digest("--file", str(file))

        assert "Nothing was added" in str(refused.value)
        assert file.read_text(encoding="utf-8").count("\n") == 5


@pytest.mark.parametrize(
    "line",
    ["", "nonsense", '{"number": 6', "[]", '{"number": "6"}', "[" * 100_000, "\ufffd"],
    ids=lambda line: line[:9],
)
class TestCutOffLine:
    def test_is_found(self, line: str, file: Path) -> None:
        with file.open("a", encoding="utf-8") as end:
            end.write(f"{line}\n")

        assert against(file) == (
            1,
            ["Line 6 of the file is no digest. Was writing it cut off?"],
        )

    def test_is_not_continued(self, line: str, file: Path) -> None:
        with file.open("a", encoding="utf-8") as end:
            end.write(f"{line}\n")

        with pytest.raises(CommandError, match="Line 6 of the file is no digest"):
            digest("--file", str(file))


def test_without_a_file_nothing_can_be_verified(file: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()

    for path in (tmp_path / "missing", tmp_path, empty):
        with pytest.raises(CommandError) as refused:
            call_command("chatkit_verify", "--file", str(path))
        assert refused.value.returncode == 2


def test_a_file_that_cannot_be_written(file: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Nothing was added"):
        digest("--file", str(tmp_path / "no" / "such" / "folder"))


def test_a_number_beyond_any_column(file: Path) -> None:
    with file.open("a", encoding="utf-8") as end:
        end.write(json.dumps({"number": 10**30}) + "\n")

    [finding] = against(file)[1]
    assert finding.endswith("but not in the database.")
