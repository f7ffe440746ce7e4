"""While a user's network is built or traced, nothing is fetched or loaded, and nothing moves to a GPU."""
