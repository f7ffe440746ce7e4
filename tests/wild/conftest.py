"""The files here are read by the tests, and must not be imported by pytest."""

collect_ignore_glob = ["files/*"]
