"""The portal of a university finance club, with its assistant behind a login."""
