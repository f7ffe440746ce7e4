import os
import sys
import time

_, term_width = os.popen('stty size', 'r').read().split()
term_width = int(term_width)
last_time = time.time()


def progress_bar(current, total, msg=None):
    sys.stdout.write(' ' * (term_width - int(65 * current / total)))
