"""A portfolio as a dataclass, one of which is made from the other."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Account:
    cash: float
    shares: float

    def worth(self, price):
        return self.cash + self.shares * price


def trade(account, price, target):
    wanted = target * account.worth(price) / price
    change = wanted - account.shares
    if change > 0:
        fee = 0.01 * change * price
    else:
        fee = -0.02 * change * price
    return replace(account, cash=account.cash - change * price - fee, shares=wanted)


def data_class_replace(first, second, target):
    account = Account(cash=100.0, shares=2.0)
    account = trade(account, first, target)
    account = trade(account, second, target)
    return account.worth(second)


EXAMPLES = [dict(first=10.0, second=14.0, target=0.5), dict(first=60.0, second=40.0, target=0.3)]
