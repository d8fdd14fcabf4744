"""y = x**3 differentiated twice: a derivative is a function again."""

import symdiff as sd


def y(x):
    return x**3


first = sd.grad(y)
second = sd.grad(first)
print(f"function: y' = {first(2.0)}, y'' = {second(2.0)}")

f = sd.function("x**3")
print(f"formula:  y' = {f.grad()(2.0)}, y'' = {f.grad().grad()(2.0)}")
