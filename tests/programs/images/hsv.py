"""The hue, saturation and value of a colour."""


def hsv(r, g, b):
    top, bottom = max(r, g, b), min(r, g, b)
    span = top - bottom
    if span == 0:
        hue = 0.0
    elif top == r:
        hue = ((g - b) / span) % 6
    elif top == g:
        hue = (b - r) / span + 2
    else:
        hue = (r - g) / span + 4
    saturation = span / top if top > 0 else 0.0
    return hue / 6, saturation, top


EXAMPLES = [dict(r=0.8, g=0.3, b=0.5), dict(r=0.2, g=0.7, b=0.3), dict(r=0.1, g=0.2, b=0.9)]
