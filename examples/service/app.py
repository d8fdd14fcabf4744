"""A gradient behind HTTP: the emitted module and FastAPI, without symdiff where it runs."""

# symdiff grad "mean(log(1 + exp(-y*(X @ w))))" --wrt w \
#     --shape "X: N 3" --shape "w: 3" --shape "y: N" -o gradient.py
# uvicorn app:app
# curl -X POST localhost:8000/value_and_grad -H "content-type: application/json" \
#     -d '{"w": [0, 0, 0], "X": [[1, 2, 3]], "y": [1]}'

import gradient  # the emitted file, beside this one
import numpy as np
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel


class Point(BaseModel):
    """The inputs, as lists."""

    w: list[float]
    X: list[list[float]]
    y: list[float]


app = FastAPI(title="A loss and its gradient")


@app.get("/")
def about() -> dict[str, str]:
    """What is computed, in the words of the emitted file."""
    return {"value": gradient.value.__doc__, "gradient": gradient.value_and_grad.__doc__}


@app.post("/value_and_grad")
def value_and_grad(point: Point) -> dict[str, float | list[float]]:
    """The loss and its gradient by w."""
    arrays = {name: np.array(part, float) for name, part in point.model_dump().items()}
    try:
        value, by_w = gradient.value_and_grad(**arrays)
    except ValueError as error:  # a shape, in the emitted module's words
        raise HTTPException(422, str(error)) from None
    return {"value": float(value), "gradient": by_w.tolist()}
