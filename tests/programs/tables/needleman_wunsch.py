"""The score of an alignment, with a table in a dictionary."""


def needleman_wunsch(match, mismatch, gap):
    a, b = "GATTACA", "GCATGC"
    F = {}
    for i in range(len(a) + 1):
        F[i, 0] = gap * i
    for j in range(len(b) + 1):
        F[0, j] = gap * j
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            score = match if a[i - 1] == b[j - 1] else mismatch
            F[i, j] = max(F[i - 1, j - 1] + score, F[i - 1, j] + gap, F[i, j - 1] + gap)
    return F[len(a), len(b)]


EXAMPLES = [dict(match=1.0, mismatch=-0.7, gap=-1.1)]
