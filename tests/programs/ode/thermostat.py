"""A room with a heater that switches between two temperatures."""


def thermostat(outside, power, insulation, target=20.0):
    temperature = 15.0
    heating = True
    used = 0.0
    for minute in range(40):
        if temperature > target + 0.5:
            heating = False
        elif temperature < target - 0.5:
            heating = True
        gain = power if heating else 0.0
        temperature += gain - (temperature - outside) * insulation
        if heating:
            used += power
    return used + temperature


EXAMPLES = [
    dict(outside=5.0, power=1.5, insulation=0.03),
    dict(outside=-5.0, power=1.0, insulation=0.03),
]
STEP = 1e-5
