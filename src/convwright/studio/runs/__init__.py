"""The runs below the working folder: what there is, how far it is, and what can be started, stopped and looked at."""
