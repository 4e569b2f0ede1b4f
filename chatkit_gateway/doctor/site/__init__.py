"""The site at its public address, seen as a browser sees it."""
