from yacs.config import CfgNode as CN

_C = CN()
_C.MODEL = CN()
_C.MODEL.NAME = "TinyNet"
_C.MODEL.WIDTH = 12
_C.MODEL.NUM_CLASSES = 6
_C.INPUT = CN()
_C.INPUT.SIZE = [40, 40]


def get_cfg_defaults():
    return _C.clone()
