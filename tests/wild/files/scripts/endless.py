# Work that must not be done: it writes, downloads, sleeps, starts programs, deletes and exits.
# networks: Net
# assumed: nothing says otherwise
# left out: calls subprocess.run; calls os.system; opens a file; asks for input; may raise; may loop forever; ends the program
import atexit
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request

import torch
from torch import nn

subprocess.run(["touch", "ran.txt"])
os.system("touch ran2.txt")
shutil.rmtree("data", ignore_errors=True)
urllib.request.urlretrieve("https://example.org/weights.pth", "weights.pth")
with open("log.txt", "a") as log:
    log.write("started\n")
threading.Thread(target=lambda: time.sleep(1000)).start()
signal.signal(signal.SIGINT, lambda *a: sys.exit(0))
atexit.register(lambda: open("bye.txt", "w"))
answer = input("Continue? [y/n] ")
if answer == "n":
    sys.exit(1)
if not torch.cuda.is_available():
    raise SystemExit("needs a GPU")
if not os.path.exists("data"):
    print("no data"); exit()
assert len(sys.argv) > 1, "usage: endless.py DATA"
DATA = sys.argv[1]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 16, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.ReLU(),  # finds: CW303
        )
        self.classifier = nn.Linear(16, 10)

    def forward(self, x):
        return self.classifier(self.features(x).mean([2, 3]))


while not os.path.exists("stop"):
    time.sleep(60)
sys.exit(0)
