"""o = 1/2 sum(x**2) step by step: x, squared, y, summed, times 1/2, o; and the gradient back."""

import numpy as np

import symdiff as sd


def o(x):
    y = x**2
    return 0.5 * np.sum(y)


x = np.array([2.0, 4.0])
y = x**2
total = np.sum(y)
print(f"forward:  x = {x}, y = x**2 = {y}, sum(y) = {total}, o = {0.5 * total}")

y_bar = 0.5 * np.ones(2)  # do/dy: the factor 1/2 for each element of the sum
x_bar = y_bar * 2 * x  # the chain rule: dy/dx = 2*x
print(f"backward: do/dy = {y_bar}, do/dx = do/dy * 2*x = {x_bar}")

value, gradient = sd.value_and_grad(o)(x)
print(f"symdiff:  o = {value}, do/dx = {gradient}")

source = sd.function(o, shapes={"x": ("N",)}).grad().emit()
body = source[source.index("def _value_and_grad") : source.index("def value(")]
print(f"the code that computes it:\n{body.rstrip()}")
