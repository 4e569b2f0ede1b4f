"""A backend whose secrets this site checks: nobody has to be asked when they end."""

from __future__ import annotations


class ChecksItself:
    """As far as ending a secret goes."""

    mode = "self_hosted"
    revoked_by_row = True
    workflow_id = ""

    def __init__(self, assistant: object) -> None:
        raise AssertionError("there is nothing to ask it")
