"""Pretrained networks on one's own images, and what comes of them to ship."""
