"""A store that orders when the stock is low, over given demands."""


def inventory(level, order, demands=(3.0, 5.0, 2.0, 7.0, 4.0)):
    stock = 10.0
    cost = 0.0
    for demand in demands:
        sold = min(stock, demand)
        stock -= sold
        cost += 2.0 * (demand - sold)
        if stock < level:
            stock += order
            cost += 1.0 + 0.1 * order
        cost += 0.05 * stock
    return cost


EXAMPLES = [dict(level=4.0, order=6.5), dict(level=9.0, order=2.5)]
