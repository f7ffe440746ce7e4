"""Rules about parameters, compute and memory spent for little."""
