"""Report on a comparison of transfer strategies: its page, tables and pictures."""
