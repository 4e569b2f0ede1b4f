"""Put a ChatKit assistant behind a Django login."""
