"""A neuron that integrates, leaks, fires and is set back."""


def neuron(current, leak, threshold):
    v = 0.0
    spikes = 0
    trace = 0.0
    for t in range(50):
        v += 0.1 * (current - leak * v)
        if v >= threshold:
            v -= threshold
            spikes += 1
        trace += v
    return trace / 50 + spikes


EXAMPLES = [dict(current=1.5, leak=0.3, threshold=1.0), dict(current=0.5, leak=0.8, threshold=1.0)]
STEP = 1e-5
