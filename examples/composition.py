"""The chain rule on f = (x**2)**3: the derivative of a composition, and what it is made of."""

import symdiff as sd


def square(x):
    return x**2


def cube(y):
    return y**3


def f(x):
    return cube(square(x))


x = 2.0
outer = sd.grad(cube)(square(x))  # 3*y**2 at y = 4
inner = sd.grad(square)(x)  # 2*x at x = 2
print(f"outer: {outer}")
print(f"inner: {inner}")
print(f"their product: {outer * inner}")
print(f"df/dx: {sd.grad(f)(x)}")
