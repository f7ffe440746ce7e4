# Settings of a package that is missing: what they hold is in the repository's own lines.
# networks:
# assumed:
# left out:
# refused: has no network of its own, it imports; lib/model.py:build_model
import sys

sys.path.insert(0, ".")
from config import get_cfg_defaults
from lib.model import build_model


def main():
    cfg = get_cfg_defaults()
    cfg.merge_from_file(sys.argv[1])
    cfg.freeze()
    model = build_model(cfg)
    print(model)


if __name__ == "__main__":
    main()
