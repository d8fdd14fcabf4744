"""The months until a loan is paid back, with a part of a month at the end."""


def mortgage(loan, rate, payment):
    if payment <= loan * rate:
        raise ValueError("the payment does not cover the interest")
    months = 0
    interest = 0.0
    while loan > 0:
        due = loan * rate
        interest += due
        if loan + due < payment:
            return interest + 0.1 * months
        loan = loan + due - payment
        months += 1
    return interest


EXAMPLES = [dict(loan=1000.0, rate=0.01, payment=150.0), dict(loan=500.0, rate=0.02, payment=97.0)]
RAISES = [dict(loan=1000.0, rate=0.01, payment=5.0)]
STEP = 1e-4
