# networks:
# left out: prints
WIDTH = 4
print("configured")
