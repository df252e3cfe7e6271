def evaluate(run, path): pass
