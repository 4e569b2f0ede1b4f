"""The portal's ASGI application."""

import os
import threading

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pitchguard_site.settings")

application = get_asgi_application()

# While the server is coming up nobody waits yet for what the first issuance has to import.
from chatkit_gateway.backends.contract import warm_up  # noqa: E402

threading.Thread(target=warm_up, name="chatkit-warm-up", daemon=True).start()
