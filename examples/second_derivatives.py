"""y = x**3 differentiated twice: a derivative is a function again."""

import symdiff as sd


def y(x):
    return x**3


first = sd.grad(y)
second = sd.grad(first)
print(f"y' = {first(2.0)}, y'' = {second(2.0)}")

f = sd.function("x**3")  # the same for a formula
print(f"y' = {f.grad()(2.0)}, y'' = {f.grad().grad()(2.0)}")
