"""The distance of two words with costs that are learned."""


def edit_distance(insert, delete, change, word="kite", other="sites"):
    previous = [j * insert for j in range(len(other) + 1)]
    for i in range(len(word)):
        current = [(i + 1) * delete]
        for j in range(len(other)):
            best = previous[j]
            if word[i] != other[j]:
                best = best + change
            best = min(best, previous[j + 1] + delete, current[j] + insert)
            current.append(best)
        previous = current
    return previous[-1]


EXAMPLES = [dict(insert=1.0, delete=1.1, change=1.5), dict(insert=0.4, delete=0.3, change=1.5)]
