class Registry(dict):
    def register(self, name=None):
        def inner(cls):
            self[name or cls.__name__] = cls
            return cls

        return inner


MODELS = Registry()
