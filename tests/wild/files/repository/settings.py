# networks:
# left out: writes
import os
WIDTH = 12

os.makedirs("ran")
