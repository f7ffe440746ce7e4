# Hydra: arguments and sizes lie in conf/config.yaml.
# networks:
# assumed:
# left out: 
# refused: has no network of its own, it imports; src/net.py:Net
import hydra
import torch
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf

from src.net import Net


@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(cfg: DictConfig) -> None:
    print(OmegaConf.to_yaml(cfg))
    torch.manual_seed(cfg.seed)
    model = Net(cfg.model.width, cfg.model.depth, cfg.data.num_classes)
    if torch.cuda.is_available():
        model.cuda()


if __name__ == "__main__":
    main()
