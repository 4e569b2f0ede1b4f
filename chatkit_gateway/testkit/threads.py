"""Conversations kept in memory: they outlive a session and a page, but not the emulator."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from .api_errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = dict[str, Any]
"""A thread item as the ChatKit protocol has it."""

_Entry = TypeVar("_Entry")
_DEFAULT_PAGE, _LARGEST_PAGE = 20, 100


@dataclass(slots=True)
class Page:
    """A part of a list, in the order asked for."""

    data: list[Any]
    has_more: bool
    last: str | None

    def as_json(self) -> dict[str, Any]:
        """The page as the ChatKit protocol has it."""
        after = {"after": self.last} if self.has_more else {}
        return {"data": self.data, "has_more": self.has_more} | after


@dataclass(slots=True)
class Thread:
    """One conversation of one user."""

    id: str
    user: str
    created_at: float
    title: str | None = None
    items: list[Item] = field(default_factory=list)

    def new_item(self, created_at: float, kind: str, **content: Any) -> Item:
        """An item of this type for this thread, not yet among its items."""
        return {
            "id": f"cthi_{secrets.token_hex(16)}",
            "thread_id": self.id,
            "created_at": timestamp(created_at),
            "type": kind,
        } | content

    def cut_after(self, item_id: str) -> Item:
        """Forget all that followed a user's message; the message itself."""
        for position, item in enumerate(self.items):
            if item["id"] == item_id and item["type"] == "user_message":
                del self.items[position + 1 :]
                return item
        raise ApiError(404, f"User message with id '{item_id}' not found.", param="item_id")

    def page(self, *, limit: int | None, order: str, after: str | None) -> Page:
        """Some of its items."""
        return paginate([(i["id"], i) for i in self.items], limit=limit, order=order, after=after)

    def as_json(self, items: Page | None = None) -> dict[str, Any]:
        """The thread as the ChatKit protocol has it, without items unless they are given."""
        title = {} if self.title is None else {"title": self.title}
        return {
            "id": self.id,
            "created_at": timestamp(self.created_at),
            "status": {"type": "active"},
            "metadata": {},
            "items": (items or Page([], has_more=False, last=None)).as_json(),
        } | title


class Threads:
    """All threads of one emulator, oldest first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_id: dict[str, Thread] = {}

    def create(self, user: str) -> Thread:
        """An empty thread for this user."""
        thread = Thread(f"cthr_{secrets.token_hex(16)}", user, self._clock())
        self._by_id[thread.id] = thread
        return thread

    def get(self, thread_id: str, user: str | None = None) -> Thread:
        """A thread, of this user if one is given; another user's is as absent as an unknown one."""
        thread = self._by_id.get(thread_id)
        if thread is None or user not in (None, thread.user):
            raise ApiError(404, f"Thread with id '{thread_id}' not found.", param="thread_id")
        return thread

    def of(self, user: str | None) -> list[Thread]:
        """This user's threads, or everyone's."""
        return [t for t in list(self._by_id.values()) if user in (None, t.user)]

    def delete(self, thread: Thread) -> None:
        """Forget a thread."""
        self._by_id.pop(thread.id, None)

    def clear(self) -> None:
        """Forget them all."""
        self._by_id.clear()


def paginate(
    entries: Sequence[tuple[str, _Entry]],
    *,
    limit: int | None,
    order: str,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """A page of entries with their ids, which come oldest first; the cursors are not part of it."""
    ordered = list(entries) if order == "asc" else list(reversed(entries))
    ids = [entry_id for entry_id, _ in ordered]
    start = _position(ids, after) + 1 if after else 0
    end = _position(ids, before) if before else len(ordered)
    size = min(max(limit or _DEFAULT_PAGE, 1), _LARGEST_PAGE)
    chosen = ordered[start:end][:size]
    return Page(
        data=[entry for _, entry in chosen],
        has_more=start + size < end,
        last=chosen[-1][0] if chosen else None,
    )


def timestamp(seconds: float) -> str:
    """A moment as the ChatKit protocol writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _position(ids: list[str], cursor: str) -> int:
    try:
        return ids.index(cursor)
    except ValueError:
        raise ApiError(404, f"Nothing with id '{cursor}' to continue from.") from None
