from ..errors import ConvwrightError
def op_failed(kind,bound,error,path,place,tree): return ConvwrightError(f"{path} {kind} {place} {error} {dict(bound)}")
def data_dependent(name,path,place): return ConvwrightError(f"data dep {name} {path} {place}")
def model_raised(error,path): return ConvwrightError(f"raised {path} {error!r}")
