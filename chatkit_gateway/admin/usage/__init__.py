"""The Usage page: figures of the audit for a range of time, as tables and as charts."""

from chatkit_gateway.admin.usage.view import usage_page

__all__ = ["usage_page"]
