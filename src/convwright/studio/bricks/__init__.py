"""The chapter's lessons on convolution and pooling, on a photograph: computed by the layers themselves."""
