"""Classify the photographs that ship with the package, with weights that need no hub."""

import torch
from PIL import Image

import convwright
from convwright.data import sample_images

model = convwright.build("efficientnet_lite0", weights="package").eval()
for name, path in sample_images().items():
    with Image.open(path) as image, torch.inference_mode():
        probabilities = model(model.preprocessing(image)[None]).softmax(1)[0]
    best = int(probabilities.argmax())
    print(f"{name}: {model.class_names[best]} ({probabilities[best]:.2f})")
