"""The stress in a material given by a table of strains, extended on both sides."""


def material_table(strain, scale):
    table = [(0.0, 0.0), (0.001, 200.0), (0.01, 250.0), (0.05, 300.0)]
    sign = 1 if strain >= 0 else -1
    e = abs(strain)
    for (e0, s0), (e1, s1) in zip(table, table[1:]):
        if e <= e1:
            return sign * scale * (s0 + (s1 - s0) * (e - e0) / (e1 - e0))
    return sign * scale * table[-1][1]


EXAMPLES = [
    dict(strain=0.0005, scale=1.1),
    dict(strain=-0.004, scale=1.1),
    dict(strain=0.03, scale=1.1),
    dict(strain=-0.2, scale=1.1),
]
STEP = 1e-5
