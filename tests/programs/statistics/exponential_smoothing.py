"""Holt's smoothing with a trend: the squared errors of the forecasts."""


def exponential_smoothing(alpha, beta, series=(1.0, 1.3, 1.2, 1.9, 2.4, 2.2)):
    level, trend = series[0], series[1] - series[0]
    loss = 0.0
    for value in series[1:]:
        forecast = level + trend
        loss += (value - forecast) ** 2
        new = alpha * value + (1 - alpha) * forecast
        trend = beta * (new - level) + (1 - beta) * trend
        level = new
    return loss


EXAMPLES = [dict(alpha=0.5, beta=0.2)]
