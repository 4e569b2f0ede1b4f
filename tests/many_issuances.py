"""A PostgreSQL full of issuances, in seconds, as a year of use would leave it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from chatkit_gateway.models import Issuance, Revocation

MILLION = 1_000_000
RARE_CODE, RARE_ASSISTANT, LEAVER = "sdk_missing", "board", "Leaver"
"""Only the oldest rows have them: what a list from the newest on has to go furthest for."""
NEW_ASSISTANT, NEWCOMER = "news", "Newcomer"
"""Only the newest rows have them: what the first date is furthest from."""

_ISSUANCES = """
INSERT INTO {table} (
    member_id, username, assistant, backend, workflow_id, outcome, error_code, status,
    session_id, fingerprint, login_id, expires_at, upstream_request_id, upstream_ms, refresh,
    ip_address, user_agent, origin, reference, created_at
)
SELECT
    1000000 + who,
    CASE
        WHEN n <= %(rows)s / 20 AND n %% 25 = 9 THEN 'Leaver'
        WHEN n > %(rows)s * 0.99 AND n %% 50 = 8 THEN 'Newcomer'
        ELSE 'Member.' || lpad(who::text, 3, '0') END,
    CASE WHEN n <= 40 THEN 'board' WHEN n > %(rows)s * 0.995 THEN 'news' ELSE 'default' END,
    'chatkit_gateway.backends.hosted.HostedBackend', 'wf_0123456789abcdef', outcome,
    CASE outcome
        WHEN 'denied' THEN 'not_a_member'
        WHEN 'throttled' THEN 'quota_exceeded'
        WHEN 'failed' THEN CASE WHEN n <= 400 THEN 'sdk_missing' ELSE 'upstream_timeout' END
        ELSE '' END,
    CASE outcome
        WHEN 'issued' THEN 200 WHEN 'denied' THEN 403 WHEN 'throttled' THEN 429 ELSE 504 END,
    CASE outcome WHEN 'issued' THEN 'cksess_' || repeat(mark, 2) ELSE '' END,
    CASE outcome WHEN 'issued' THEN repeat(mark, 4) ELSE '' END,
    repeat(lpad(to_hex(n / 20), 16, '0'), 4),
    CASE outcome WHEN 'issued' THEN moment + interval '10 minutes' END,
    CASE WHEN outcome IN ('issued', 'failed') THEN 'req_' || repeat(mark, 2) ELSE '' END,
    CASE WHEN outcome IN ('issued', 'failed') THEN 200 + n %% 900 END,
    n %% 3 = 0,
    '10.0.0.0'::inet + n,
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0',
    'https://portal.example.org', left(mark, 12), moment
FROM (
    SELECT
        n, lpad(to_hex(hashint8extended(n, 0)), 16, '0') AS mark, n * 7919::bigint %% 397 AS who,
        now() - interval '1 minute' - (%(rows)s - n) * (interval '365 days' / %(rows)s) AS moment,
        CASE
            WHEN n %% 100 < 2 THEN 'failed'
            WHEN n %% 100 < 4 THEN 'throttled'
            WHEN n %% 100 < 7 THEN 'denied'
            ELSE 'issued' END AS outcome
    FROM generate_series(1, %(rows)s) AS n
) AS made
"""
_REVOCATIONS = """
INSERT INTO {table} (
    issuance_id, cause, revoked_by, reason, ended, answer, upstream_request_id, created_at
)
SELECT id, 'logout', '', '', true, 'cancelled', '', created_at + interval '1 minute'
FROM {issuances} WHERE outcome = 'issued' AND id %% 20 = 0
"""


def fill(rows: int) -> None:
    """Add so many issuances, and revocations of a twentieth of them."""
    issuances, revocations = Issuance._meta.db_table, Revocation._meta.db_table
    with connection.cursor() as cursor:
        with transaction.atomic(), _unindexed(cursor, Issuance), _unindexed(cursor, Revocation):
            cursor.execute(_ISSUANCES.format(table=issuances), {"rows": rows})
            cursor.execute(_REVOCATIONS.format(table=revocations, issuances=issuances), {})
        cursor.execute(f"VACUUM ANALYZE {issuances}, {revocations}")


@contextmanager
def _unindexed(cursor: Any, model: type[models.Model]) -> Iterator[None]:
    """Build the model's indexes after the block, in a fraction of what each row would cost."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname <> ALL (%s)",
        [model._meta.db_table, [f"{model._meta.db_table}_pkey"]],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    cursor.execute("SET maintenance_work_mem = '256MB'")
    for _name, definition in indexes:
        cursor.execute(definition)
