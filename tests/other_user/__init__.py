"""An app of another site: its users have neither groups nor permissions."""
