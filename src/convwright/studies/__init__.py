"""Studies: fair experiments on design choices, and what their numbers say."""
