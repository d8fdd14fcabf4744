"""The yield of a bond from its price."""


def bond_yield(price, coupon, years=6):
    y = coupon / price
    for _ in range(30):
        value = 0.0
        slope = 0.0
        for t in range(1, years + 1):
            cash = coupon if t < years else coupon + 100
            value += cash / (1 + y) ** t
            slope -= t * cash / (1 + y) ** (t + 1)
        change = (value - price) / slope
        y -= change
        if abs(change) < 1e-12:
            break
    return y


EXAMPLES = [dict(price=95.0, coupon=4.0), dict(price=110.0, coupon=6.0)]
